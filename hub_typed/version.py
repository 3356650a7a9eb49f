"""Version of the installed package."""

from __future__ import annotations

from functools import cache

__all__ = ["version"]


@cache
def version() -> str:
    """Return the version of the installed package; ``0`` for a checkout that is not installed."""
    from importlib.metadata import PackageNotFoundError, version as installed

    try:
        return installed("hub-typed")
    except PackageNotFoundError:
        return "0"
