"""Open files whose methods are awaited, in the event loop of the caller."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from fsspec.asyn import AbstractAsyncStreamedFile

from hub_typed.fs.opened import Opened
from hub_typed.fs.paths import ResolvedPath
from hub_typed.fs.read_ahead import ReadAhead
from hub_typed.fs.writing import WritingMethods

__all__ = ["HfFileSystemAsyncFile"]


class HfFileSystemAsyncFile(AbstractAsyncStreamedFile):
    """An open file of a repository, as `HubFileSystem.open_async` returns it.

    ``read``, ``write``, ``flush`` and ``close`` are awaited; ``seek`` and ``tell`` are not. It is read at one commit,
    and committed when it is closed; not if its ``async with`` block ends with an error.

    Attributes:
        resolved_path: Where the file is; at a commit, if it is read.
    """

    fs: WritingMethods

    def __init__(
        self,
        fs: WritingMethods,
        path: str,
        mode: str,
        opened: Opened,
        *,
        block_size: int | None = None,
        autocommit: bool = True,
        **kwargs: object,
    ) -> None:
        mode = "wb" if mode == "xb" else mode  # fsspec's asynchronous files do not know it
        super().__init__(fs, path, mode, block_size, autocommit, "none", None, opened.size, **kwargs)
        self.resolved_path: ResolvedPath = opened.path
        self._opened = opened
        self._ahead: ReadAhead | None = opened.read_ahead(self.blocksize) if mode == "rb" else None
        if mode == "ab":
            self.loc: int = opened.size or 0

    @property
    def details(self) -> dict[str, Any]:
        """Path at the commit, and size in bytes."""
        return {"name": self.resolved_path.unresolve(), "size": self.size, "type": "file"}

    async def read(self, length: int | None = -1) -> bytes:
        """Read bytes; the hash of the content is verified if all of it is read at once.

        Args:
            length: Maximum number of bytes; the rest of the file by default.

        Raises:
            IntegrityError: The hash differs from the metadata of the Hub.
            HubError: The bytes could not be received.
        """
        reader = self._opened.reader
        is_readable = self.mode == "rb" and not self.closed
        if reader is not None and is_readable and self.loc == 0 and (length is None or length < 0):
            content = await reader.read_all()
            self.loc = len(content)
            return content
        return await super().read(length)

    def url(self) -> str:
        """Return the URL of the file on the Hub."""
        return self.fs.file_url(self.resolved_path)

    async def commit(self) -> None:
        """Commit what was written; in a transaction, when it ends."""
        await self._opened.commit()

    def discard(self) -> None:
        """Drop what was written; nothing can be written any more."""
        self.forced = True  # nothing is flushed when it is closed
        self._opened.discard()

    async def close(self) -> None:
        """Commit what was written, and keep nothing in memory."""
        try:
            await super().close()
        finally:
            self._stop_reading_ahead()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the file; what was written is dropped if the block has failed."""
        if kind is not None and self.mode != "rb" and not self.closed:
            self.discard()
        await self.close()

    def __del__(self) -> None:
        """Drop what was not closed, which would have to be awaited."""
        if hasattr(self, "_ahead"):
            self._stop_reading_ahead()
            self._opened.discard()

    def _stop_reading_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.close()

    async def _fetch_range(self, start: int, end: int) -> bytes:
        assert self._ahead is not None
        end = min(end, self.size)
        if start >= end:
            return b""
        found = self._ahead.find(start, end)
        if found is None:
            return await self._ahead.read(start, end)
        self._ahead.start()
        return found

    async def _initiate_upload(self) -> None:
        await self._opened.begin()

    async def _upload_chunk(self, final: bool = False) -> bool:
        data = self.buffer.getbuffer()
        await self.fs.io.run_blocking(lambda: self._opened.write(data))
        if final and (self.autocommit or self.fs.is_in_transaction):
            await self.commit()
        return True
