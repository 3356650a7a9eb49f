"""Methods of the file system that read."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, BinaryIO

from fsspec.callbacks import DEFAULT_CALLBACK, Callback

from hub_typed.disk.folders import Folder
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.fs.base import FileSystemBase
from hub_typed.fs.entries import EntryInfo
from hub_typed.fs.paths import ResolvedPath
from hub_typed.fs.ranges import merge_ranges

__all__: list[str] = []


class ReadingMethods(FileSystemBase):
    """Methods that read; fsspec derives the synchronous ones from them."""

    async def entry_info(
        self, path: ResolvedPath, *, refresh: bool = False, expand_info: bool | None = None
    ) -> EntryInfo:
        """Return information about a file or folder; see `HubFileSystem.info`."""
        expand = bool(self.expand_info) if expand_info is None else expand_info
        return await self._listings.info(path, refresh=refresh, expand=expand)

    async def _info(
        self,
        path: str,
        *,
        revision: str | None = None,
        refresh: bool = False,
        expand_info: bool | None = None,
        **_: object,
    ) -> EntryInfo:
        return await self.entry_info(self.resolve_path(path, revision), refresh=refresh, expand_info=expand_info)

    async def _ls(
        self,
        path: str,
        detail: bool = True,
        *,
        revision: str | None = None,
        refresh: bool = False,
        expand_info: bool | None = None,
        **_: object,
    ) -> list[EntryInfo] | list[str]:
        resolved = self.resolve_path(path, revision)
        expand = bool(self.expand_info) if expand_info is None else expand_info
        entries = await self._listings.entries(resolved, refresh=refresh, expand=expand)
        return list(entries) if detail else [info["name"] for info in entries]

    async def _find(
        self,
        path: str,
        maxdepth: int | None = None,
        withdirs: bool = False,
        detail: bool = False,
        *,
        revision: str | None = None,
        refresh: bool = False,
        expand_info: bool | None = None,
        **_: object,
    ) -> list[str] | dict[str, EntryInfo]:
        if maxdepth is not None and maxdepth < 1:
            raise ValueError(f"maxdepth must be at least 1, not {maxdepth}.")
        expand = bool(self.expand_info) if expand_info is None else expand_info
        found: dict[str, EntryInfo] = {}
        try:
            resolved = self.resolve_path(path, revision)
            entries = await self._listings.tree(resolved, maxdepth=maxdepth, refresh=refresh, expand=expand)
            if withdirs:
                root = await self._listings.info(resolved, expand=expand)
                entries = [root, *entries]
        except FileNotFoundError:
            entries = []
        for info in entries:
            if withdirs or info["type"] == "file":
                found[info["name"]] = info
        names = sorted(found)
        return {name: found[name] for name in names} if detail else names

    async def _walk(
        self,
        path: str,
        maxdepth: int | None = None,
        *,
        revision: str | None = None,
        refresh: bool = False,
        **kwargs: Any,
    ) -> AsyncIterator[tuple[str, Any, Any]]:
        """Walk through folders; they are listed with one request beforehand."""
        try:
            resolved = self.resolve_path(path, revision)
            await self._listings.tree(resolved, maxdepth=maxdepth, refresh=refresh, expand=bool(self.expand_info))
            path = resolved.unresolve()
        except FileNotFoundError:
            pass  # raised or ignored below
        async for step in super()._walk(path, maxdepth, **kwargs):
            yield step

    async def _cat_file(
        self, path: str, start: int | None = None, end: int | None = None, *, revision: str | None = None, **_: object
    ) -> bytes:
        reader = await self.open_reader(self.resolve_path(path, revision))
        size = reader.remote.size
        first, after, _step = slice(start, end).indices(size)
        return await (reader.read_all() if (first, after) == (0, size) else reader.read(first, after))

    async def _cat_ranges(
        self,
        paths: list[str],
        starts: int | Iterable[int | None] | None,
        ends: int | Iterable[int | None] | None,
        max_gap: int | None = None,
        batch_size: int | None = None,
        on_error: str = "return",
        **_: object,
    ) -> list[bytes | Exception]:
        all_starts, all_ends = (
            list(given) if isinstance(given, Iterable) else [given] * len(paths) for given in (starts, ends)
        )
        if not len(paths) == len(all_starts) == len(all_ends):
            raise ValueError("cat_ranges() needs as many paths as starts and ends.")
        files: dict[str, list[int]] = {}
        for position, path in enumerate(paths):
            files.setdefault(path, []).append(position)
        results: dict[int, bytes | Exception] = {}

        async def read_file(path: str) -> None:
            positions = files[path]
            try:
                reader = await self.open_reader(self.resolve_path(path))
                size = reader.remote.size
                ranges = [slice(all_starts[each], all_ends[each]).indices(size)[:2] for each in positions]
                spans = merge_ranges(ranges, max_gap)
                contents = await self.io.each(lambda span: reader.read(span.start, span.end), spans, limit=batch_size)
            except Exception as error:
                if on_error != "return":
                    raise
                results.update(dict.fromkeys(positions, error))
                return
            for span, content in zip(spans, contents, strict=True):
                for member in span.members:
                    start, end = ranges[member]
                    results[positions[member]] = content[start - span.start : max(start, end) - span.start]

        await self.io.each(read_file, files, limit=batch_size)
        return [results[position] for position in range(len(paths))]

    async def _get_file(
        self,
        rpath: str,
        lpath: str | os.PathLike[str] | BinaryIO,
        callback: Callback = DEFAULT_CALLBACK,
        *,
        revision: str | None = None,
        **_: object,
    ) -> None:
        resolved = self.resolve_path(rpath, revision)
        info = await self.entry_info(resolved)
        if info["type"] == "directory":
            if isinstance(lpath, str | os.PathLike):
                os.makedirs(lpath, exist_ok=True)
            return
        callback.set_size(info["size"])
        reader = await self.open_reader(resolved)
        if isinstance(lpath, str | os.PathLike):
            parent, name = _split_target(lpath, resolved.path)
            remote = reader.remote
            with Folder.root(parent, make=True) as folder:
                # A later call resumes the partial file, if this one does not finish it.
                partial_files = PartialFiles(folder, f".{name[:100]}.{remote.etag}", None, remote.path, remote.size)
                await fetch(self.io, remote, partial_files, folder, name, None)
        else:
            content = await reader.read_all()
            await self.io.run_blocking(lambda: lpath.write(content))
        callback.absolute_update(info["size"])

    async def _modified(self, path: str, *, revision: str | None = None) -> datetime:
        """Return when the last commit that changed a file or folder was made, or a file of a bucket was modified.

        Raises:
            FileNotFoundError: It does not exist.
            NotImplementedError: The path is that of a repository or bucket, or of a folder in a bucket.
        """
        info = await self._info(path, revision=revision, expand_info=True)
        commit = info.get("last_commit")
        modified = (info.get("mtime") or info.get("uploaded_at")) if commit is None else commit.date
        if modified is None:
            raise NotImplementedError(f"The Hub does not say when {path} was modified; pass a path in a repository.")
        return modified

    async def _checksum(self, path: str, *, revision: str | None = None) -> int:
        """Return the hash of the content of a file as a number.

        It is the SHA-256 of an LFS file, the git blob id of another file, and the Xet hash of a file of a bucket.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        resolved = self.resolve_path(path, revision)
        info = await self.entry_info(resolved)
        lfs = info.get("lfs")
        found = info.get("blob_id", info.get("xet_hash")) if lfs is None else lfs.sha256
        if found is None:
            raise IsADirectoryError(f"{path} is a folder, which has no checksum; pass the path of a file.")
        return int(found, 16)

    async def _sign(self, path: str, expiration: int = 100, *, revision: str | None = None, **_: object) -> str:
        """Return a URL at which anybody can read a file for a while; the Hub decides for how long.

        The URL of a file that is not in a storage is the one of the Hub, where a private file needs a token.

        Args:
            expiration: Not used: the Hub decides.

        Raises:
            FileNotFoundError: The file does not exist.
        """
        resolved = self.resolve_path(path, revision)
        remote = await self.request_remote(resolved)  # a URL that was used before may expire soon
        return remote.location or self.file_url(resolved)

    def file_url(self, path: ResolvedPath) -> str:
        """Return the URL of a file on the Hub; see `HubFileSystem.url`."""
        return self._listings.requests(path).url


def _split_target(local: str | os.PathLike[str], path: str) -> tuple[str, str]:
    """Return folder and name of a local file; in an existing folder, it keeps its name."""
    if os.path.isdir(local):
        return os.fspath(local), os.path.basename(path)
    parent, name = os.path.split(os.path.abspath(local))
    return parent, name
