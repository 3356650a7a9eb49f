"""Deprecated parameters of the reference API, accepted without effect."""

from __future__ import annotations

from hub_typed.logs.warnings import warn

__all__: list[str] = []


def deprecated(parameter: str, instead: str) -> None:
    """Warn about a parameter that has no effect.

    Args:
        instead: What to use instead, as the end of a sentence.
    """
    warn(f"{parameter!r} is deprecated and has no effect: {instead}.", FutureWarning)
