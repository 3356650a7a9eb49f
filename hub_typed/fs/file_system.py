"""The file system of the Hub, for libraries that use fsspec."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from fsspec.asyn import sync

from hub_typed.fs.async_files import HfFileSystemAsyncFile
from hub_typed.fs.files import HfFileSystemFile, HfFileSystemStreamFile
from hub_typed.fs.opened import Opened
from hub_typed.fs.sync_methods import SyncMethods
from hub_typed.fs.writing import WritingMethods

__all__ = ["HfFileSystem", "HubFileSystem"]


class HubFileSystem(SyncMethods, WritingMethods):
    """File system of the repositories and buckets of the Hub, for libraries that use fsspec.

    Paths are ``[datasets/|spaces/|kernels/]owner/name[@revision]/path`` or ``buckets/owner/name/path``, with or without
    ``hf://`` before them. A file is read at the commit that its revision has when it is opened, or at which `find`,
    `walk` or `glob` have listed it; in a bucket, which has no commits, as it was when it was opened. Each call that
    writes makes one commit, and a transaction makes one of all writes within it.

    Listings are kept until `invalidate_cache` is called, or until the file system writes to the repository.
    """

    def _open(
        self,
        path: str,
        mode: str = "rb",
        block_size: int | Literal["default"] | None = None,
        autocommit: bool = True,
        cache_options: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> HfFileSystemFile:
        size = self.block_size if block_size is None else block_size
        if size == 0:
            return HfFileSystemStreamFile(self, path, mode, cache_options=cache_options, **kwargs)
        return HfFileSystemFile(self, path, mode, size, autocommit, cache_options=cache_options, **kwargs)

    async def open_async(
        self,
        path: str,
        mode: str = "rb",
        *,
        revision: str | None = None,
        block_size: int | None = None,
        compression: str | None = None,
        commit_message: str | None = None,
        commit_description: str | None = None,
        **kwargs: Any,
    ) -> HfFileSystemAsyncFile:
        """Open a file whose methods are awaited, in the running event loop.

        Args:
            mode: ``rb``, ``wb``, ``ab`` or ``xb``.
            revision: Revision, if the path has none.
            block_size: Largest number of bytes that are read ahead; that of the file system by default.
            commit_message: First line of the commit message; names the path if not given.
            commit_description: The rest of the message.

        Raises:
            ValueError: The mode is another one, or a compression is asked for.
            FileNotFoundError: The file to read, or the repository to write to, does not exist.
            FileExistsError: The file to create exists.
        """
        if mode not in {"rb", "wb", "ab", "xb"} or compression is not None:
            raise ValueError(f"{path}: asynchronous files have the mode rb, wb, ab or xb, and no compression.")
        given = self.resolve_path(path, revision)
        opened = await Opened.of(self, given, mode, commit_message, commit_description)
        return HfFileSystemAsyncFile(
            self, given.unresolve(), mode, opened, block_size=block_size or self.block_size, **kwargs
        )

    def mv(self, path1: str, path2: str, recursive: bool = False, maxdepth: int | None = None, **kwargs: Any) -> None:
        """Move a file or folder in one commit; LFS files are not sent again.

        Raises:
            FileNotFoundError: It does not exist.
            IsADirectoryError: It is a folder, and ``recursive`` is not set.
        """
        sync(self.loop, self._mv, path1, path2, recursive, maxdepth, **kwargs)

    def modified(self, path: str, *, revision: str | None = None) -> datetime:
        """Return when the last commit that changed a file or folder was made, or a file of a bucket was modified.

        Raises:
            FileNotFoundError: It does not exist.
            NotImplementedError: The path is that of a repository or bucket, or of a folder in a bucket.
        """
        return sync(self.loop, self._modified, path, revision=revision)

    def checksum(self, path: str, *, revision: str | None = None) -> int:
        """Return the hash of the content of a file as a number.

        It is the SHA-256 of an LFS file, the git blob id of another file, and the Xet hash of a file of a bucket.

        Raises:
            FileNotFoundError: The file does not exist.
            IsADirectoryError: It is a folder.
        """
        return sync(self.loop, self._checksum, path, revision=revision)

    def sign(self, path: str, expiration: int = 100, **kwargs: Any) -> str:
        """Return a URL at which anybody can read a file for a while; the Hub decides for how long.

        The URL of a file that is not in a storage is the one of the Hub, where a private file needs a token.

        Args:
            expiration: Not used.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        return sync(self.loop, self._sign, path, expiration, **kwargs)

    def url(self, path: str, *, revision: str | None = None) -> str:
        """Return the URL of a file on the Hub, without a request."""
        return self.file_url(self.resolve_path(path, revision))


HfFileSystem = HubFileSystem
"""Name in huggingface_hub."""
