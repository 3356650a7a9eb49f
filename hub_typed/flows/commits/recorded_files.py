"""States of the files of an upload, in memory and in the journal of their folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

import attrs

from hub_typed.flows.commits.journal import Journal, Mode, Record
from hub_typed.flows.commits.prepared_changes import Upload
from hub_typed.http.io import Io

__all__: list[str] = []


def _do_nothing() -> None:
    """Default of ``on_saved``."""


class RecordedFiles:
    """States of files; the hashes are those of earlier runs, see `SavedHashes`.

    Args:
        records: State of each file, by path.
        on_saved: Called when a state was written.
    """

    def __init__(
        self, io: Io, journal: Journal, records: dict[str, Record], *, on_saved: Callable[[], None] = _do_nothing
    ) -> None:
        self._io = io
        self._journal = journal
        self._records = records
        self._on_saved = on_saved
        self._examined: dict[str, float] = {}  # time when the file was examined

    def begin(self, paths: Iterable[str]) -> None:
        """Note that files are examined from now on: the state of one that changes later is not used."""
        now = self._io.now()
        self._examined.update((path, now) for path in paths)

    async def find(self, upload: Upload) -> str | None:
        """Return the SHA-256 of a file from the journal; see `SavedHashes`."""
        return (await self._read(upload.path)).sha256

    async def find_uploaded(self, upload: Upload) -> str | None:
        """Return the SHA-256 of a file that the journal records as uploaded; see `SavedHashes`."""
        known = await self._read(upload.path)
        return known.sha256 if known.uploaded else None

    async def save(self, upload: Upload, sha256: str | None) -> None:
        """Write the SHA-256 of a file to the journal; see `SavedHashes`."""
        known = self._records[upload.path]
        is_uploaded = known.uploaded and known.sha256 == sha256
        record = attrs.evolve(known, size=upload.content.size, sha256=sha256, uploaded=is_uploaded)
        await self._save_prepared(upload, record)

    async def mark_ignored(self, upload: Upload) -> None:
        """Record that a ``.gitignore`` ignores a file."""
        await self._save_prepared(upload, await self._read(upload.path))

    async def mark_uploaded(self, path: str) -> None:
        """Record that the content of a file is in LFS storage."""
        await self._save(path, attrs.evolve(self._records[path], uploaded=True))

    async def mark_committed(self, upload: Upload) -> None:
        """Record that the branch contains a file."""
        await self._save(upload.path, attrs.evolve(self._records[upload.path], uploaded=upload.lfs, committed=True))

    async def _read(self, path: str) -> Record:
        known = self._records[path] = await self._io.run_blocking(partial(self._journal.read, path))
        return known

    async def _save_prepared(self, upload: Upload, known: Record) -> None:
        mode: Mode = "lfs" if upload.lfs else "regular"
        await self._save(upload.path, attrs.evolve(known, ignored=upload.ignored, mode=mode, committed=False))

    async def _save(self, path: str, record: Record) -> None:
        self._records[path] = record
        await self._io.run_blocking(partial(self._journal.write, path, record, self._examined[path]))
        self._on_saved()
