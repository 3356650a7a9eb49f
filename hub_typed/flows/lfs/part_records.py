"""Records on disk of the parts that the storage has of unfinished uploads, so that a later run sends only the others.

::

    <folder>/<oid>      a line for each part: id of the upload, number of the part, ETag

The id of an upload (`upload_id`) is a hash, so no signed URL is stored. Records only save work: what cannot be read or
written is logged, and the parts are sent again.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from stat import S_ISREG
from typing import Final

import attrs

from hub_typed.disk.files import write_all
from hub_typed.disk.folders import Folder
from hub_typed.errors import UnsafePathError
from hub_typed.flows.lfs.parts import Part
from hub_typed.http.header_values import whole_number
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import LfsPart

__all__: list[str] = []

KEPT_SECONDS: Final = 7 * 86400
"""Seconds after which the storage has dropped an unfinished upload, and so its record is deleted."""


@attrs.frozen
class PartRecords:
    """Records of the unfinished uploads of one cache or local folder.

    Attributes:
        root: A trusted folder.
        names: Path of the folder of the records below ``root``; missing folders are created.
    """

    root: str
    names: tuple[str, ...]

    def open(self, oid: str, upload: str, count: int, now: float) -> PartRecord:
        """Open the record of a file, and delete those that are too old.

        Args:
            oid: SHA-256 of the content.
            upload: Id of the upload; parts of other uploads are ignored.
            count: Number of all parts of the file.
            now: Time in seconds since 1970.
        """
        record = PartRecord(self, oid, upload)

        def read(folder: Folder) -> None:
            for name in folder.names():
                status = folder.status(name)
                if status is not None and S_ISREG(status.st_mode) and status.st_mtime < now - KEPT_SECONDS:
                    folder.remove(name)
            if folder.status(oid) is not None:
                record.restore(folder.read(oid).decode("ascii", "replace"), count)

        self._access("read", read)
        return record

    def append(self, oid: str, line: str) -> None:
        """Add a line to the record of a file."""

        def write(folder: Folder) -> None:
            descriptor = folder.open(oid, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                write_all(descriptor, line.encode("ascii", "backslashreplace"))
            finally:
                os.close(descriptor)

        self._access("written", write)

    def remove(self, oid: str) -> None:
        """Delete the record of a file."""
        self._access("deleted", lambda folder: folder.remove(oid))

    def _access(self, what: str, do: Callable[[Folder], None]) -> None:
        """Do something in the folder of the records; an error is logged."""
        try:
            with Folder.root(self.root, make=True) as root, root.enter(*self.names, make=True) as folder:
                do(folder)
        except (OSError, UnsafePathError) as error:
            place = os.path.join(self.root, *self.names)
            _log.info("Records of uploaded parts in %s could not be %s: %s", place, what, error)


class PartRecord:
    """The parts of one upload that the storage has; several threads may add to it.

    Attributes:
        parts: ETag of each part, by its number.
        resumed: Numbers of the parts that an earlier run uploaded.
    """

    def __init__(self, records: PartRecords, oid: str, upload: str) -> None:
        self.parts: dict[int, str] = {}
        self.resumed: frozenset[int] = frozenset()
        self._records = records
        self._oid = oid
        self._upload = upload

    def restore(self, text: str, count: int) -> None:
        """Read the parts of the upload from the text of a record, which may be damaged; its last line may be cut off.

        Args:
            count: Number of all parts; others are ignored.
        """
        for line in text.split("\n")[:-1]:
            upload, digits, etag = [*line.split(" ", 2), "", ""][:3]
            number = whole_number(digits) or 0
            if upload == self._upload and 1 <= number <= count and etag:
                self.parts[number] = etag
        self.resumed = frozenset(self.parts)

    def add(self, part: Part, etag: str) -> None:
        """Add a part that the storage has received."""
        self.parts[part.number] = etag
        self._records.append(self._oid, f"{self._upload} {part.number} {etag}\n")

    def forget(self) -> None:
        """Forget all parts."""
        self.parts = {}
        self.resumed = frozenset()
        self._records.remove(self._oid)

    def completion(self) -> list[LfsPart]:
        """Return the parts as the completion of the upload lists them."""
        return [LfsPart(part_number=number, etag=etag) for number, etag in sorted(self.parts.items())]
