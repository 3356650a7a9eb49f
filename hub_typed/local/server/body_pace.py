"""Time limits of request bodies."""

from __future__ import annotations

import time
from typing import Final

from hub_typed.local.errors import HubResponseError

__all__ = ["BodyPace", "too_slow"]

BODY_TIMEOUT: Final = 60.0
"""Seconds within which the next piece of a body must arrive."""
MIN_BODY_RATE: Final = 4096
"""Minimum average rate of a body, in bytes per second."""


class BodyPace:
    """The time that a body has, from now on.

    Args:
        limit: Seconds for the whole body; ``None`` for as many as its size allows.
    """

    def __init__(self, limit: float | None = None) -> None:
        self._start = time.monotonic()
        self._limit = limit

    def seconds_left(self, received: int) -> float:
        """Return the seconds within which the next piece must arrive after so many bytes."""
        limit = BODY_TIMEOUT + received / MIN_BODY_RATE if self._limit is None else self._limit
        return min(self._start + limit - time.monotonic(), BODY_TIMEOUT)


def too_slow() -> HubResponseError:
    """Return the error of a body that arrives too slowly."""
    return HubResponseError(408, "The body of this request arrives too slowly")
