"""Listings of folders, kept until they are invalidated."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from fsspec.dircache import DirCache

from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.files.paths import COMMIT
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.fs.buckets import BucketRequests
from hub_typed.fs.entries import EntryInfo, folder_info
from hub_typed.fs.errors import file_errors, not_found
from hub_typed.fs.paths import HfFileSystemResolvedBucketPath, ResolvedPath
from hub_typed.fs.repositories import RepositoryRequests
from hub_typed.http.io import Io

__all__: list[str] = []


class Listing(list[EntryInfo]):
    """Entries of a folder.

    Attributes:
        commit: Commit that was listed; ``None`` if it is not known.
    """

    def __init__(self, entries: Iterable[EntryInfo] = (), commit: str | None = None) -> None:
        super().__init__(entries)
        self.commit: str | None = commit

    @cached_property
    def positions(self) -> dict[str, int]:
        """Positions of entries by their paths; a listing is complete when it is first asked for one."""
        return {info["name"]: position for position, info in enumerate(self)}

    def named(self, name: str) -> EntryInfo | None:
        """Return the entry with a path, if there is one."""
        position = self.positions.get(name)
        return None if position is None else self[position]


class Listings:
    """Listings of folders of repositories and buckets.

    Args:
        cache: Keeps listings by the path of the folder.
    """

    def __init__(self, io: Io, cache: DirCache) -> None:
        self._io = io
        self._cache = cache
        self._roots = DirCache(cache.use_listings_cache, cache.listings_expiry_time, cache.max_paths)
        """Repositories and buckets that exist."""

    async def info(self, path: ResolvedPath, *, refresh: bool = False, expand: bool = False) -> EntryInfo:
        """Return information about a file or folder.

        Raises:
            FileNotFoundError: It does not exist.
        """
        name = path.unresolve()
        if not refresh and (cached := self._cached_info(path, expand=expand)) is not None:
            return cached
        with file_errors(name):
            found = await self.requests(path).find(expand=expand)
        if found is None:
            raise not_found(name)
        if not path.path:
            self._roots[name] = found
        return found

    async def entries(self, path: ResolvedPath, *, refresh: bool = False, expand: bool = False) -> list[EntryInfo]:
        """Return the files and folders in a folder; for a file, the file itself.

        Raises:
            FileNotFoundError: It does not exist.
        """
        name = path.unresolve()
        if not refresh and (cached := self._cached_entries(name, expand=expand)) is not None:
            return cached
        try:
            found = Listing(await self._request(path, recursive=False, expand=expand))
        except EntryNotFoundError:
            info = await self.info(path, refresh=refresh, expand=expand)
            return [info] if info["type"] == "file" else []
        self._cache[name] = found
        return found

    async def tree(
        self,
        path: ResolvedPath,
        *,
        maxdepth: int | None = None,
        refresh: bool = False,
        expand: bool = False,
    ) -> list[EntryInfo]:
        """Return all files and folders below a folder, from one listing; for a file, the file itself.

        The revision is resolved first, so all pages of the listing are of one commit, which is that of its files.

        Args:
            maxdepth: How many levels to return; all by default.

        Raises:
            FileNotFoundError: It does not exist.
        """
        if maxdepth == 1:
            return await self.entries(path, refresh=refresh, expand=expand)
        name = path.unresolve()
        found = None if refresh else self._cached_tree(name, maxdepth, expand=expand)
        if found is not None:
            return found
        with file_errors(name):
            commit = await self.requests(path).commit_of_revision()
        try:
            found = await self._request(path, recursive=True, expand=expand, commit=commit)
        except EntryNotFoundError:
            return await self.entries(path, refresh=refresh, expand=expand)
        folders = {name: Listing(commit=commit)}
        for info in found:
            if info["type"] == "directory":
                folders.setdefault(info["name"], Listing(commit=commit))
            folders.setdefault(info["name"].rpartition("/")[0], Listing(commit=commit)).append(info)
        for folder, infos in folders.items():
            self._cache[folder] = infos
        depth = name.count("/")
        return [info for info in found if maxdepth is None or info["name"].count("/") - depth <= maxdepth]

    def requests(self, path: ResolvedPath) -> RepositoryRequests | BucketRequests:
        """Return the requests about a file or folder."""
        if isinstance(path, HfFileSystemResolvedBucketPath):
            return BucketRequests(self._io, path)
        return RepositoryRequests(self._io, path)

    def listed_file(self, path: ResolvedPath) -> RemoteFile | None:
        """Return a file as a cached listing shows it; ``None`` if none does.

        Its commit is empty if that of the listing is not known.
        """
        folder = self.listing_of(path)
        info = None if folder is None else folder.named(path.unresolve())
        if info is None or info["type"] != "file":
            return None
        return self.requests(path).listed(info, self.listed_commit(path) or "")

    def listed_commit(self, path: ResolvedPath) -> str | None:
        """Return the commit of the cached listing of the folder of a file; ``None`` if it is not known."""
        if isinstance(path, HfFileSystemResolvedBucketPath):
            return None
        if COMMIT.fullmatch(path.revision):
            return path.revision
        folder = self.listing_of(path)
        return None if folder is None else folder.commit

    def listing_of(self, path: ResolvedPath) -> Listing | None:
        """Return the cached listing of the folder of a file; ``None`` if there is none."""
        return self._cached_entries(_folder(path), expand=False)

    def forget(self, path: ResolvedPath | None = None) -> None:
        """Forget the listings that a change of a file or folder makes wrong: those above it and those below it.

        Args:
            path: The file or folder; all listings are forgotten by default.
        """
        if path is None:
            self._cache.clear()
            self._roots.clear()
            return
        name = path.unresolve()
        below = [folder for folder in self._cache if folder == name or folder.startswith(f"{name}/")]
        above = [path.root, *(f"{path.root}/{folder}" for folder in _parents(path.path))]
        for folder in {*below, *above}:
            self._cache.pop(folder, None)
        self._roots.pop(path.root, None)

    async def _request(
        self, path: ResolvedPath, *, recursive: bool, expand: bool, commit: str | None = None
    ) -> list[EntryInfo]:
        entries = self.requests(path).entries(recursive=recursive, expand=expand, commit=commit)
        try:
            return [entry async for entry in entries]
        except EntryNotFoundError:
            raise
        except Exception:
            with file_errors(path.unresolve()):
                raise

    def _cached_info(self, path: ResolvedPath, *, expand: bool) -> EntryInfo | None:
        """Return what cached listings say of a path; ``None`` if they say nothing.

        Raises:
            FileNotFoundError: The listing of its folder does not have it.
        """
        name = path.unresolve()
        if not path.path:
            return folder_info(name) if name in self._cache or name in self._roots else None
        entries = self._cached_entries(_folder(path), expand=expand)
        if entries is None:
            return None
        info = entries.named(name)
        if info is None:
            raise not_found(name)
        return info

    def _cached_entries(self, folder: str, *, expand: bool) -> Listing | None:
        found: Listing | None = self._cache.get(folder)
        if found is None or (expand and any(info.get("last_commit") is None for info in found)):
            return None
        return found

    def _cached_tree(self, folder: str, maxdepth: int | None, *, expand: bool) -> list[EntryInfo] | None:
        """Return a tree if all of its folders are cached."""
        found: list[EntryInfo] = []
        folders = [folder]
        while folders and (maxdepth is None or maxdepth > 0):
            inner: list[str] = []
            for each in folders:
                entries = self._cached_entries(each, expand=expand)
                if entries is None:
                    return None
                found += entries
                inner += [info["name"] for info in entries if info["type"] == "directory"]
            folders = inner
            maxdepth = None if maxdepth is None else maxdepth - 1
        return found


def _folder(path: ResolvedPath) -> str:
    """Return the name of the folder of a file or folder in a repository."""
    return path.unresolve().rpartition("/")[0]


def _parents(path: str) -> Iterable[str]:
    """Return the folders that contain a path."""
    parts = path.split("/")[:-1]
    return ["/".join(parts[:count]) for count in range(1, len(parts) + 1)]
