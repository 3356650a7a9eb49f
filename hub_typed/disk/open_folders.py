"""Folders below one root that stay open while many files are written to them."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import Final

from hub_typed.disk.folders import Folder

__all__: list[str] = []

MAX_IDLE: Final = 16
"""Number of folders that stay open although no thread uses them; some processes may have only 128 open files."""


class OpenFolders:
    """Folders that are opened when first used, and stay open for the next use; several threads may use them."""

    def __init__(self, open_folder: Callable[[tuple[str, ...]], Folder]) -> None:
        """Create without opening a folder.

        Args:
            open_folder: Opens the folder with these names below the root.
        """
        self._open_folder = open_folder
        self._lock = threading.Lock()
        self._opened: OrderedDict[tuple[str, ...], Folder] = OrderedDict()
        self._users: dict[tuple[str, ...], int] = {}

    @contextmanager
    def use(self, *names: str) -> Generator[Folder, None, None]:
        """Yield an open folder, which stays open at least until the end of the block."""
        with self._lock:
            folder = self._opened.get(names)
            if folder is None:
                folder = self._opened[names] = self._open_folder(names)
            else:
                self._opened.move_to_end(names)
            self._users[names] = self._users.get(names, 0) + 1
        try:
            yield folder
        finally:
            with self._lock:
                self._users[names] -= 1
                if len(self._opened) > MAX_IDLE:
                    self._close_idle()

    def _close_idle(self) -> None:
        """Close the folder that has been idle for the longest time."""
        idle = next((names for names in self._opened if not self._users[names]), None)
        if idle is not None:
            del self._users[idle]
            _sync_and_close(self._opened.pop(idle))

    def close(self) -> None:
        """Close all folders, after their entries are flushed to disk."""
        with self._lock:
            opened, self._opened = self._opened, OrderedDict()
            self._users.clear()
        for folder in opened.values():
            _sync_and_close(folder)


def _sync_and_close(folder: Folder) -> None:
    with folder, suppress(OSError):  # some network disks cannot flush a folder
        folder.sync()
