"""How much one revision of a repository may hold."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_DEPTH", "MAX_ENTRIES", "MAX_NAMES", "MAX_PATH"]

MAX_ENTRIES: Final = 250_000
"""Files and folders."""
MAX_NAMES: Final = 64 << 20
"""Characters of all their paths."""
MAX_DEPTH: Final = 2000
"""Folders in one another."""
MAX_PATH: Final = 1 << 16
"""Characters of one path that is looked up."""
