"""Deprecated parameters of the reference API, accepted without effect."""

from __future__ import annotations

from hub_typed.logs.warnings import notice

__all__: list[str] = []


def deprecated(parameter: str, instead: str) -> None:
    """Warn about a parameter that has no effect.

    Args:
        instead: What to do, as half a sentence.
    """
    notice(f"{parameter!r} is deprecated and has no effect: {instead}.", FutureWarning)
