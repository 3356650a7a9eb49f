"""`Io` of the synchronous client."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from hub_typed.http.base_io import MAX_QUEUED_CHUNKS, BaseIo, PipeSink
from hub_typed.http.cancellation import Cancellation, current_cancellation, pause
from hub_typed.http.io import R, Sink, T, drive
from hub_typed.http.thread_workers import ThreadWorkers
from hub_typed_api.wire import Request, Response

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
        with self._running.cancellable() as cancellation:
            pause(seconds, cancellation)

    async def run_blocking(self, do: Callable[[], T]) -> T:
        with self._running.cancellable():
            return do()

    async def each(
        self,
        do: Callable[[R], Coroutine[Any, Any, T]],
        items: Iterable[R],
        *,
        limit: int | None = None,
        adaptive: bool = False,
    ) -> list[T]:
        """Run items on the calling thread and on free threads of the budget, so nested calls never deadlock."""
        todo = list(items)
        concurrency = self.settings.concurrency
        limit = min(limit or concurrency, concurrency, len(todo))
        return ThreadWorkers(do, todo, self._threads, limit=limit, adaptive=adaptive).run()

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
