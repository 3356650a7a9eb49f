"""Workers of `ThreadIo.each`: the calling thread and free threads of the budget."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Generic

from hub_typed.errors import CancelledError
from hub_typed.http.base_io import ThreadBudget
from hub_typed.http.cancellation import cancellable
from hub_typed.http.cpu_meter import CpuMeter, current_meter
from hub_typed.http.io import R, T, drive
from hub_typed.http.worker_count import WorkerCount

if TYPE_CHECKING:
    from concurrent.futures import Future

    from hub_typed.http.cancellation import Cancellation

__all__: list[str] = []


class ThreadWorkers(Generic[R, T]):
    """Runs a coroutine function for each item on several threads."""

    def __init__(
        self,
        do: Callable[[R], Coroutine[Any, Any, T]],
        items: Sequence[R],
        threads: ThreadBudget,
        *,
        limit: int,
        adaptive: bool,
    ) -> None:
        """Prepare the work.

        Args:
            limit: Maximum number of threads, that of the caller included.
            adaptive: Whether to use only as many as are useful; see `worker_count`.
        """
        self._do = do
        self._items = items
        self._threads = threads
        self._count = WorkerCount(limit) if adaptive else None
        self._limit = limit
        self._lock = threading.Lock()
        self._next = 0
        self._helpers = 0
        self._running: list[Future[None]] = []
        self._results: dict[int, T] = {}
        self._failures: list[BaseException] = []

    def run(self) -> list[T]:
        """Run all items and return their results in order; the first error cancels the others and is raised."""
        with cancellable() as cancellation:
            self._start_helpers(cancellation)
            try:
                self._work(cancellation, is_helper=False)
                for helper in self._running:  # a helper may append further ones until it ends
                    helper.result()
            except BaseException:  # Ctrl-C while waiting
                cancellation.stop()
                raise
            finally:
                for helper in self._running:
                    if helper.cancel():
                        self._threads.release(1)
                    else:
                        helper.exception()
        if self._failures:
            raise first_failure(self._failures)
        return [self._results[position] for position in range(len(self._items))]

    def _work(self, cancellation: Cancellation, *, is_helper: bool) -> None:
        try:
            while not cancellation.stopped and (position := self._take(is_helper)) is not None:
                seconds, elapsed = self._run_item(position, is_helper)
                if self._count is not None:
                    with self._lock:
                        changed = self._count.add(seconds, elapsed)
                    if changed:
                        self._start_helpers(cancellation)
        except BaseException as error:
            with self._lock:
                self._failures.append(error)
            cancellation.stop()
        finally:
            if is_helper:
                self._threads.release(1)

    def _run_item(self, position: int, is_helper: bool) -> tuple[float, float]:
        """Run an item; return the seconds of the processor and of the clock that it took."""
        outer = current_meter.get()
        meter = CpuMeter(outer)
        token = current_meter.set(meter)
        began, computed = time.perf_counter(), time.thread_time()
        try:
            self._results[position] = drive(self._do(self._items[position]))
        finally:
            current_meter.reset(token)
        own = time.thread_time() - computed
        if outer is not None and is_helper:
            outer.add(own)
        return meter.seconds + own, time.perf_counter() - began

    def _take(self, is_helper: bool) -> int | None:
        """Take the next item; ``None`` if there is none, or if there are more helpers than useful."""
        with self._lock:
            if is_helper and self._count is not None and self._helpers >= self._count.count:
                self._helpers -= 1
                return None
            position = self._next
            self._next += 1
            return position if position < len(self._items) else None

    def _start_helpers(self, cancellation: Cancellation) -> None:
        """Start threads up to the useful number, as far as the budget has free ones."""
        with self._lock:
            useful = self._limit if self._count is None else self._count.count
            left = len(self._items) - self._next
            added = self._threads.borrow(min(useful - 1 - self._helpers, left))
            self._helpers += added
        for number in range(added):
            try:
                pool = self._threads.pool()
                helper = pool.submit(copy_context().run, self._run_helper, cancellation)
            except RuntimeError:  # at interpreter shutdown, as in atexit handlers, no thread can be started
                self._threads.release(added - number)
                return
            self._running.append(helper)

    def _run_helper(self, cancellation: Cancellation) -> None:
        self._work(cancellation, is_helper=True)


def first_failure(failures: list[BaseException]) -> BaseException:
    """Return the failure that stopped the other workers, not a cancellation it caused."""
    return next((error for error in failures if not isinstance(error, CancelledError)), failures[0])
