"""How many connections receive one body: as many as increase the throughput."""

from __future__ import annotations

import threading
from typing import Final

__all__: list[str] = []

FIRST_CONNECTIONS: Final = 4
"""Connections once the first response shows that the server serves ranges."""
WINDOW: Final = 0.15
"""Seconds over which the throughput is measured."""
LATER_WINDOW: Final = 1.0
"""Seconds over which it is measured once it did not grow; the line may have been busy."""
MIN_GAIN: Final = 1.3
"""Factor by which twice the connections must increase the throughput for more to be opened."""
SECONDS_PER_RANGE: Final = 0.5
"""Seconds that a connection shall spend on a range: long enough to hide the round trip, short enough to adapt."""


class Growth:
    """Number of connections: doubled as long as that increases the throughput.

    The throughput is measured from the moment when all connections receive, so the time to open them does not count. If
    the client has no free thread for one of them, the number stays as it is.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._count = 1
        self._running = 0
        self._opening = 1
        self._rate = 0.0
        self._window = WINDOW
        self._since = 0.0
        self._received = 0
        self._lock = threading.Lock()

    @property
    def seconds_per_range(self) -> float:
        """Seconds that a connection shall spend on a range: few as long as the throughput is measured."""
        return SECONDS_PER_RANGE if self._window > WINDOW or self._count >= self._limit else WINDOW

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

    def start(self) -> None:
        """Record that a connection starts."""
        with self._lock:
            self._running += 1

    def end(self) -> None:
        """Record that a connection ends."""
        with self._lock:
            self._running -= 1

    def stop(self) -> bool:
        """Open no more connections; return whether there is only one."""
        with self._lock:
            self._limit = 0
            return self._running == 1

    def wanted(self, now: float) -> int:
        """Return how many connections to open now; afterwards, all of them count as opening."""
        with self._lock:
            wanted = min(FIRST_CONNECTIONS - 1 if self._count == 1 else self._count, self._limit - self._count)
            if wanted <= 0 or self._opening > 0:
                return 0
            if self._count > 1:
                if now - self._since < self._window:
                    return 0
                rate = self._received / (now - self._since)
                if rate < self._rate * MIN_GAIN:
                    self._window, self._since, self._received = LATER_WINDOW, now, 0
                    return 0
                self._rate = rate
            self._count += wanted
            self._opening = wanted + 1  # the connection that asks begins with a new range, like the others
            return wanted
