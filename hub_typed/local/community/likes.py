"""Likes of a repository, with the time of each."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from hub_typed.local.json_files import read_json, write_json

__all__ = ["Likes"]


class Likes:
    """Likes of one repository in one file. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def all(self) -> dict[str, datetime]:
        """Return the time of each like by user name, newest first."""
        stored: dict[str, str] = read_json(self._file, {})
        return {user: datetime.fromisoformat(at) for user, at in sorted(stored.items(), key=lambda one: one[1])[::-1]}

    def add(self, user: str, at: datetime) -> None:
        """Add a like; an earlier like of the same user stays."""
        write_json(self._file, {user: at.isoformat(), **read_json(self._file, {})})

    def remove(self, user: str) -> None:
        """Remove the like of a user, if any."""
        stored: dict[str, str] = read_json(self._file, {})
        if stored.pop(user, None) is not None:
            write_json(self._file, stored)
