"""`Io` of the asynchronous client."""

from __future__ import annotations

import threading
import time
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import suppress
from contextvars import copy_context
from typing import Any

from hub_typed.http.base_io import MAX_QUEUED_CHUNKS, BaseIo, PipeSink
from hub_typed.http.cpu_meter import CpuMeter, current_meter
from hub_typed.http.io import R, Sink, T
from hub_typed.http.worker_count import WorkerCount
from hub_typed_api.wire import Request, Response

__all__ = ["AsyncIo"]


def _metered(do: Callable[[], T]) -> T:
    """Run on a thread, and add the time to the meter of the item."""
    meter = current_meter.get()
    if meter is None:
        return do()
    began = time.thread_time()
    try:
        return do()
    finally:
        meter.add(time.thread_time() - began)


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

        with self._running.cancellable() as cancellation:
            running = self._threads.pool().submit(copy_context().run, _metered, do)
            try:
                return await asyncio.wrap_future(running)
            except asyncio.CancelledError:
                cancellation.stop()
                ended = asyncio.gather(asyncio.wrap_future(running), return_exceptions=True)
                while not ended.done():
                    with suppress(asyncio.CancelledError):  # `each` and others may cancel more than once
                        await asyncio.shield(ended)
                task = asyncio.current_task()
                if task is not None and not task.cancelling():  # the client was closed before the work began
                    cancellation.check()
                raise

    async def each(
        self,
        do: Callable[[R], Coroutine[Any, Any, T]],
        items: Iterable[R],
        *,
        limit: int | None = None,
        adaptive: bool = False,
    ) -> list[T]:
        import asyncio

        todo = list(items)
        results: dict[int, T] = {}
        queue = iter(enumerate(todo))
        most = min(limit or self.settings.concurrency, len(todo))
        count = WorkerCount(most) if adaptive else None
        tasks: list[asyncio.Task[None]] = []
        working: set[asyncio.Task[Any] | None] = set()
        failures: list[BaseException] = []
        outer = current_meter.get()

        async def work() -> None:
            while count is None or len(working) <= count.count:
                position, item = next(queue, (-1, None))
                if position < 0:
                    return
                meter = CpuMeter(outer)
                current_meter.set(meter)
                began, computed = time.perf_counter(), time.thread_time()
                results[position] = await do(item)  # type: ignore[arg-type]  # None only marks the end of the queue
                if count is not None:
                    # The event loop works for all items in turn: each of them has an equal part of it.
                    seconds = meter.seconds + (time.thread_time() - computed) / len(working)
                    if count.add(seconds, time.perf_counter() - began):
                        start_workers()

        async def worker() -> None:
            task = asyncio.current_task()
            try:
                await work()
            except BaseException as error:
                failures.append(error)
                for other in working:
                    if other is not None and other is not task:
                        other.cancel()
            finally:
                working.discard(task)

        def start_workers() -> None:
            while len(working) < (most if count is None else count.count):
                task = asyncio.ensure_future(worker())
                tasks.append(task)
                working.add(task)

        start_workers()
        try:
            for task in tasks:  # a worker may append further ones until it ends
                await asyncio.wait([task])
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if failures:
            raise failures[0]
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
