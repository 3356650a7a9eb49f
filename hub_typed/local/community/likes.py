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
        """Times of the likes by user, newest first."""
        kept: dict[str, str] = read_json(self._file, {})
        return {user: datetime.fromisoformat(at) for user, at in sorted(kept.items(), key=lambda one: one[1])[::-1]}

    def add(self, user: str, at: datetime) -> None:
        """Add a like; an earlier one of the same user is kept."""
        write_json(self._file, {user: at.isoformat(), **read_json(self._file, {})})

    def remove(self, user: str) -> None:
        """Remove the like of a user, if there is one."""
        kept: dict[str, str] = read_json(self._file, {})
        if kept.pop(user, None) is not None:
            write_json(self._file, kept)
