"""`Io` of the asynchronous client."""

from __future__ import annotations

import threading
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from hub_typed.http.base_io import MAX_QUEUED_CHUNKS, BaseIo, PipeSink
from hub_typed.http.cancellation import cancellable
from hub_typed.http.io import R, Sink, T
from hub_typed_api.wire import Request, Response

__all__ = ["AsyncIo"]


class AsyncIo(BaseIo):
    """`Io` of the asynchronous client: blocking work runs on threads, everything else in the caller's event loop."""

    async def send(
        self,
        request: Request,
        *,
        sink: Sink | None = None,
        timeout: float | None = None,
        deadline: float | None = None,
    ) -> Response:
        return await self.run_blocking(lambda: self._send(request, sink, timeout, deadline))

    async def sleep(self, seconds: float) -> None:
        import asyncio

        await asyncio.sleep(seconds)

    async def run_blocking(self, do: Callable[[], T]) -> T:
        """Run on a thread. A cancelled task shuts down its sockets and waits until the thread is done."""
        import asyncio

        with cancellable() as cancellation:
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
        results: dict[int, T] = {}
        queue = iter(enumerate(todo))

        async def worker() -> None:
            for position, item in queue:
                results[position] = await do(item)

        tasks = [asyncio.ensure_future(worker()) for _ in range(min(limit or self.settings.concurrency, len(todo)))]
        try:
            await asyncio.gather(*tasks)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return [results[position] for position in range(len(todo))]

    async def stream(self, do: Callable[[Sink], Coroutine[Any, Any, object]]) -> AsyncGenerator[bytes, None]:
        import asyncio

        chunks: asyncio.Queue[bytes | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        free_slots = threading.Semaphore(MAX_QUEUED_CHUNKS)

        def put(
            chunk: bytes,
        ) -> None:  # called on the thread that reads from the socket; blocks if the queue is full
            while not free_slots.acquire(timeout=0.1):
                self.check()
            loop.call_soon_threadsafe(chunks.put_nowait, chunk)

        running = asyncio.ensure_future(do(PipeSink(put)))
        running.add_done_callback(lambda _: chunks.put_nowait(None))
        try:
            while (chunk := await chunks.get()) is not None:
                free_slots.release()
                yield chunk
            await running
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
