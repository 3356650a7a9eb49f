"""Saved states of a Hub: copies of its folder that share all unchanged files with it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Collection
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Final

import attrs

__all__ = ["SavedState", "SavedStates"]

_STATES: Final = "states"
_TRANSIENT: Final = ("scratch", "lfs/incoming", "xet/incoming", "jobs/running")
"""Folders of running requests and jobs, which are empty in each state."""
_EXCLUDED: Final = frozenset({".lock", "hooks", _STATES, *_TRANSIENT})
"""What is no data."""
_APPENDED: Final = "downloads"
"""Name of the files that change in place; all others are replaced as a whole, or never change."""


@attrs.frozen(kw_only=True)
class SavedState:
    """A state of an embedded Hub, to which it can return.

    Attributes:
        folder: Folder with its data.
        admin: Value of ``Hub.admin``.
        page_size: Value of ``Hub.page_size``.
        part_size: Value of ``Hub.lfs.part_size``.
        token_lifetime: Value of ``Hub.xet_tokens.lifetime``.
    """

    folder: Path
    admin: str | None
    page_size: int
    part_size: int
    token_lifetime: int


class SavedStates:
    """The saved states of the Hub with this folder; nothing may write to it meanwhile."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder = root / _STATES
        self._numbers = count(1)
        self.clear()  # the remains of a killed process

    def save(self, *, admin: str | None, page_size: int, part_size: int, token_lifetime: int) -> SavedState:
        """Save the folder; the arguments are those of `SavedState`."""
        folder = self._folder / str(next(self._numbers))
        folder.mkdir(parents=True)
        _copy(str(self._root), str(folder), _EXCLUDED)
        return SavedState(
            folder=folder, admin=admin, page_size=page_size, part_size=part_size, token_lifetime=token_lifetime
        )

    def restore(self, state: SavedState) -> None:
        """Make the folder the same as it was.

        Raises:
            ValueError: The state is not one of these.
        """
        if state.folder.parent != self._folder or not state.folder.is_dir():
            raise ValueError("The state is not one of this embedded Hub, or the Hub was stopped: save it again")
        _copy(str(state.folder), str(self._root), _EXCLUDED)
        for name in _TRANSIENT:
            _empty(self._root / name)

    def clear(self) -> None:
        """Delete all states."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _copy(source: str, target: str, excluded: Collection[str] = ()) -> None:
    """Make an existing folder the same as another one, with hard links to its files, but for the excluded paths."""
    with os.scandir(target) as found:
        old = {entry.name: entry for entry in found if entry.name not in excluded}
    with os.scandir(source) as found:
        new = [entry for entry in found if entry.name not in excluded]
    for entry in new:
        path = os.path.join(target, entry.name)
        known = old.pop(entry.name, None)
        if entry.is_dir(follow_symlinks=False):
            if known is None or not known.is_dir(follow_symlinks=False):
                _remove(known)
                os.mkdir(path)
            start = f"{entry.name}/"
            _copy(entry.path, path, [one.removeprefix(start) for one in excluded if one.startswith(start)])
        elif known is None or entry.name == _APPENDED or known.inode() != entry.inode():
            _remove(known)
            _copy_file(entry, path)
    for entry in old.values():
        _remove(entry)


def _copy_file(source: os.DirEntry[str], target: str) -> None:
    if source.name != _APPENDED:
        try:
            os.link(source.path, target)
        except OSError:  # the file system has no hard links, or no more of this file
            pass
        else:
            return
    shutil.copy2(source.path, target, follow_symlinks=False)


def _remove(entry: os.DirEntry[str] | None) -> None:
    if entry is None:
        return
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        os.unlink(entry.path)


def _empty(folder: Path) -> None:
    """Remove what is in a folder, if it exists."""
    with suppress(FileNotFoundError), os.scandir(folder) as found:
        for entry in list(found):
            _remove(entry)
