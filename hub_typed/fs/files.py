"""Open files: reading in ranges, and writing by way of a temporary file."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import IO, Any, BinaryIO, Final, Literal, cast

from fsspec.asyn import sync
from fsspec.spec import AbstractBufferedFile

from hub_typed.flows.files.file_reader import PART_SIZE, FileReader
from hub_typed.fs.paths import HfFileSystemResolvedPath
from hub_typed.fs.read_cache import SequentialReadAhead
from hub_typed.fs.writing import WritingMethods

__all__ = ["HfFileSystemFile", "HfFileSystemStreamFile"]

MAX_IN_MEMORY: Final = 32 << 20
"""Size in bytes up to which a file that is written is kept in memory."""


class HfFileSystemFile(AbstractBufferedFile):
    """An open file of a repository.

    It is read at the commit that its revision had when it was opened. It is written to memory or a temporary file, and
    committed when it is closed; not if the ``with`` block of the file ends with an error.

    Attributes:
        resolved_path: Where the file is; at a commit, if it is read.
    """

    fs: WritingMethods

    def __init__(
        self,
        fs: WritingMethods,
        path: str,
        mode: str = "rb",
        block_size: int | Literal["default"] | None = "default",
        autocommit: bool = True,
        cache_type: str = SequentialReadAhead.name,
        cache_options: Mapping[str, Any] | None = None,
        size: int | None = None,
        *,
        revision: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: object,
    ) -> None:
        """Open a file; see `HubFileSystem.open`.

        Raises:
            FileNotFoundError: The file to read, or the repository to write to, does not exist.
            FileExistsError: The file to create exists.
        """
        given = fs.resolve_path(path, revision)
        self._commit_text = commit_message, commit_description
        self._spool: IO[bytes] | None = None
        self._reader: FileReader | None = None
        if mode in {"rb", "ab"}:
            with suppress(*([FileNotFoundError] if mode == "ab" else [])):
                self._reader = sync(fs.loop, fs.open_reader, given)
        if mode != "rb":
            sync(fs.loop, fs.check_writable, given, is_new=mode == "xb")
        commit = self._reader.remote.commit if self._reader is not None else None
        self.resolved_path: HfFileSystemResolvedPath = (
            given if commit is None or mode != "rb" else given.at_commit(commit)
        )
        size = self._reader.remote.size if self._reader is not None else size
        super().__init__(fs, given.unresolve(), mode, block_size, autocommit, cache_type, cache_options, size, **kwargs)
        if mode == "ab" and self._reader is not None:
            self.loc: int = self._reader.remote.size

    @property
    def details(self) -> dict[str, Any]:
        """What `HubFileSystem.info` says of the file."""
        info = sync(self.fs.loop, self.fs.entry_info, self.resolved_path)
        return {**info, "name": self.path}

    def read(self, length: int | None = -1) -> bytes:
        """Read bytes; the hash of the content is verified if all of it is read at once.

        Args:
            length: Maximum number of bytes; the rest of the file by default.

        Raises:
            IntegrityError: The hash differs from the metadata of the Hub.
            HubError: The bytes could not be received.
        """
        if self._reader is not None and self.readable() and self.loc == 0 and (length is None or length < 0):
            content = sync(self.fs.loop, self._reader.read_all)
            self.loc = len(content)
            return content
        return super().read(length)

    def url(self) -> str:
        """Return the URL of the file on the Hub."""
        return self.fs.file_url(self.resolved_path)

    def commit(self) -> None:
        """Commit what was written; in a transaction, when it ends."""
        spool, self._spool = self._spool, None
        if spool is not None:
            sync(self.fs.loop, self._commit, spool)

    def discard(self) -> None:
        """Drop what was written; nothing can be written any more."""
        self.forced = True  # nothing is flushed when it is closed
        spool, self._spool = self._spool, None
        if spool is not None:
            spool.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; what was written is dropped if the block has failed."""
        if kind is not None and self.mode != "rb" and not self.closed:
            self.discard()
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Reopen the file at the same commit and position."""
        if self.mode != "rb":
            raise TypeError(f"{self.path} is being written, so it cannot be pickled; close it and pickle its path.")
        arguments = (self.fs, self.resolved_path.unresolve(), self.blocksize, self.cache.name, self.loc)
        return _reopen, (type(self), *arguments)

    def __del__(self) -> None:
        """Close a file that was opened completely."""
        if hasattr(self, "_closed") and not self.closed:
            self.close()

    def _fetch_range(self, start: int, end: int) -> bytes:
        assert self._reader is not None
        return sync(self.fs.loop, self._reader.read, start, end)

    def _initiate_upload(self) -> None:
        self._spool = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY, prefix="hub-typed-")  # noqa: SIM115  # closed by the commit
        if self._reader is not None:
            for start in range(0, self._reader.remote.size, PART_SIZE):
                self._spool.write(self._fetch_range(start, start + PART_SIZE))

    def _upload_chunk(self, final: bool = False) -> bool:
        assert self._spool is not None
        self._spool.write(self.buffer.getbuffer())
        if final and (self.autocommit or self.fs.is_in_transaction):
            self.commit()
        return True

    async def _commit(self, spool: IO[bytes]) -> None:
        async with self.fs.one_commit(*self._commit_text) as writes:
            writes.scratch.callback(spool.close)
            spool.seek(0, os.SEEK_SET)
            writes.add(self.resolved_path, cast("BinaryIO", spool))


class HfFileSystemStreamFile(HfFileSystemFile):
    """A file that is read from its beginning to its end, without moving in it."""

    def __init__(
        self, fs: WritingMethods, path: str, mode: str = "rb", *, revision: str | None = None, **kwargs: Any
    ) -> None:
        """Open a file; see `HubFileSystem.open`.

        Raises:
            ValueError: The mode is not ``rb``.
            FileNotFoundError: The file does not exist.
        """
        if mode != "rb":
            raise ValueError(f"A stream can only be read: its mode is 'rb', not {mode!r}.")
        kwargs["block_size"] = "default"
        super().__init__(fs, path, mode, revision=revision, **kwargs)

    def seek(self, loc: int, whence: int = 0) -> int:
        """Accept the current position only.

        Raises:
            ValueError: The position is another one.
        """
        if (loc, whence) not in {(self.loc, os.SEEK_SET), (0, os.SEEK_CUR)}:
            raise ValueError(f"{self.path} is read as a stream; open it without block_size=0 to move in it.")
        return self.loc

    def seekable(self) -> bool:
        return False


def _reopen(
    kind: type[HfFileSystemFile], fs: WritingMethods, path: str, block_size: int, cache_type: str, position: int
) -> HfFileSystemFile:
    file = kind(fs, path, block_size=block_size, cache_type=cache_type)
    file.loc = position
    return file
