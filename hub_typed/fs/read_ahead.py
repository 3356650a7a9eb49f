"""Reading ahead in the background, where a file is read sequentially."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final
from weakref import WeakKeyDictionary

import attrs

__all__: list[str] = []

MIN_FETCH: Final = 64 << 10
"""Smallest number of bytes of a request, so that formats with many small headers need few of them."""
MAX_SEGMENTS: Final = 2
"""How many parts of a file are kept: the one being read, and the one before it, such as a footer."""
MEMORY: Final = 64 << 20
"""Bytes that the open files of a file system keep at most, together."""


class ReadAheadMemory:
    """Memory that open files share for what they keep.

    Each reads ahead by an equal part of it. If they keep more, those that were read longest ago lose theirs.
    """

    def __init__(self, limit: int = MEMORY) -> None:
        self._limit = limit
        self._kept: WeakKeyDictionary[ReadAhead, int] = WeakKeyDictionary()
        self._lock = threading.Lock()
        self._pid = os.getpid()

    @property
    def share(self) -> int:
        """Number of bytes that a file may request ahead."""
        return self._limit // ((MAX_SEGMENTS + 1) * max(1, len(self._kept)))

    @property
    def kept(self) -> int:
        """Number of bytes that all files keep."""
        return sum(self._kept.values())

    def note(self, file: ReadAhead, size: int) -> None:
        """Note how many bytes a file keeps."""
        if self._pid != os.getpid():  # after a fork, the lock may be held
            self._lock, self._pid = threading.Lock(), os.getpid()
        with self._lock:
            self._kept.pop(file, None)
            if size:
                self._kept[file] = size
            total = self.kept
            for other in list(self._kept):
                if total <= self._limit or other is file:
                    break
                total -= self._kept.pop(other)
                other.forget()


@attrs.frozen(eq=False)
class _Segment:
    """A part of a file.

    Attributes:
        at: Position of its first byte.
    """

    at: int
    data: bytes

    @property
    def end(self) -> int:
        return self.at + len(self.data)


@attrs.frozen(eq=False)
class _Request:
    """A request in the background."""

    at: int
    end: int
    task: asyncio.Task[bytes]

    def cancel(self) -> None:
        """Cancel it, from any thread; a loop that runs no more has nothing to cancel."""
        with suppress(RuntimeError):
            self.task.get_loop().call_soon_threadsafe(self.task.cancel)


class ReadAhead:
    """Reads ranges of a file, and requests in the background what a sequential reader will read next.

    The distance doubles with each request, up to the block size. A random read requests what is asked for and no more.
    Of a read larger than the block size, only what was read ahead is kept. `find` may be called on any thread, other
    methods in the event loop.

    Args:
        request: Requests a range of the file.
        size: Size of the file in bytes.
        block_size: Largest number of bytes of a request ahead.
    """

    def __init__(
        self,
        request: Callable[[int, int], Coroutine[Any, Any, bytes]],
        size: int,
        block_size: int,
        memory: ReadAheadMemory,
    ) -> None:
        self.size: int = size
        self.block_size: int = block_size
        self._request = request
        self._memory = memory
        self._segments: tuple[_Segment, ...] = ()
        self._running: _Request | None = None
        self._next = 0
        self._distance = 0

    def find(self, start: int, end: int) -> bytes | None:
        """Return the bytes of a range if all of them are kept."""
        for segment in self._segments:
            if segment.at <= start and end <= segment.end:
                self._next = end
                return segment.data[start - segment.at : end - segment.at]
        return None

    async def read(self, start: int, end: int) -> bytes:
        """Return the bytes of a range, which ends at the end of the file at the latest."""
        is_sequential = start == self._next and start > 0
        self._next = end
        self._distance = self._further(end - start) if is_sequential else 0
        known = self._beginning(start, end)
        if len(known) < end - start and await self._receive(start + len(known)):
            known = self._beginning(start, end)
        if len(known) < end - start:
            known = await self._complete(start, end, known)
        if self.is_due:
            self.start()
        return known

    @property
    def is_due(self) -> bool:
        """Whether to call `start`: half of what was requested ahead has been read."""
        segments = self._segments
        if not self._distance or self._running is not None or not segments:
            return False
        newest = segments[0]
        return newest.end < self.size and (newest.at + newest.end) // 2 <= self._next <= newest.end

    def start(self) -> None:
        """Request what comes after the newest segment, in the background."""
        if self.is_due:
            at = self._segments[0].end
            end = min(self.size, at + self._distance)
            self._distance = self._further(0)
            task = asyncio.ensure_future(self._request(at, end))
            task.add_done_callback(lambda task: task.cancelled() or task.exception())  # a read will request it again
            self._running = _Request(at, end, task)
            self._note()

    def forget(self) -> None:
        """Keep nothing; the next read requests what it needs."""
        self._segments = ()

    def close(self) -> None:
        """Keep nothing, and cancel what is requested in the background; called on any thread."""
        self._distance = 0
        running, self._running = self._running, None
        if running is not None:
            running.cancel()
        self.forget()
        self._note()

    def _further(self, size: int) -> int:
        return min(self.block_size, max(MIN_FETCH, self._memory.share), max(MIN_FETCH, 2 * self._distance, size))

    async def _receive(self, position: int) -> bool:
        """Wait for the request in the background if it brings the byte at a position, or cancel it.

        Returns:
            Whether it has brought bytes that are kept now.
        """
        running = self._running
        if running is None or running.task.get_loop() is not asyncio.get_running_loop():
            self._running = None  # that of another loop does not go on after a fork
            return False
        if not running.at <= position < running.end:
            self._running = None
            running.task.cancel()
            return False
        await asyncio.wait([running.task])
        if self._running is running:
            self._running = None
            if not running.task.cancelled() and running.task.exception() is None:
                self._keep(_Segment(running.at, running.task.result()))
        return True

    async def _complete(self, start: int, end: int, known: bytes) -> bytes:
        """Request the bytes of a range after the known ones, and bytes ahead of them."""
        first = start + len(known)
        last = min(self.size, max(end + self._distance, first + MIN_FETCH))
        if not known:  # the end of a file is read backwards
            first = max(0, min(first, last - MIN_FETCH))
        data = await self._request(first, last)
        is_large = len(data) > self.block_size + MIN_FETCH
        self._keep(_Segment(end, data[end - first :]) if is_large else _Segment(first, data))
        return known + data[: end - first] if known else data[start - first : end - first]  # of all of it: no copy

    def _keep(self, segment: _Segment) -> None:
        if segment.data:
            self._segments = (segment, *self._segments[: MAX_SEGMENTS - 1])
            self._note()

    def _note(self) -> None:
        running = self._running
        ahead = 0 if running is None else running.end - running.at
        self._memory.note(self, ahead + sum(len(segment.data) for segment in self._segments))

    def _beginning(self, start: int, end: int) -> bytes:
        """Return the kept bytes at the beginning of a range."""
        found = b""
        for segment in sorted(self._segments, key=lambda segment: segment.at):
            at = start + len(found)
            if segment.at <= at < segment.end:
                part = segment.data[at - segment.at : end - segment.at]
                found = found + part if found else part
        return found
