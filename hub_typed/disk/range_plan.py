"""Which bytes of a file are missing, which ranges are being written, and the hash of what has no gap."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

import attrs

from hub_typed.disk.files import CHUNK_SIZE, Digest

__all__: list[str] = []

SHORTEST: Final = 4 << 20
"""Shortest range in bytes, except for the rest of a gap; the first ones have this length."""
LONGEST: Final = 64 << 20
HASH_CHUNK_SIZE: Final = 1 << 18
"""Bytes read and hashed at once; they fit into the cache of a processor."""


@attrs.define(eq=False)
class Range:
    """A range that one connection receives.

    Attributes:
        at: Position of the next byte.
        end: Position after the last byte.
        whole: Whether the whole file is requested instead, since the server's responses to ranges were refused.
    """

    at: int
    end: int
    whole: bool = False


class RangePlan:
    """The missing bytes of a file; several threads take ranges of it.

    Attributes:
        size: Size of the file in bytes.
        one_stream: Whether only one range is received at a time, and as long as possible.
        whole: Whether the next request is for the whole file.
        turn: Held during steps of several threads that must not overlap.
    """

    def __init__(self, size: int, gaps: list[tuple[int, int]]) -> None:
        self.size = size
        self.one_stream = False
        self.whole: bool = False
        self.turn: threading.Lock = threading.Lock()
        self._gaps = _merged(gaps)
        self._active: list[Range] = []
        self._lock = threading.Lock()

    def take(self, wanted: float) -> Range | None:
        """Take the first missing range that is not being received; ``None`` if there is none for this connection.

        Args:
            wanted: Bytes that the connection receives in a suitable time; 0 if unknown.
        """
        with self._lock:
            if not self._gaps or (self.one_stream and self._active):
                return None
            if self.whole:
                one = Range(0, self.size, whole=True)
            else:
                start, end = self._gaps.pop(0)
                if not self.one_stream:
                    rest = end - start + sum(stop - begin for begin, stop in self._gaps)
                    share = rest // (2 * (len(self._active) + 1))  # so that all connections end at about the same time
                    length = max(SHORTEST, min(int(wanted), share, LONGEST))
                    if end - start > length:
                        self._gaps.insert(0, (start + length, end))
                        end = start + length
                one = Range(start, end)
            self._active.append(one)
            return one

    def advance(self, one: Range, count: int) -> None:
        """Record that the next bytes of a range are in the file."""
        with self._lock:
            one.at += count

    def release(self, one: Range) -> None:
        """Record that no connection receives a range any more; what is missing of it can be taken again."""
        with self._lock:
            self._active.remove(one)
            if one.at < one.end and not one.whole:
                self._gaps = _merged([*self._gaps, (one.at, one.end)])

    def restart(self, one: Range | None = None) -> bool:
        """Discard all bytes; return false if other connections than that of ``one`` are receiving.

        Args:
            one: Range that becomes the whole file.
        """
        with self._lock:
            if any(other is not one for other in self._active):
                return False
            self._gaps = [] if one else [(0, self.size)]
            self.whole = False
            if one is not None:
                one.at, one.end, one.whole = 0, self.size, False
            return True

    def missing(self) -> list[tuple[int, int]]:
        """Return the missing ranges, in order."""
        with self._lock:
            active = [(one.at, one.end) for one in self._active if one.at < one.end and not one.whole]
            return _merged(self._gaps + active)

    @property
    def done(self) -> int:
        """Number of bytes in the file."""
        return self.size - sum(end - start for start, end in self.missing())

    @property
    def prefix(self) -> int:
        """Number of bytes at the start of the file without a gap."""
        missing = self.missing()
        return missing[0][0] if missing else self.size


def _merged(gaps: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sort ranges, and merge those that touch."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(gaps):
        if merged and merged[-1][1] == start:
            merged[-1] = merged[-1][0], end
        else:
            merged.append((start, end))
    return merged


class PrefixDigest:
    """Hash of the bytes at the start of a file that have no gap, read back from the file.

    Several threads may call `follow`; one of them hashes, the others return at once.
    """

    def __init__(self, digest: Digest, read_at: Callable[[memoryview, int], int]) -> None:
        """Create a hash.

        Args:
            digest: Running hash of no bytes.
            read_at: Reads bytes at a position into given memory, and returns their number.
        """
        self._digest = digest
        self._read_at = read_at
        self._done = 0
        self._room = memoryview(bytearray(HASH_CHUNK_SIZE))
        self._lock = threading.Lock()

    def restart(self, digest: Digest) -> None:
        """Start again with an empty file, after another thread has stopped hashing."""
        with self._lock:
            self._digest, self._done = digest, 0

    def follow(self, plan: RangePlan, check: Callable[[int], None]) -> None:
        """Hash what has been written.

        Args:
            check: Called with the number of hashed bytes before each chunk; an exception that it raises stops the work.
        """
        if not self._lock.acquire(blocking=False):
            return
        try:
            while (end := plan.prefix) - self._done >= CHUNK_SIZE or self._done < end == plan.size:
                check(self._done)
                end = min(end, self._done + CHUNK_SIZE)
                while self._done < end:
                    room = self._room[: end - self._done]
                    found = self._read_at(room, self._done)
                    self._digest.update(room[:found])  # if another process truncated the file, the hash is wrong
                    self._done += len(room)
        finally:
            self._lock.release()
