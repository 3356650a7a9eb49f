"""What can go wrong in a library."""

from __future__ import annotations

__all__ = ["ClosedError"]


class ClosedError(Exception):
    """The library is closed."""
