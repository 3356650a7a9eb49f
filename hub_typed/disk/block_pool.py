"""Blocks of memory that keep the contents of files, so that a file is read from disk once."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

__all__: list[str] = []

BLOCK_SIZE: Final = 1 << 18
"""Size of a block in bytes."""


class BlockPool:
    """Blocks that several threads share. They are used again, since new memory costs more than what is read into it.

    Args:
        most: Maximum number of bytes in use at the same time.
    """

    def __init__(self, most: int) -> None:
        self._budget = most
        self._free: list[bytearray] = []
        self._lock = threading.Lock()

    @contextmanager
    def reserve(self, size: int) -> Generator[Blocks | None, None, None]:
        """Yield blocks for files of so many bytes in all; ``None`` if there is no room. They return after the block."""
        with self._lock:
            fits = size <= self._budget
            self._budget -= size if fits else 0
        if not fits:
            yield None
            return
        blocks = Blocks(self._free)
        try:
            yield blocks
        finally:
            blocks.release()
            with self._lock:
                self._budget += size


class Blocks:
    """Blocks of a pool that some files use.

    Args:
        free: The free blocks of the pool.
    """

    def __init__(self, free: list[bytearray]) -> None:
        self._free = free
        self._used: list[bytearray] = []

    def take(self) -> bytearray:
        """Return a block with any content; this may be called in any thread."""
        try:
            block = self._free.pop()
        except IndexError:
            block = bytearray(BLOCK_SIZE)
        self._used.append(block)
        return block

    def release(self) -> None:
        """Return the blocks to the pool."""
        used, self._used = self._used, []
        self._free += used
