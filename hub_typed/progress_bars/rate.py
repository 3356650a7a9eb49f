"""Bytes per second of the last seconds."""

from __future__ import annotations

from collections import deque
from typing import Final

__all__: list[str] = []

WINDOW: Final = 10.0
"""Seconds that the rate is an average of."""
MIN_SECONDS: Final = 0.3
"""Seconds after which a rate is known."""


class Rate:
    """Bytes per second of the last `WINDOW` seconds.

    Args:
        now: Time in seconds.
        done: Number of bytes at this time.
    """

    def __init__(self, now: float, done: int) -> None:
        self._samples: deque[tuple[float, int]] = deque([(now, done)])

    def update(self, now: float, done: int) -> float | None:
        """Record the number of bytes at a time, and return the rate; ``None`` if it is not known yet."""
        if done < self._samples[-1][1]:  # the transfer has started over
            self._samples.clear()
        self._samples.append((now, done))
        while len(self._samples) > 2 and now - self._samples[1][0] >= WINDOW:
            self._samples.popleft()
        since, before = self._samples[0]
        return (done - before) / (now - since) if now - since >= MIN_SECONDS else None
