"""Limits on a revision of a repository."""

from __future__ import annotations

from typing import Final

__all__ = ["MAX_DEPTH", "MAX_DEPTH_WRITTEN", "MAX_ENTRIES", "MAX_NAMES", "MAX_PATH"]

MAX_ENTRIES: Final = 250_000
"""Maximum number of files and folders."""
MAX_NAMES: Final = 64 << 20
"""Maximum number of characters of all paths."""
MAX_DEPTH: Final = 2000
"""Maximum depth of nested folders."""
MAX_DEPTH_WRITTEN: Final = 1000
"""Maximum depth in commits created here: libgit2 writes folders recursively, with some kilobytes of stack for each."""
MAX_PATH: Final = 1 << 16
"""Maximum number of characters of a path to look up."""
