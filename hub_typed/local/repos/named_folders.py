"""Folders of repositories and buckets by type and name: finding, creating, deleting and renaming them."""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import attrs

from hub_typed.local.errors import conflict
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api.path import checked_repo_id

__all__ = ["NamedFolder", "NamedFolders"]


@attrs.frozen
class NamedFolder:
    """One folder.

    Attributes:
        name: Name of the repository or bucket.
        lock: To be held by whoever changes what is in the folder.
    """

    name: str
    path: Path
    lock: threading.RLock = attrs.field(eq=False, repr=False)


class NamedFolders:
    """Folders below a root: ``models/owner/name.git``.

    Names that differ only in the case of letters are one name; folders keep the spelling of their creation. Folders are
    created and deleted in a scratch folder of the root, and moved with one rename.

    Args:
        suffix: Suffix of the folders, which tells them from the folders of owners.
        moves: Name of the file with the former names.
    """

    def __init__(self, root: Path, *, suffix: str, moves: str) -> None:
        self._root = root
        self._suffix = suffix
        self._scratch = root / "scratch"
        self._moves_file = root / moves
        self._lock = threading.Lock()
        self._locks: dict[Path, threading.RLock] = {}
        self._moves: dict[str, str] = {name.lower(): new for name, new in read_json(self._moves_file, {}).items()}
        self._scratch.mkdir(parents=True, exist_ok=True)
        for left in self._scratch.iterdir():  # by a killed process
            shutil.rmtree(left, ignore_errors=True)

    def find(self, kind: str, name: str) -> NamedFolder | None:
        """Return the folder with this name, in any letter case; ``None`` if it does not exist."""
        path = self._path(kind, name)
        if path.is_dir():
            return self._folder(name, path)
        root = self._root / f"{kind}s"
        found = [root]
        for part in path.relative_to(root).parts:
            found = [one for folder in found for one in _children(folder) if one.name.lower() == part.lower()]
        return self._folder(self._name(root, found[0]), found[0]) if found else None

    def moved(self, kind: str, name: str) -> NamedFolder | None:
        """Return the folder that had this name before it was renamed; ``None`` if there is none."""
        new = self._moves.get(_move_key(kind, name))
        if new is None:
            return None
        return self.find(kind, new) or self.moved(kind, new)

    def all(self, kind: str) -> Iterator[NamedFolder]:
        """Iterate over the folders of one type, sorted by name."""
        root = self._root / f"{kind}s"
        for path in sorted([*root.glob(f"*{self._suffix}"), *root.glob(f"*/*{self._suffix}")]):
            yield self._folder(self._name(root, path), path)

    def new(self) -> Path:
        """Return the path of a new folder, which `add` takes over when it is complete."""
        return self._scratch / secrets.token_hex(8)

    def add(self, kind: str, name: str, complete: Path) -> NamedFolder:
        """Add a complete folder.

        Raises:
            HubResponseError: 409, the name exists already.
        """
        path = self._path(kind, name)
        with self._lock:
            if self.find(kind, name) is not None:
                raise conflict(f"You already created this {kind} repo")
            self._place(complete, path)
            self._forget_move(kind, name)
        return self._folder(name, path)

    def delete(self, kind: str, name: str) -> None:
        """Delete a folder."""
        scratch, path = self.new(), self._path(kind, name)
        with self._lock, self._locks[path]:
            path.rename(scratch)
        shutil.rmtree(scratch, ignore_errors=True)

    def move(self, kind: str, name: str, new_name: str) -> NamedFolder:
        """Rename a folder; the old name leads to it until another folder has it.

        Raises:
            HubResponseError: 409, a folder with the new name exists already.
        """
        old, new = self._path(kind, name), self._path(kind, new_name)
        with self._lock, self._locks[old]:
            there = self.find(kind, new_name)
            if there is not None and there.path != old:
                raise conflict(f"A {kind} repository called {there.name} already exists")
            self._place(old, new)
            self._moves[_move_key(kind, name)] = new_name
            self._forget_move(kind, new_name)
        return self._folder(new_name, new)

    def _place(self, source: Path, target: Path) -> None:
        # The caller holds the lock, and knows that the name is free: rename() alone would replace an empty folder.
        target.parent.mkdir(parents=True, exist_ok=True)
        source.rename(target)

    def _forget_move(self, kind: str, name: str) -> None:
        self._moves.pop(_move_key(kind, name), None)
        write_json(self._moves_file, self._moves)

    def _path(self, kind: str, name: str) -> Path:
        return self._root / f"{kind}s" / f"{checked_repo_id(name)}{self._suffix}"

    def _name(self, root: Path, path: Path) -> str:
        return path.relative_to(root).as_posix().removesuffix(self._suffix)

    def _folder(self, name: str, path: Path) -> NamedFolder:
        return NamedFolder(name, path, self._locks.setdefault(path, threading.RLock()))


def _move_key(kind: str, name: str) -> str:
    return f"{kind}s/{name}".lower()


def _children(folder: Path) -> list[Path]:
    """List a folder, sorted; empty if it does not exist or is a file."""
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []
