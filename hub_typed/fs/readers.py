"""Readers of files, which are kept, and made ahead where the files of a folder are opened one after the other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Final

import attrs

from hub_typed.errors import HubError
from hub_typed.flows.files.file_reader import FileReader
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.fs.errors import file_errors
from hub_typed.fs.listings import Listings
from hub_typed.fs.paths import ResolvedPath

__all__: list[str] = []

MAX_READERS: Final = 1000
"""Number of files whose signed URLs are kept."""
MAX_AHEAD: Final = 4
"""Number of files that are located ahead, at most: PyArrow reads as many at once."""


@attrs.define
class OpeningOrder:
    """The order in which files are opened."""

    _folder: str = ""
    _position: int = 0
    _count: int = 0

    def note(self, folder: str, position: int) -> int:
        """Note which file of a folder was opened.

        Returns:
            How many files after it will probably be opened next. The number doubles with each file that is opened in
            order; several may be opened at once, so that they come almost in order.
        """
        step = position - self._position
        if folder != self._folder or abs(step) > MAX_AHEAD:
            self._folder, self._position, self._count = folder, position, 0
        elif step > 0:
            self._position, self._count = position, min(MAX_AHEAD, max(1, 2 * self._count))
        return self._count if position == self._position else 0


class Readers:
    """Readers of the files of a file system."""

    def __init__(self, listings: Listings) -> None:
        self._listings = listings
        self._kept: dict[str, FileReader] = {}
        self._located: dict[str, asyncio.Task[None]] = {}
        self._order = OpeningOrder()

    async def open(self, path: ResolvedPath) -> FileReader:
        """Return a reader of a file; see `FileSystemBase.open_reader`.

        Raises:
            FileNotFoundError: The file does not exist.
            IsADirectoryError: The path is that of a repository or bucket.
        """
        name = path.unresolve()
        if not path.path:
            raise IsADirectoryError(f"{name} is not a file; pass the path of a file in it.")
        if (task := self._task(name)) is not None:
            await asyncio.wait([task])
        listed, commit = self._listings.listed_file(path), self._listings.listed_commit(path)
        reader = self._kept.pop(name, None)
        if reader is not None and not (
            reader.remote.commit == commit or (listed is not None and listed.etag == reader.remote.etag)
        ):
            reader = None
        if reader is None:
            remote = await self.request_remote(path) if listed is None or commit is None else listed
            reader = self._listings.requests(path).reader(remote)
        self._keep(name, reader)
        return reader

    async def request_remote(self, path: ResolvedPath) -> RemoteFile:
        """Look up a file of a repository at the commit that its revision has now, or a file of a bucket.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        with file_errors(path.unresolve()):
            return await self._listings.requests(path).remote()

    def locate_next(self, path: ResolvedPath) -> None:
        """Ask for the URLs of the files that will probably be opened after an opened one, in the background.

        They must be in a storage, and in a cached listing whose commit is known.
        """
        listing = self._listings.listing_of(path)
        position = None if listing is None else listing.positions.get(path.unresolve())
        if listing is None or position is None or self._listings.listed_commit(path) is None:
            return
        count = self._order.note(path.unresolve().rpartition("/")[0], position)
        for info in listing[position + 1 : position + 1 + count]:
            name = info["name"]
            following = path.at(name.removeprefix(f"{path.root}/"))
            remote = self._listings.listed_file(following) if info.get("lfs") else None
            if remote is not None and name not in self._kept and self._task(name) is None:
                reader = self._listings.requests(following).reader(remote)
                self._located[name] = asyncio.ensure_future(self._locate(name, reader))

    def forget(self, path: ResolvedPath | None = None) -> None:
        """Forget the readers of a file, or of the files below a folder; all by default."""
        name = "" if path is None else path.unresolve()
        for known in [known for known in self._kept if not name or known == name or known.startswith(f"{name}/")]:
            self._kept.pop(known, None)

    async def _locate(self, name: str, reader: FileReader) -> None:
        try:
            with suppress(HubError):  # whoever reads the file asks again
                await reader.locate()
                self._keep(name, reader)
        finally:
            self._located.pop(name, None)

    def _task(self, name: str) -> asyncio.Task[None] | None:
        """Return what locates a file, unless it is of another event loop, which ends with a fork."""
        task = self._located.get(name)
        return task if task is not None and task.get_loop() is asyncio.get_running_loop() else None

    def _keep(self, name: str, reader: FileReader) -> None:
        self._kept[name] = reader
        while len(self._kept) > MAX_READERS:
            self._kept.pop(next(iter(self._kept)), None)
