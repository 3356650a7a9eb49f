"""Durations as numbers of seconds or as texts with a unit."""

from __future__ import annotations

import re
from typing import Final

__all__: list[str] = []

_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_DURATION: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([smhd]?)")


def seconds_of(duration: float | str) -> float:
    """Return a duration in seconds.

    Args:
        duration: Seconds, or a text such as ``90``, ``90s``, ``5m``, ``1.5h`` or ``1d``.

    Raises:
        ValueError: It is neither, or negative.
    """
    if isinstance(duration, str):
        match = _DURATION.fullmatch(duration.strip())
        seconds = float(match[1]) * _SECONDS[match[2]] if match else -1.0
    else:
        seconds = float(duration)
    if not 0 <= seconds < float("inf"):
        raise ValueError(f"{duration!r} is no duration: pass seconds, or for example 90s, 5m, 1.5h or 1d.")
    return seconds
