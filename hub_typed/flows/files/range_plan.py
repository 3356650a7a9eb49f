"""Which bytes of a file are missing, which ranges are being received, and how many connections receive them."""

from __future__ import annotations

import threading
from typing import Final

import attrs

__all__: list[str] = []

SHORTEST: Final = 4 << 20
"""Shortest range in bytes, except for the rest of a gap; the first ones have this length."""
LONGEST: Final = 64 << 20
SECONDS_PER_RANGE: Final = 0.5
"""Seconds that a connection shall spend on a range: long enough to hide the round trip, short enough to adapt."""
FIRST_CONNECTIONS: Final = 2
"""Connections once the first response shows that the server serves ranges."""
WINDOW: Final = 0.15
"""Seconds over which the throughput is measured."""
MIN_GAIN: Final = 1.2
"""Factor by which twice the connections must increase the throughput for more to be opened."""


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
    """

    def __init__(self, size: int, gaps: list[tuple[int, int]]) -> None:
        self.size = size
        self.one_stream = False
        self.whole = False
        self._gaps = sorted(gaps)
        self._active: list[Range] = []
        self._lock = threading.Lock()

    def take(self, rate: float) -> Range | None:
        """Take the first missing range that is not being received; ``None`` if there is none for this connection.

        Args:
            rate: Bytes per second of the connection; 0 if unknown.
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
                    length = max(SHORTEST, min(int(rate * SECONDS_PER_RANGE), share, LONGEST))
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
                self._gaps.append((one.at, one.end))
                self._gaps.sort()

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
            return sorted(self._gaps + active)

    @property
    def done(self) -> int:
        """Number of bytes in the file."""
        return self.size - sum(end - start for start, end in self.missing())

    @property
    def prefix(self) -> int:
        """Number of bytes at the start of the file without a gap."""
        missing = self.missing()
        return missing[0][0] if missing else self.size


class Growth:
    """Number of connections: doubled as long as that increases the throughput.

    The throughput is measured from the moment when all connections receive, so the time to open them does not count. If
    the client has no free thread for one of them, the number stays as it is.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 1
        self._opening = 1
        self._rate = 0.0
        self._since = 0.0
        self._received = 0
        self._lock = threading.Lock()

    def opened(self, now: float) -> None:
        """Record that one more connection receives."""
        with self._lock:
            self._opening -= 1
            if self._opening == 0:
                self._since, self._received = now, 0

    def receive(self, count: int) -> None:
        """Record received bytes."""
        with self._lock:
            self._received += count

    def stop(self) -> None:
        """Open no more connections."""
        with self._lock:
            self._limit = 0

    def wanted(self, now: float) -> int:
        """Return how many connections to open now; afterwards, all of them count as opening."""
        with self._lock:
            wanted = min(FIRST_CONNECTIONS - 1 if self._count == 1 else self._count, self._limit - self._count)
            if wanted <= 0 or self._opening > 0:
                return 0
            if self._count > 1:
                if now - self._since < WINDOW:
                    return 0
                rate = self._received / (now - self._since)
                if rate < self._rate * MIN_GAIN:
                    self._limit = 0
                    return 0
                self._rate = rate
            self._count += wanted
            self._opening = wanted + 1  # the connection that asks begins with a new range, like the others
            return wanted
