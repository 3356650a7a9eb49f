"""Limits of one revision of a repository."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_DEPTH", "MAX_DEPTH_WRITTEN", "MAX_ENTRIES", "MAX_NAMES", "MAX_PATH"]

MAX_ENTRIES: Final = 250_000
"""Files and folders."""
MAX_NAMES: Final = 64 << 20
"""Characters of all their paths."""
MAX_DEPTH: Final = 2000
"""Folders in one another."""
MAX_DEPTH_WRITTEN: Final = 1000
"""The same of a commit that is made here: libgit2 writes folders by recursion, some kilobytes of stack for each."""
MAX_PATH: Final = 1 << 16
"""Characters of one path that is looked up."""
