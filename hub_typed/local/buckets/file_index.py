"""Files of a bucket on disk: a sequence of changes, each a JSON file that is written once.

A change costs as much as the files that it names, however many the bucket has. From time to time, one file replaces all
that were written before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import attrs

from hub_typed.local.buckets.files import BucketFile, Files
from hub_typed.local.json_files import read_json, write_json

__all__ = ["FileIndex"]

_MAX_CHANGES: Final = 256
"""How many changes are kept before one file replaces them."""
_MIN_OUTDATED: Final = 1000
"""How many outdated entries are kept at least."""


class FileIndex:
    """Index of the files of one bucket; whoever changes it must hold the lock of the bucket.

    Attributes:
        files: The current files.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder
        self._numbers: list[int] = []
        self._entries = 0
        self.files: Files = Files()
        for left in folder.glob("*.json.*"):  # by a killed process
            left.unlink()
        for number in sorted(int(path.stem) for path in folder.glob("*.json")):
            self._read(number)
        self._remove_replaced()  # which a killed process did not do

    def apply(self, changes: Mapping[str, BucketFile | None], at: str) -> None:
        """Change files, at once for whoever reads, and for a process that is killed meanwhile.

        Args:
            changes: The new file at each path; ``None`` if it is deleted.
            at: Time in ISO 8601.
        """
        files = self.files.changed(changes, at)
        outdated = self._entries + len(changes) - len(files)
        replaces = len(self._numbers) >= _MAX_CHANGES or outdated > max(len(files), _MIN_OUTDATED)
        number = self._numbers[-1] + 1 if self._numbers else 1
        written = files.all() if replaces else changes
        members = {path: None if file is None else _members(file) for path, file in written.items()}
        write_json(self._path(number), {"at": at, "replaces": replaces, "files": members})
        self.files = files
        self._add(number, len(written), replaces=replaces)
        if replaces:
            self._remove_replaced()

    def _add(self, number: int, entries: int, *, replaces: bool) -> None:
        self._numbers = [number] if replaces else [*self._numbers, number]
        self._entries = entries if replaces else self._entries + entries

    def _remove_replaced(self) -> None:
        for path in self._folder.glob("*.json"):
            if int(path.stem) not in self._numbers:
                path.unlink(missing_ok=True)

    def _read(self, number: int) -> None:
        written: dict[str, Any] = read_json(self._path(number))
        found = {path: members and BucketFile(**members) for path, members in written["files"].items()}
        self.files = (Files() if written["replaces"] else self.files).changed(found, written["at"])
        self._add(number, len(found), replaces=written["replaces"])

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08}.json"


def _members(file: BucketFile) -> dict[str, object]:
    return {name: value for name, value in attrs.asdict(file).items() if value is not None}
