"""What all parts of the file system share: its connection, cached listings, readers of files, and pending changes."""

from __future__ import annotations

import os
from asyncio import AbstractEventLoop
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any, ClassVar

from fsspec.asyn import AsyncFileSystem, get_loop, sync
from fsspec.transaction import Transaction

from hub_typed.async_client import AsyncHfApi
from hub_typed.auth.tokens import Token
from hub_typed.flows.files.file_reader import FileReader
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.fs.listings import Listings
from hub_typed.fs.paths import ResolvedPath, resolve
from hub_typed.fs.read_ahead import ReadAheadMemory
from hub_typed.fs.readers import Readers
from hub_typed.fs.writes import PendingWrites
from hub_typed.http.io import Io
from hub_typed.settings import Settings

__all__: list[str] = []


class _Client(AsyncHfApi):
    """Client of a file system, whose flows it runs itself."""

    @property
    def io(self) -> Io:
        return self._io(None)

    def close(self) -> None:
        """Cancel running calls and close connections and threads."""
        if self._io_instance is not None:
            self._io_instance.close()


class _Environment:
    """Settings of the environment, as an attribute of the class: another environment has other instances."""

    def __get__(self, instance: object, owner: type) -> Settings:
        return Settings.from_environment()


class CommitTransaction(Transaction):
    """Transaction whose changes become one commit for each repository and branch.

    Attributes:
        writes: The changes so far.
    """

    fs: FileSystemBase | None

    def __init__(self, fs: FileSystemBase) -> None:
        super().__init__(fs)
        self.writes: PendingWrites = PendingWrites()

    def complete(self, commit: bool = True) -> None:
        """Commit all changes, or drop them; files that are still open are closed."""
        fs = self.fs
        assert fs is not None
        try:
            for file in self.files:
                if not commit:
                    file.discard()
                file.close()
        except BaseException:
            self.writes.close()
            raise
        finally:
            fs.leave_transaction()
            self.fs = None
            self.files.clear()
        if commit:
            sync(fs.loop, fs.commit, self.writes, None, None)
        else:
            self.writes.close()


