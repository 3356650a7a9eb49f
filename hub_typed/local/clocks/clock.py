"""A clock that tests advance."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

__all__ = ["AdjustableClock"]


class AdjustableClock:
    """A clock that runs as another one, and can be ahead of it."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._offset = timedelta()

    def now(self) -> datetime:
        """Return the time of this clock."""
        return self._now() + self._offset

    def advance(self, seconds: float) -> None:
        """Put the clock forward."""
        self._offset += timedelta(seconds=seconds)
