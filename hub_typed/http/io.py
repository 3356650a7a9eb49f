"""What a flow may ask of the world, and the two worlds there are.

A flow is an ``async def`` that touches the world through `Io` alone. Under `ThreadIo` nothing ever suspends, so one
``send(None)`` runs the whole flow, without an event loop, also in notebooks; under `AsyncIo` the same text runs in the
caller's loop. Each client has one bounded budget of threads, however deep its flows nest.
"""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Coroutine, Generator, Iterable
from contextlib import contextmanager, suppress
from contextvars import ContextVar, copy_context
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from hub_typed.auth.tokens import checked_argument
from hub_typed.errors import CancelledError
from hub_typed.logs.redaction import remember, settings_secrets
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

    from hub_typed.auth.tokens import Token
    from hub_typed.settings import Settings

__all__ = ["AsyncIo", "Cancellation", "Io", "Sink", "ThreadIo", "Transport", "drive", "drive_all"]

T = TypeVar("T")
R = TypeVar("R")
PIECES = 16
"""Pieces of a stream that wait for their reader at most; after that, nothing more is read from the socket."""


class Sink(Protocol):
    """Where the body of an answer goes, piece by piece, instead of into memory."""

    def begin(self, response: Response) -> bool:
        """The head of the answer is there; say whether the body is wanted here."""
        ...

    def write(self, piece: bytes) -> None:
        """The next bytes of the body."""
        ...


class Cancellation:
    """Stops what runs under it: nothing new begins, sockets are shut down."""

    def __init__(self, parent: Cancellation | None = None, *, seconds: float | None = None) -> None:
        """Make one.

        Args:
            parent: Stops this one with it.
            seconds: How long the answer that is waited for under it may take; whoever waits sees to that.
        """
        self.seconds = seconds
        self.expired: bool = False
        self._parent = parent
        self._lock = threading.Lock()
        self._stoppers: list[Callable[[], None]] = []
        self._stopped = False
        if parent is not None:
            parent.add(self.stop)

    @property
    def stopped(self) -> bool:
        """Whether it was stopped."""
        return self._stopped

    def check(self) -> None:
        """Go on only if it was not stopped.

        Raises:
            CancelledError: It was.
        """
        if self._stopped:
            raise CancelledError("The work was stopped: something beside it failed, or the caller asked for it.")

    def stop(self) -> None:
        """Stop all that runs under it, at once."""
        with self._lock:
            self._stopped = True
            stoppers, self._stoppers = self._stoppers, []
        for stopper in stoppers:
            stopper()

    def expire(self) -> None:
        """Stop all that runs under it, since its time is over."""
        self.expired = True
        self.stop()

    def after_fork(self) -> None:
        """In a forked child: a lock that another thread held at that moment is never released."""
        self._lock = threading.Lock()
        if self._parent is not None:
            self._parent.after_fork()

    def add(self, stopper: Callable[[], None]) -> None:
        """Have this called when it is stopped; at once if it is already."""
        with self._lock:
            if not self._stopped:
                self._stoppers.append(stopper)
                return
        stopper()

    def remove(self, stopper: Callable[[], None]) -> None:
        """What was added has ended by itself."""
        with self._lock:
            if stopper in self._stoppers:
                self._stoppers.remove(stopper)

    def end(self) -> None:
        """Nothing runs under it any more."""
        if self._parent is not None:
            self._parent.remove(self.stop)


_current: ContextVar[Cancellation | None] = ContextVar("hub_typed_cancellation", default=None)


def _in_child() -> None:
    if (cancellation := _current.get()) is not None:
        cancellation.after_fork()


os.register_at_fork(after_in_child=_in_child)


@contextmanager
def _cancellable() -> Generator[Cancellation, None, None]:
    """What runs inside is stopped with what runs outside, and can be stopped by itself."""
    cancellation = Cancellation(_current.get())
    token = _current.set(cancellation)
    try:
        yield cancellation
    finally:
        _current.reset(token)
        cancellation.end()


