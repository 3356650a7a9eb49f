"""What synchronous and asynchronous open files have in common: how they are read, written and committed."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from typing import IO, BinaryIO, Final, Self, cast

from hub_typed.flows.files.file_reader import PART_SIZE, FileReader
from hub_typed.fs.paths import ResolvedPath, at_commit
from hub_typed.fs.read_ahead import ReadAhead
from hub_typed.fs.writing import WritingMethods

__all__: list[str] = []

MAX_IN_MEMORY: Final = 32 << 20
"""Size in bytes up to which a file that is written is kept in memory."""


class Opened:
    """A file that is open.

    It is written to memory or a temporary file until it is committed.

    Attributes:
        path: Where the file is; at a commit, if it is read.
        reader: Reads the file, also one that is written at its end; ``None`` if there is nothing to read.
    """

    def __init__(
        self,
        fs: WritingMethods,
        path: ResolvedPath,
        reader: FileReader | None,
        commit_text: tuple[str | None, str | None],
    ) -> None:
        self.path: ResolvedPath = path
        self.reader: FileReader | None = reader
        self._fs = fs
        self._commit_text = commit_text
        self._spool: IO[bytes] | None = None

    @classmethod
    async def of(
        cls,
        fs: WritingMethods,
        path: ResolvedPath,
        mode: str,
        commit_message: str | None,
        commit_description: str | None,
    ) -> Self:
        """Look up a file.

        Raises:
            FileNotFoundError: The file to read, or the repository to write to, does not exist.
            FileExistsError: The file to create exists.
        """
        reader = None
        if mode in {"rb", "ab"}:
            with suppress(*([FileNotFoundError] if mode == "ab" else [])):
                reader = await fs.open_reader(path)
        if mode != "rb":
            await fs.check_writable(path, is_new=mode == "xb")
        elif reader is not None:
            fs.locate_next(path)
            path = at_commit(path, reader.remote.commit)
        return cls(fs, path, reader, (commit_message, commit_description))

    @property
    def size(self) -> int | None:
        """Size of the file that is there, in bytes."""
        return None if self.reader is None else self.reader.remote.size

    def read_ahead(self, block_size: int) -> ReadAhead | None:
        """Return what reads the file ahead.

        Args:
            block_size: Largest number of bytes of a request ahead.
        """
        if self.reader is None:
            return None
        return ReadAhead(self.reader.read, self.reader.remote.size, block_size, self._fs.read_ahead_memory)

    @property
    def is_written(self) -> bool:
        """Whether something was written that is not committed."""
        return self._spool is not None

    async def begin(self) -> None:
        """Begin to write, with the content that is there if the file is written at its end."""
        self._spool = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY, prefix="hub-typed-")  # noqa: SIM115  # closed by the commit
        for start in range(0, self.size or 0, PART_SIZE):
            assert self.reader is not None
            self._spool.write(await self.reader.read(start, start + PART_SIZE))

    def write(self, data: memoryview) -> None:
        """Write bytes after those that are written."""
        assert self._spool is not None
        self._spool.write(data)

    def discard(self) -> None:
        """Drop what was written."""
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.close()

    async def commit(self) -> None:
        """Commit what was written; in a transaction, when it ends."""
        spool, self._spool = self._spool, None
        if spool is not None:
            async with self._fs.one_commit(*self._commit_text) as writes:
                writes.scratch.callback(spool.close)
                spool.seek(0, os.SEEK_SET)
                writes.add(self.path, cast("BinaryIO", spool))
