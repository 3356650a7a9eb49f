"""Bound of the bytes that are kept in memory so that a file is read from disk once."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

__all__: list[str] = []


class MemoryBudget:
    """A number of bytes that several threads share.

    Args:
        most: Maximum number of bytes in use at the same time.
    """

    def __init__(self, most: int) -> None:
        self._free = most
        self._lock = threading.Lock()

    @contextmanager
    def reserve(self, size: int) -> Generator[bool, None, None]:
        """Yield whether there is room for some bytes, which are in use until the end of the block."""
        with self._lock:
            fits = size <= self._free
            self._free -= size if fits else 0
        try:
            yield fits
        finally:
            with self._lock:
                self._free += size if fits else 0
