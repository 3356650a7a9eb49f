"""`Io` of the synchronous client."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from hub_typed.errors import CancelledError
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from concurrent.futures import Future

from hub_typed.http.base_io import MAX_QUEUED_CHUNKS, BaseIo, PipeSink
from hub_typed.http.cancellation import Cancellation, cancellable, current_cancellation
from hub_typed.http.io import R, Sink, T, drive

__all__ = ["ThreadIo"]


class ThreadIo(BaseIo):
    """`Io` of the synchronous client."""

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        return self._send(request, sink, timeout, deadline)

    async def sleep(self, seconds: float) -> None:
        cancellation = current_cancellation.get()
        if cancellation is None:
            time.sleep(seconds)
            return
        woken = threading.Event()
        cancellation.add(woken.set)
        woken.wait(seconds)
        cancellation.remove(woken.set)
        cancellation.check()

    async def run_blocking(self, do: Callable[[], T]) -> T:
        return do()

    async def each(
        self, do: Callable[[R], Coroutine[Any, Any, T]], items: Iterable[R], *, limit: int | None = None
    ) -> list[T]:
        """Run items on the calling thread and on free threads of the budget, so nested calls never deadlock."""
        todo = list(items)
        results: dict[int, T] = {}
        queue = iter(enumerate(todo))
        lock = threading.Lock()
        failures: list[BaseException] = []

        with cancellable() as cancellation:

            def worker() -> None:
                while not cancellation.stopped:
                    with lock:
                        position, item = next(queue, (-1, None))
                    if position < 0:
                        return
                    try:
                        results[position] = drive(do(item))  # type: ignore[arg-type]  # None only marks the end of the queue
                    except BaseException as error:
                        with lock:
                            failures.append(error)
                        cancellation.stop()

            concurrency = self.settings.concurrency
            helpers = self._threads.borrow(min(limit or concurrency, concurrency, len(todo)) - 1)
            pool = self._threads.pool()
            running: list[Future[None]] = []
            with suppress(RuntimeError):  # at interpreter shutdown, as in atexit handlers, no thread can be started
                running.extend(pool.submit(copy_context().run, worker) for _ in range(helpers))
            try:
                worker()
                for helper in running:
                    helper.result()
            except BaseException:  # Ctrl-C while waiting
                cancellation.stop()
                raise
            finally:
                for helper in running:
                    if not helper.cancel():
                        helper.exception()
                self._threads.release(helpers)
        if failures:
            raise first_failure(failures)
        return [results[position] for position in range(len(todo))]

    async def stream(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        from queue import Empty, Full, Queue

        chunks: Queue[bytes] = Queue(MAX_QUEUED_CHUNKS)
        cancellation = Cancellation(current_cancellation.get())

        def put(chunk: bytes) -> None:
            while True:
                cancellation.check()
                with suppress(Full):
                    chunks.put(chunk, timeout=0.1)
                    return

        # Only the thread runs under this cancellation; the caller's code between two chunks does not.
        context = copy_context()
        context.run(current_cancellation.set, cancellation)
        running = self._threads.pool().submit(context.run, drive, do(PipeSink(put)))
        woken = False

        def wake(_: object) -> None:
            with suppress(Full):  # a full queue wakes the reader anyway
                chunks.put_nowait(b"")

        running.add_done_callback(wake)
        try:
            while not (woken and chunks.empty()):
                with suppress(Empty):
                    if chunk := chunks.get(timeout=0.5):
                        yield chunk
                woken = running.done()
            running.result()
        finally:
            cancellation.stop()
            if not running.cancel():
                running.exception()
            cancellation.end()


def first_failure(failures: list[BaseException]) -> BaseException:
    """Return the failure that stopped the other workers, not a cancellation it caused."""
    return next((error for error in failures if not isinstance(error, CancelledError)), failures[0])
