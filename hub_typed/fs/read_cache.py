"""Cache of an open file: it reads ahead only where reading is sequential."""

from __future__ import annotations

from typing import Final

from fsspec.caching import BaseCache, register_cache

__all__ = ["SequentialReadAhead"]

MIN_FETCH: Final = 64 << 10
"""Smallest number of bytes of a request, so that formats with many small headers need few of them."""
MAX_SEGMENTS: Final = 2
"""How many parts of the file are kept: the one being read, and the one before it, such as a footer."""


class SequentialReadAhead(BaseCache):
    """Cache that reads ahead twice as far with each sequential read, up to the block size.

    A random read fetches what is asked for and no more. Of a read larger than the block size, only what was read ahead
    is kept.
    """

    name = "sequential"
    hit_count: int
    miss_count: int
    total_requested_bytes: int

    def __init__(self, blocksize: int, fetcher: object, size: int) -> None:
        super().__init__(blocksize, fetcher, size)  # type: ignore[arg-type]  # as in the base class
        self._segments: list[tuple[int, bytes]] = []
        self._next = 0
        self._ahead = 0

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        begin, end = start or 0, self.size if stop is None else min(stop, self.size)
        if begin >= end:
            return b""
        found = self._find(begin, end)
        if found is not None:
            self.hit_count += 1
            self._next = end
            return found
        self.miss_count += 1
        is_sequential = begin == self._next and begin > 0
        self._ahead = min(self.blocksize, max(MIN_FETCH, 2 * self._ahead, end - begin)) if is_sequential else 0
        self._next = end
        known = self._beginning(begin)
        fetch_from = begin + len(known)
        fetch_to = min(self.size, max(end + self._ahead, fetch_from + MIN_FETCH))
        if not known:  # the end of a file is read backwards
            fetch_from = max(0, min(fetch_from, fetch_to - MIN_FETCH))
        data = self.fetcher(fetch_from, fetch_to)
        self.total_requested_bytes += len(data)
        self._keep(fetch_from, data, end)
        if known:
            return known + data[: end - fetch_from]
        return data[begin - fetch_from : end - fetch_from]  # of all of it: no copy

    def _keep(self, start: int, data: bytes, end: int) -> None:
        if len(data) > self.blocksize + MIN_FETCH:
            start, data = end, data[end - start :]
        if data:
            self._segments = [(start, data), *self._segments[: MAX_SEGMENTS - 1]]

    def _find(self, start: int, end: int) -> bytes | None:
        for at, data in self._segments:
            if at <= start and end <= at + len(data):
                return data[start - at : end - at]
        return None

    def _beginning(self, start: int) -> bytes:
        """Return the known bytes from a position on."""
        for at, data in self._segments:
            if at <= start < at + len(data):
                return data[start - at :]
        return b""


register_cache(SequentialReadAhead, clobber=True)