class Transport(Protocol):
    """Sends one request as it is: no redirect, no retry, no credentials of its own."""

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send a request whose path is a whole URL.

        Args:
            sink: Takes the body if it wants it.
            timeout: Seconds without a byte until the connection counts as dead.
            cancellation: Shuts the socket down when it is stopped. Its ``seconds`` are how long the answer may take in
                all, but for a body that the sink takes; they begin when the body of a `Source` is sent.

        Raises:
            TransportError: There was no whole answer.
            ProtocolError: The answer is larger than the settings allow.
            CancelledError: It was stopped.
            OSError: The source or the sink raised it.
        """
        ...

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        ...


class Io(Protocol):
    """The only door of a flow to sockets, clocks, chance, threads and the caller's wishes."""

    @property
    def settings(self) -> Settings:
        """How the client behaves."""
        ...

    @property
    def token(self) -> Token:
        """The token that the caller asked for."""
        ...

    @property
    def headers(self) -> dict[str, str]:
        """What every request to the Hub carries beside the token."""
        ...

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        """Send one request as it is; see `Transport.send`.

        Args:
            deadline: Seconds for the whole answer; without end if not given.
        """
        ...

    async def pause(self, seconds: float) -> None:
        """Wait."""
        ...

    async def work(self, do: Callable[[], T]) -> T:
        """Do disk or CPU work where it blocks nobody."""
        ...

    async def each(
        self, do: Callable[[R], Coroutine[Any, Any, T]], items: Iterable[R], *, limit: int | None = None
    ) -> list[T]:
        """Run ``do`` for each item, at most ``limit`` at once; the first error stops all the others and is raised."""
        ...

    def flowing(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        """Run ``do`` beside the caller and give, piece by piece, what it writes to its sink; its error ends the pieces.

        Closing the iterator stops it.
        """
        ...

    def now(self) -> float:
        """Seconds since 1970."""
        ...

    def chance(self) -> float:
        """A number from 0 to 1."""
        ...

    def check(self) -> None:
        """Go on only if nobody stopped this flow; for long work.

        Raises:
            CancelledError: It was stopped.
        """
        ...


def drive(flow: Coroutine[Any, Any, T]) -> T:
    """Run a flow whose Io never suspends."""
    try:
        flow.send(None)
    except StopIteration as stop:
        result: T = stop.value
        return result
    flow.close()
    raise RuntimeError("a flow awaited something that is not Io")


async def _step(step: Awaitable[T]) -> T:
    return await step


def drive_all(flow: AsyncIterator[T]) -> Generator[T, None, None]:
    """Iterate over a flow that yields, whose Io never suspends."""
    try:
        while True:
            try:
                item = drive(_step(flow.__anext__()))
            except StopAsyncIteration:
                return
            yield item
    finally:
        if isinstance(flow, AsyncGenerator):
            drive(_step(flow.aclose()))


class _World:
    """What both worlds have in common."""

    def __init__(self, settings: Settings, transport: Transport, token: Token, headers: dict[str, str]) -> None:
        self.settings = settings
        self.token = token
        self.headers = headers
        self.transport = transport
        self._threads = _Threads(settings.concurrency)
        remember(*settings_secrets(settings))

    def signed(self, token: Token) -> Self:
        """The same world with another token; threads and connections are shared."""
        if token is None:
            return self
        other = copy.copy(self)
        other.token = checked_argument(token)
        return other

    def now(self) -> float:
        return time.time()

    def chance(self) -> float:
        from random import random

        return random()

    def check(self) -> None:
        if (cancellation := _current.get()) is not None:
            cancellation.check()

    def _send(
        self, request: Request, sink: Sink | None, timeout: float | None, deadline: float | None = None
    ) -> Response:
        cancellation = _current.get()
        if cancellation is not None:
            cancellation.check()
        seconds = self.settings.read_timeout if timeout is None else timeout
        if deadline is None:
            return self.transport.send(request, sink=sink, timeout=seconds, cancellation=cancellation)
        limited = Cancellation(cancellation, seconds=deadline)
        try:
            return self.transport.send(request, sink=sink, timeout=seconds, cancellation=limited)
        finally:
            limited.end()

    def close(self) -> None:
        """Close connections and end threads; both come back with the next request."""
        self.transport.close()
        self._threads.close()


class _Threads:
    """The budget of threads of one client: made when first needed, dropped in a forked child."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._free = most
        self._pool: ThreadPoolExecutor | None = None
        self._pid = os.getpid()

    def pool(self) -> ThreadPoolExecutor:
        """The threads."""
        from concurrent.futures import ThreadPoolExecutor

        self._leave_parent()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._most, thread_name_prefix="hub-typed")
            return self._pool

    def _leave_parent(self) -> None:
        """In a forked child, forget the parent's threads, which do not run here, and its lock, which may be held."""
        if self._pid != os.getpid():
            self._pool, self._lock, self._free, self._pid = None, threading.Lock(), self._most, os.getpid()

    def borrow(self, wanted: int) -> int:
        """Take up to so many threads of the budget; never waits."""
        self._leave_parent()
        with self._lock:
            granted = max(0, min(wanted, self._free))
            self._free -= granted
            return granted

    def give_back(self, count: int) -> None:
        """Return what was borrowed."""
        with self._lock:
            self._free += count

    def close(self) -> None:
        """End the threads."""
        self._leave_parent()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


class ThreadIo(_World):
    """The world of the synchronous client."""

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        return self._send(request, sink, timeout, deadline)

    async def pause(self, seconds: float) -> None:
        cancellation = _current.get()
        if cancellation is None:
            time.sleep(seconds)
            return
        woken = threading.Event()
        cancellation.add(woken.set)
        woken.wait(seconds)
        cancellation.remove(woken.set)
        cancellation.check()

    async def work(self, do: Callable[[], T]) -> T:
        return do()

    async def each(
        self, do: Callable[[R], Coroutine[Any, Any, T]], items: Iterable[R], *, limit: int | None = None
    ) -> list[T]:
        """The caller works too; helpers join it as far as the budget allows, so that nesting never waits for itself."""
        todo = list(items)
        found: dict[int, T] = {}
        queue = iter(enumerate(todo))
        taking = threading.Lock()
        failures: list[BaseException] = []

        with _cancellable() as cancellation:

            def toil() -> None:
                while not cancellation.stopped:
                    with taking:
                        position, item = next(queue, (-1, None))
                    if position < 0:
                        return
                    try:
                        found[position] = drive(do(item))  # type: ignore[arg-type]  # None only stands for the end
                    except BaseException as error:
                        with taking:
                            failures.append(error)
                        cancellation.stop()

            most = self.settings.concurrency
            helpers = self._threads.borrow(min(limit or most, most, len(todo)) - 1)
            pool = self._threads.pool()
            running: list[Future[None]] = []
            with suppress(RuntimeError):  # the interpreter is ending, as in what `atexit` calls: no thread begins now
                running.extend(pool.submit(copy_context().run, toil) for _ in range(helpers))
            try:
                toil()
                for helper in running:
                    helper.result()
            except BaseException:  # Ctrl-C while waiting
                cancellation.stop()
                raise
            finally:
                for helper in running:
                    if not helper.cancel():
                        helper.exception()
                self._threads.give_back(helpers)
        if failures:
            raise _first(failures)
        return [found[position] for position in range(len(todo))]

    async def flowing(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        from queue import Empty, Full, Queue

        pieces: Queue[bytes] = Queue(PIECES)
        cancellation = Cancellation(_current.get())

        def put(piece: bytes) -> None:
            while True:
                cancellation.check()
                with suppress(Full):
                    pieces.put(piece, timeout=0.1)
                    return

        # For the thread alone: between two pieces the caller runs, and is not to be stopped with it.
        context = copy_context()
        context.run(_current.set, cancellation)
        running = self._threads.pool().submit(context.run, drive, do(_Pipe(put)))
        woken = False

        def wake(_: object) -> None:
            with suppress(Full):  # else who reads has pieces to wake up for
                pieces.put_nowait(b"")

        running.add_done_callback(wake)
        try:
            while not (woken and pieces.empty()):
                with suppress(Empty):
                    if piece := pieces.get(timeout=0.5):
                        yield piece
                woken = running.done()
            running.result()
        finally:
            cancellation.stop()
            if not running.cancel():
                running.exception()
            cancellation.end()


class AsyncIo(_World):
    """The world of the asynchronous client: blocking work on its own threads, everything else in the caller's loop."""

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        return await self.work(lambda: self._send(request, sink, timeout, deadline))

    async def pause(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)

    async def work(self, do: Callable[[], T]) -> T:
        """A cancelled task shuts its sockets down and waits for its thread, so that nothing runs on behind its back."""
        import asyncio

        with _cancellable() as cancellation:
            running = self._threads.pool().submit(copy_context().run, do)
            try:
                return await asyncio.wrap_future(running)
            except asyncio.CancelledError:
                cancellation.stop()
                ended = asyncio.gather(asyncio.wrap_future(running), return_exceptions=True)
                while not ended.done():
                    with suppress(asyncio.CancelledError):  # `each` and others may cancel more than once
                        await asyncio.shield(ended)
                raise

    async def each(
        self, do: Callable[[R], Coroutine[Any, Any, T]], items: Iterable[R], *, limit: int | None = None
    ) -> list[T]:
        import asyncio

        todo = list(items)
        found: dict[int, T] = {}
        queue = iter(enumerate(todo))

        async def toil() -> None:
            for position, item in queue:
                found[position] = await do(item)

        tasks = [asyncio.ensure_future(toil()) for _ in range(min(limit or self.settings.concurrency, len(todo)))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [found[position] for position in range(len(todo))]

    async def flowing(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        import asyncio

        pieces: asyncio.Queue[bytes | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        room = threading.Semaphore(PIECES)

        def put(piece: bytes) -> None:  # on the thread that reads from the socket, which waits while there is no room
            while not room.acquire(timeout=0.1):
                self.check()
            loop.call_soon_threadsafe(pieces.put_nowait, piece)

        running = asyncio.ensure_future(do(_Pipe(put)))
        running.add_done_callback(lambda _: pieces.put_nowait(None))
        try:
            while (piece := await pieces.get()) is not None:
                room.release()
                yield piece
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)


class _Pipe:
    """A sink that hands on the body of a good answer, as it comes."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put

    def begin(self, response: Response) -> bool:
        return response.status < HTTPStatus.MULTIPLE_CHOICES

    def write(self, piece: bytes) -> None:
        self._put(piece)


def _first(failures: list[BaseException]) -> BaseException:
    """The failure that stopped the others, not one of those it stopped."""
    return next((error for error in failures if not isinstance(error, CancelledError)), failures[0])
