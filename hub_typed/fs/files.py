"""Open files: reading in ranges, and writing by way of a temporary file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Literal

from fsspec.asyn import sync
from fsspec.caching import BaseCache
from fsspec.spec import AbstractBufferedFile

from hub_typed.fs.opened import Opened
from hub_typed.fs.paths import ResolvedPath
from hub_typed.fs.read_ahead import ReadAhead
from hub_typed.fs.writing import WritingMethods

__all__ = ["HfFileSystemFile", "HfFileSystemStreamFile"]

SEQUENTIAL: Final = "sequential"
"""Type of the cache of an open file, unless another one of fsspec is asked for."""


class _SequentialCache(BaseCache):
    """Cache of an open file; waits for the event loop only where the bytes are not there."""

    name = SEQUENTIAL
    hit_count: int
    miss_count: int

    def __init__(self, fs: WritingMethods, ahead: ReadAhead) -> None:
        super().__init__(ahead.block_size, self._request, ahead.size)
        self._fs = fs
        self._ahead = ahead

    def _fetch(self, start: int | None, stop: int | None) -> bytes:
        begin, end = start or 0, self.size if stop is None else min(stop, self.size)
        if begin >= end:
            return b""
        found = self._ahead.find(begin, end)
        if found is None:
            self.miss_count += 1
            return self._request(begin, end)
        self.hit_count += 1
        loop = self._fs.loop
        if self._ahead.is_due and loop is not None:
            loop.call_soon_threadsafe(self._ahead.start)
        return found

    def _request(self, start: int, end: int) -> bytes:
        return sync(self._fs.loop, self._ahead.read, start, end)


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
        cache_type: str = SEQUENTIAL,
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
        self._opened: Opened = sync(fs.loop, Opened.of, fs, given, mode, commit_message, commit_description)
        self._ahead: ReadAhead | None = None
        self.resolved_path: ResolvedPath = self._opened.path
        fsspec_cache = "none" if cache_type == SEQUENTIAL else cache_type
        found = self._opened.size
        size = size if found is None else found
        super().__init__(
            fs, given.unresolve(), mode, block_size, autocommit, fsspec_cache, cache_options, size, **kwargs
        )
        if mode == "ab" and found is not None:
            self.loc: int = found
        if mode == "rb" and cache_type == SEQUENTIAL:
            self._ahead = self._opened.read_ahead(self.blocksize)
            assert self._ahead is not None
            self.cache: Any = _SequentialCache(fs, self._ahead)

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
        reader = self._opened.reader
        if reader is not None and self.readable() and self.loc == 0 and (length is None or length < 0):
            content = sync(self.fs.loop, reader.read_all)
            self.loc = len(content)
            return content
        return super().read(length)

    def url(self) -> str:
        """Return the URL of the file on the Hub."""
        return self.fs.file_url(self.resolved_path)

    def commit(self) -> None:
        """Commit what was written; in a transaction, when it ends."""
        if self._opened.is_written:
            sync(self.fs.loop, self._opened.commit)

    def discard(self) -> None:
        """Drop what was written; nothing can be written any more."""
        self.forced = True  # nothing is flushed when it is closed
        self._opened.discard()

    def close(self) -> None:
        """Commit what was written, and keep nothing in memory."""
        try:
            super().close()
        finally:
            if self._ahead is not None:
                self._ahead.close()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; what was written is dropped if the block has failed."""
        if kind is not None and self.mode != "rb" and not self.closed:
            self.discard()
        self.close()

    def __reduce__(self) -> tuple[Any, ...]:
        """Reopen the file at the same commit and position."""
        if self.closed:
            raise ValueError(f"{self.path} is closed, so it cannot be pickled; pickle its path.")
        if self.mode != "rb":
            raise TypeError(f"{self.path} is being written, so it cannot be pickled; close it and pickle its path.")
        arguments = (self.fs, self.resolved_path.unresolve(), self.blocksize, self.cache.name, self.loc)
        return _reopen, (type(self), *arguments)

    def __del__(self) -> None:
        """Close a file that was opened completely."""
        if hasattr(self, "_closed") and not self.closed:
            self.close()

    def _fetch_range(self, start: int, end: int) -> bytes:
        assert self._opened.reader is not None
        return sync(self.fs.loop, self._opened.reader.read, start, end)

    def _initiate_upload(self) -> None:
        sync(self.fs.loop, self._opened.begin)

    def _upload_chunk(self, final: bool = False) -> bool:
        self._opened.write(self.buffer.getbuffer())
        if final and (self.autocommit or self.fs.is_in_transaction):
            self.commit()
        return True


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
