"""Folders of files by hash, each written atomically."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from hub_typed.local.xet.hashes import checked_hash

__all__ = ["HashedFiles", "TemporaryFiles"]


class TemporaryFiles:
    """Files that are not complete yet; a process that is killed leaves them behind."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self._written: set[Path] = set()  # add() and discard() are atomic

    @contextmanager
    def new(self) -> Generator[Path]:
        """Give the path of a new file, which is deleted at the end unless it was moved away."""
        path = self._root / secrets.token_hex(16)
        self._written.add(path)
        try:
            yield path
        finally:
            path.unlink(missing_ok=True)
            self._written.discard(path)

    def remove(self, older_than: float = 0) -> None:
        """Delete the files that were last written more than so many seconds ago, except those in use."""
        for path in self._root.iterdir():
            if path not in self._written and _age(path) >= older_than:
                path.unlink(missing_ok=True)


class HashedFiles:
    """Files by hash in one folder."""

    def __init__(self, root: Path, temporary: TemporaryFiles) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root
        self.temporary = temporary

    def path(self, name: str) -> Path:
        """Return the path of a file, whether or not it exists.

        Raises:
            HubResponseError: 400, the name is no hash.
        """
        return self._root / checked_hash(name)[:2] / name

    def __contains__(self, name: str) -> bool:
        return self.path(name).exists()

    def __iter__(self) -> Iterator[str]:
        for folder in self._root.iterdir():
            with suppress(FileNotFoundError):
                yield from (path.name for path in folder.iterdir())

    def read(self, name: str) -> bytes | None:
        """Return the content of a file; ``None`` if it does not exist."""
        try:
            return self.path(name).read_bytes()
        except FileNotFoundError:
            return None

    def write(self, name: str, content: bytes) -> None:
        """Write a file, or replace it."""
        with self.temporary.new() as path:
            path.write_bytes(content)
            self.move_here(path, name)

    def move_here(self, path: Path, name: str) -> None:
        """Rename a complete file to its place here."""
        final = self.path(name)
        final.parent.mkdir(exist_ok=True)
        os.replace(path, final)

    def age(self, name: str) -> float:
        """Return the seconds since a file was written or touched; 0 if it does not exist."""
        return _age(self.path(name))

    def touch(self, name: str) -> None:
        """Let the age of a file begin anew, if it exists."""
        with suppress(FileNotFoundError):
            os.utime(self.path(name))

    def remove(self, name: str) -> None:
        """Delete a file, if it exists."""
        self.path(name).unlink(missing_ok=True)


def _age(path: Path) -> float:
    try:
        return time.time() - path.stat().st_mtime
    except FileNotFoundError:
        return 0
