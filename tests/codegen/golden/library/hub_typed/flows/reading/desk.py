"""A desk."""

from __future__ import annotations

from hub_typed.http.io import Io

__all__ = ["Desk", "reserve_desk"]


class Desk:
    """A place to read at."""


async def reserve_desk(io: Io, number: int = 1) -> Desk:
    """Reserve a desk."""
    return Desk()