class FileSystemBase(AsyncFileSystem):
    """Base of the file system.

    An instance can be pickled, and used after a fork. Both make no copy of what it knows of the Hub.
    """

    protocol: str | tuple[str, ...] = "hf"
    root_marker = ""
    transaction_type: ClassVar[type[Transaction]] = CommitTransaction
    _extra_tokenize_attributes = ("_environment",)
    _environment = _Environment()

    def __init__(
        self,
        *args: object,
        endpoint: str | None = None,
        token: Token = None,
        block_size: int | None = None,
        expand_info: bool | None = None,
        **storage_options: object,
    ) -> None:
        """Create a file system; instances with the same arguments and environment are the same object.

        Args:
            endpoint: URL of the Hub; by default ``HF_ENDPOINT`` or https://huggingface.co.
            token: A token; ``True`` for the stored one, which must exist; ``False`` for none; ``None`` for the stored
                one, if any.
            block_size: Largest number of bytes that a file reads ahead; 5 MiB by default.
            expand_info: Whether listings have the last commit and the security scan of each entry.
            **storage_options: Options of fsspec, such as ``use_listings_cache``, ``listings_expiry_time`` (seconds),
                ``skip_instance_cache`` and ``asynchronous``.

        Raises:
            InvalidTokenError: The token is malformed; the message does not contain it.
            SettingsError: The endpoint is invalid.
        """
        super().__init__(*args, **storage_options)
        self.block_size = block_size
        self.expand_info = expand_info
        self._client = _Client(endpoint, token, library_name="fsspec")
        self._listings = Listings(self.io, self.dircache)
        self._readers = Readers(self._listings)
        self.read_ahead_memory: ReadAheadMemory = ReadAheadMemory()
        self._writes: ContextVar[PendingWrites | None] = ContextVar("writes", default=None)

    @property
    def io(self) -> Io:
        """Access to the Hub."""
        return self._client.io

    @property
    def endpoint(self) -> str:
        """URL of the Hub."""
        return self._client.endpoint

    @property
    def token(self) -> Token:
        """Token given by the caller."""
        return self._client.token

    @property
    def loop(self) -> AbstractEventLoop | None:
        """Event loop of synchronous calls; ``None`` if the file system is asynchronous."""
        if self._pid != os.getpid():  # the thread of the loop did not survive the fork
            self._pid = os.getpid()
            self._loop = None if self.asynchronous else get_loop()
        return self._loop

    def close(self) -> None:
        """Cancel running calls and close connections and threads; the next call opens new ones."""
        self._client.close()

    def resolve_path(self, path: str, revision: str | None = None) -> ResolvedPath:
        """Return the parts of a path, without a request.

        Args:
            path: Path with or without ``hf://``.
            revision: Revision, if the path has none.

        Raises:
            FileNotFoundError: The path names neither a repository nor a bucket.
            ValueError: The path has another revision, or is in a bucket, which has none.
        """
        return resolve(self._strip_protocol(path), revision)

    async def open_reader(self, path: ResolvedPath) -> FileReader:
        """Return a reader of a file at one commit: that of the cached listing of a tree, or else that of its revision.

        A file of a bucket is read as it is now.

        A file that such a listing shows is not looked up. Neither is one that was read before, if its revision is a
        commit, or a cached listing shows the same content.

        Raises:
            FileNotFoundError: The file does not exist.
            IsADirectoryError: The path is that of a repository or bucket.
        """
        return await self._readers.open(path)

    def locate_next(self, path: ResolvedPath) -> None:
        """Ask for the URLs of the files that will probably be opened after an opened one, in the background."""
        self._readers.locate_next(path)

    async def request_remote(self, path: ResolvedPath) -> RemoteFile:
        """Look up a file of a repository at the commit that its revision has now, or a file of a bucket.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        return await self._readers.request_remote(path)

    @property
    def is_in_transaction(self) -> bool:
        """Whether changes are kept until a transaction ends."""
        return self._intrans

    def leave_transaction(self) -> None:
        """End the transaction: later changes are committed at once."""
        self._intrans = False
        self._transaction = None

    @asynccontextmanager
    async def one_commit(
        self, message: str | None = None, description: str | None = None
    ) -> AsyncGenerator[PendingWrites]:
        """Commit the changes of a block, and of the blocks within it, together; in a transaction, when it ends.

        Args:
            message: First line of the commit message; names the paths if not given.
            description: The rest of the message.
        """
        transaction = self._transaction if self._intrans else None
        outer = transaction.writes if isinstance(transaction, CommitTransaction) else self._writes.get()
        if outer is not None:
            yield outer
            return
        writes = PendingWrites()
        known = self._writes.set(writes)
        try:
            yield writes
        except BaseException:
            writes.close()
            raise
        finally:
            self._writes.reset(known)
        await self.commit(writes, message, description)

    async def commit(self, writes: PendingWrites, message: str | None, description: str | None) -> None:
        """Commit changes, and forget what they make wrong."""
        for path in await writes.commit(self.io, message, description):
            self._forget(path)

    def invalidate_cache(self, path: str | None = None) -> None:
        """Forget cached listings, and which content files had.

        Args:
            path: File or folder whose listings are forgotten, together with those of the folders above and below it;
                all if not given.
        """
        super().invalidate_cache(path)
        try:
            self._forget(None if path is None else self.resolve_path(path))
        except FileNotFoundError:  # above repositories
            return

    def _forget(self, path: ResolvedPath | None) -> None:
        self._listings.forget(path)
        self._readers.forget(path)

    @classmethod
    def _strip_protocol(cls, path: str | list[str]) -> Any:
        if isinstance(path, list):
            return [cls._strip_protocol(each) for each in path]
        return super()._strip_protocol(os.fspath(path).removeprefix("hub-typed://"))
