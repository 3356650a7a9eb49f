"""File list of a commit, requested once and cached, since a commit never changes.

The list has the format of the official client: ``trees/<commit>.json``, in the repository's folder in the cache or in
``.cache/huggingface`` of a local folder.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

import attrs

from hub_typed.disk.files import write_text
from hub_typed.disk.folders import is_file, read_file
from hub_typed.errors import HubTimeoutError
from hub_typed.flows.files.offline import fallback_timeout
from hub_typed.flows.files.paths import is_hash, is_xet_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.http.pages import items, page
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import RepoFile
from hub_typed_api.operations import tree as operations
from hub_typed_api.wire import Paged, Request

if TYPE_CHECKING:
    from hub_typed.disk.folders import Folder
    from hub_typed.http.io import Io

__all__: list[str] = []

T = TypeVar("T")
FORMAT: Final = 1
REPORTED_AT_ONCE: Final = 1000
"""Files after which a list that is being requested is reported."""


class TreeStore(Protocol):
    """The cache or a local folder, which keeps lists of files."""

    @property
    def metadata_folder(self) -> Path:
        """Folder of the lists."""
        ...

    def open_metadata(self) -> Folder:
        """Open this folder, creating it if needed."""
        ...


@attrs.frozen(kw_only=True)
class TreeFile:
    """One file of a commit.

    Attributes:
        size: Size of the content in bytes.
        blob_id: Git blob id; of the pointer for an LFS file.
        sha256: SHA-256 of the content; ``None`` if the file is not in LFS.
        xet_hash: Xet hash; asterisks if the Hub hides it from callers without access.
    """

    path: str
    size: int
    blob_id: str
    sha256: str | None = None
    xet_hash: str | None = None

    @property
    def etag(self) -> str | None:
        """Hash of the content; ``None`` if the Hub hides it from callers without access."""
        found = self.blob_id if self.sha256 is None else self.sha256
        return found if is_hash(found) else None

    def remote(self, repo_id: str, repo_type: str, commit: str) -> RemoteFile | None:
        """Return the metadata for the download; ``None`` if the Hub hides the hash."""
        if self.etag is None:
            return None
        return RemoteFile(
            repo_id=repo_id,
            repo_type=repo_type,
            commit=commit,
            path=self.path,
            etag=self.etag,
            size=self.size,
            xet_hash=self.xet_hash if is_xet_hash(self.xet_hash) else None,
        )


@attrs.frozen
class FilesOnDisk:
    """The files of a commit, compared with those on disk.

    Attributes:
        absent: Paths of files that are not there in any version.
        outdated: Files that are not known to be there in the version of the commit; includes the absent ones.
    """

    absent: list[str] = attrs.field(factory=list[str])
    outdated: list[TreeFile] = attrs.field(factory=list[TreeFile])


async def list_commit_files(
    io: Io,
    repo_id: str,
    repo_type: str,
    commit: str,
    destination: TreeStore,
    *,
    timeout: float | None,
    single_attempt: bool,
    began: float,
    keep: bool = True,
    on_listed: Callable[[list[TreeFile]], None],
) -> list[TreeFile]:
    """Return all files of a commit, from the cached list if there is one.

    Args:
        destination: Cache or local folder that stores the list.
        timeout: Seconds to wait for each response.
        single_attempt: Send each request once, with a short timeout, since files on disk can be used instead.
        began: Time of the first request of the operation, by the clock of ``io``.
        keep: Store the list, or mark a stored one as used.
        on_listed: Called with files, many at a time, as soon as they are listed.
    """
    known = await io.run_blocking(
        lambda: (_read_and_touch_tree if keep else read_cached_tree)(destination.metadata_folder, commit)
    )
    if known is not None:
        on_listed(known)
        return known
    listing = operations.list_repo_tree(repo_id, repo_type=repo_type, revision=commit, recursive=True)
    found: list[TreeFile] = []
    reported = 0
    if single_attempt:
        entries = await _list_before_deadline(io, listing, fallback_timeout(timeout), began)
        found += [tree_file(entry) for entry in entries if isinstance(entry, RepoFile)]
    else:
        async for entry in items(io, listing, timeout=timeout, extend_for_rate_limit=True):
            if isinstance(entry, RepoFile):
                found.append(tree_file(entry))
            if len(found) - reported >= REPORTED_AT_ONCE:
                on_listed(found[reported:])
                reported = len(found)
    on_listed(found[reported:])
    if keep and all(file.etag for file in found):
        await io.run_blocking(lambda: write_cached_tree(destination, commit, found))
    return found


async def find_listed_file(
    io: Io, repo_id: str, repo_type: str, commit: str, path: str, *, timeout: float | None, single_attempt: bool
) -> TreeFile | None:
    """Return one file of a commit from the list of its folder; ``None`` if the list lacks it.

    Args:
        timeout: Seconds to wait for each response.
        single_attempt: Send each request once.
    """
    folder = path.rpartition("/")[0] or None
    listing = operations.list_repo_tree(repo_id, repo_type=repo_type, revision=commit, path_in_repo=folder)
    entries = items(io, listing, timeout=timeout, single_attempt=single_attempt, extend_for_rate_limit=True)
    async for entry in entries:
        if isinstance(entry, RepoFile) and entry.path == path:
            return tree_file(entry)
    return None


async def _list_before_deadline(io: Io, listing: Paged[T], seconds: float, began: float) -> list[T]:
    """Request all pages of a list, with one deadline for all of them."""
    found: list[T] = []
    request: Request | None = listing.request
    while request is not None:
        left = seconds - max(0.0, io.now() - began)
        if left <= 0:
            raise HubTimeoutError(f"{request.operation}: the list did not arrive within {seconds:g} s.")
        got = await page(io, attrs.evolve(listing, request=request), seen=len(found), timeout=left, single_attempt=True)
        found += got.items
        request = got.next
    return found


def read_cached_tree(folder: Path, commit: str) -> list[TreeFile] | None:
    """Read the cached list of a commit; ``None`` if it is missing or damaged."""
    try:
        kept = json.loads(read_file(_cache_path(folder, commit)))
        if kept["format_version"] != FORMAT:
            return None
        return [_parse_entry(path, entry) for path, entry in kept["files"].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def read_latest_cached_tree(folder: Path) -> tuple[str | None, list[TreeFile] | None]:
    """Read the most recently used list and return it with its commit; ``None`` if it is missing or damaged."""
    try:
        last = max((folder / "trees").glob("*.json"), key=lambda path: path.lstat().st_mtime_ns)
    except (OSError, ValueError):  # ValueError: there is no list
        return None, None
    return last.stem, read_cached_tree(folder, last.stem)


def _read_and_touch_tree(folder: Path, commit: str) -> list[TreeFile] | None:
    tree = read_cached_tree(folder, commit)
    if tree is not None:
        touch_cached_tree(folder, commit)
    return tree


def touch_cached_tree(folder: Path, commit: str) -> None:
    """Mark the cached list of a commit as the most recently used one."""
    with suppress(OSError):  # a cache may be read-only
        path = _cache_path(folder, commit)
        if is_file(str(path)):
            os.utime(path)


def write_cached_tree(destination: TreeStore, commit: str, files: list[TreeFile]) -> None:
    """Write the list of a commit, replacing an existing one."""
    kept: dict[str, dict[str, object]] = {}
    for file in files:
        entry: dict[str, object] = {"size": file.size, "blob_id": file.blob_id}
        if file.sha256 is not None:
            entry |= {"lfs_sha256": file.sha256, "lfs_size": file.size}
        if file.xet_hash is not None:
            entry["xet_hash"] = file.xet_hash
        kept[file.path] = entry
    text = json.dumps({"format_version": FORMAT, "files": kept}, indent=1)
    try:
        with destination.open_metadata() as metadata, metadata.enter("trees", make=True) as trees:
            write_text(trees, f"{commit}.json", text, metadata)
    except OSError as error:  # the next run requests the list again
        _log.warning("The file list of commit %s was not written to the cache: %s", commit, error)


def _parse_entry(path: str, entry: dict[str, Any]) -> TreeFile:
    size, blob_id, sha256, xet_hash = (entry.get(name) for name in ("size", "blob_id", "lfs_sha256", "xet_hash"))
    if not isinstance(size, int) or not is_hash(blob_id) or not (sha256 is None or is_hash(sha256)):
        raise ValueError(f"{path!r} has an invalid entry in the cached list")
    return TreeFile(path=path, size=size, blob_id=blob_id, sha256=sha256, xet_hash=xet_hash)


def tree_file(entry: RepoFile) -> TreeFile:
    """Build a file from an entry of the Hub's list."""
    return TreeFile(
        path=entry.path,
        size=entry.size,
        blob_id=entry.blob_id,
        sha256=None if entry.lfs is None else entry.lfs.sha256,
        xet_hash=entry.xet_hash,
    )


def _cache_path(folder: Path, commit: str) -> Path:
    return folder / "trees" / f"{commit}.json"
