"""Number of workers that download or upload at once, adapted to the connection and the processor.

A worker that waits for the network leaves the interpreter to others; one that computes does not, and more of them only
take the interpreter lock from each other. The share of time that workers compute therefore tells how many are useful.
"""

from __future__ import annotations

from typing import Final

__all__: list[str] = []

START: Final = 4
"""Number of workers at the start."""
GROWTH: Final = 4
"""Largest factor by which the number grows at once."""
IDLE_LOAD: Final = 0.7
"""Workers are added while they take less than this share of one processor, all together."""
FULL_LOAD: Final = 0.85
"""Workers are taken away while they take at least this share."""
PARALLEL_LOAD: Final = 1.25
"""They take more than this only if their work, such as hashing, runs without the interpreter lock."""
MIN_SECONDS: Final = 0.02
"""Least time of all items between two changes."""


class WorkerCount:
    """Adapts the number of workers to measured items; not thread-safe.

    Attributes:
        count: The present number.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.count: int = min(START, limit)
        self._items = 0
        self._computed = 0.0
        self._elapsed = 0.0

    def add(self, computed: float, elapsed: float) -> bool:
        """Add the measurement of an item; return whether the number changed.

        Args:
            computed: Seconds of the processor that the item took.
            elapsed: Seconds that it took.
        """
        self._items += 1
        self._computed += computed
        self._elapsed += elapsed
        if self._items < self.count or self._elapsed < MIN_SECONDS * self.count:
            return False
        share = self._computed / self._elapsed
        self._items, self._computed, self._elapsed = 0, 0.0, 0.0
        before = self.count
        self.count = self._next(share)
        return self.count != before

    def _next(self, share: float) -> int:
        load = share * self.count
        if load < IDLE_LOAD:
            useful = self.limit if share <= 0 else int(FULL_LOAD / share)
            return max(self.count, min(useful, self.count * GROWTH, self.limit))
        if FULL_LOAD <= load < PARALLEL_LOAD:
            return max(1, self.count // 2)
        return self.count
