"""The files of a commit, listed by the Hub once and kept, since a commit never changes.

The list is kept as official clients keep theirs: ``trees/<commit>.json``, in the repository's folder of the cache or in
``.cache/huggingface`` of a folder of the caller's own.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from hub_typed.errors import HubTimeoutError
from hub_typed.flows.files.disk import write_text
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.offline import shortened
from hub_typed.flows.files.paths import is_hash
from hub_typed.folders import is_file, read_file
from hub_typed.logs import log as _log
from hub_typed.session import items, page
from hub_typed_api.models import RepoFile
from hub_typed_api.operations import tree as operations
from hub_typed_api.wire import Paged, Request

if TYPE_CHECKING:
    from hub_typed.flows.files.cache import CachedRepo
    from hub_typed.flows.files.local_dir import LocalFolder
    from hub_typed.io import Io

__all__: list[str] = []

T = TypeVar("T")
FORMAT: Final = 1


@attrs.frozen(kw_only=True)
class TreeFile:
    """One file of a commit.

    Attributes:
        size: Bytes of the content.
        blob_id: Git's id of the blob; that of the pointer for an LFS file.
        sha256: SHA-256 of the content of an LFS file.
        xet_hash: Kept for clients that know Xet.
    """

    path: str
    size: int
    blob_id: str
    sha256: str | None = None
    xet_hash: str | None = None

    @property
    def etag(self) -> str | None:
        """The hash of the content; ``None`` where the Hub hides it from those who may not read the file."""
        found = self.blob_id if self.sha256 is None else self.sha256
        return found if is_hash(found) else None

    def remote(self, repo_id: str, repo_type: str, commit: str) -> RemoteFile | None:
        """The file as a download needs to know it; ``None`` where the Hub hides its hash."""
        if self.etag is None:
            return None
        return RemoteFile(
            repo_id=repo_id, repo_type=repo_type, commit=commit, path=self.path, etag=self.etag, size=self.size
        )


async def tree_of(
    io: Io,
    repo_id: str,
    repo_type: str,
    commit: str,
    place: CachedRepo | LocalFolder,
    *,
    timeout: float | None,
    once: bool,
    began: float,
) -> list[TreeFile]:
    """All files of a commit, from the list on this disk if there is one.

    Args:
        place: Where the list is kept.
        timeout: Seconds to wait for each answer.
        once: Ask once, and not long: something on this disk will do instead.
        began: When the first question was asked, by the clock of the Io.
    """
    known = await io.work(lambda: _used_tree(place.lists, commit))
    if known is not None:
        return known
    listing = operations.list_repo_tree(repo_id, repo_type=repo_type, revision=commit, recursive=True)
    if once:
        entries = await _listed_once(io, listing, shortened(timeout), began)
    else:
        entries = [entry async for entry in items(io, listing, timeout=timeout, waits=True)]
    found = [tree_file(entry) for entry in entries if isinstance(entry, RepoFile)]
    if all(file.etag for file in found):
        await io.work(lambda: keep_tree(place, commit, found))
    return found


async def _listed_once(io: Io, listing: Paged[T], seconds: float, began: float) -> list[T]:
    """All items of a list, whose pages have so many seconds together."""
    found: list[T] = []
    request: Request | None = listing.request
    while request is not None:
        left = seconds - max(0.0, io.now() - began)
        if left <= 0:
            raise HubTimeoutError(f"{request.operation}: the list was not there within {seconds:g} s.")
        got = await page(io, attrs.evolve(listing, request=request), seen=len(found), timeout=left, once=True)
        found += got.items
        request = got.next
    return found


def read_tree(folder: Path, commit: str) -> list[TreeFile] | None:
    """The list on this disk; ``None`` if there is none, or none that can be read."""
    try:
        kept = json.loads(read_file(_place(folder, commit)))
        if kept["format_version"] != FORMAT:
            return None
        return [_kept(path, entry) for path, entry in kept["files"].items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def last_tree(folder: Path) -> list[TreeFile] | None:
    """The list that was used last; ``None`` if there is none, or none that can be read."""
    try:
        last = max((folder / "trees").glob("*.json"), key=lambda path: path.lstat().st_mtime_ns)
    except (OSError, ValueError):  # ValueError: there is none
        return None
    return read_tree(folder, last.stem)


def _used_tree(folder: Path, commit: str) -> list[TreeFile] | None:
    """The list on this disk, which is the one used last from now on."""
    tree = read_tree(folder, commit)
    if tree is not None:
        with suppress(OSError):  # a cache may be read-only
            path = _place(folder, commit)
            if is_file(str(path)):
                os.utime(path)
    return tree


def keep_tree(place: CachedRepo | LocalFolder, commit: str, files: list[TreeFile]) -> None:
    """Write the list to this disk, in place of the one that is there."""
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
        with place.open_lists() as lists, lists.enter("trees", make=True) as trees:
            write_text(trees, f"{commit}.json", text, lists)
    except OSError as error:  # the next run asks for the list again
        _log.warning("The list of the files of %s was not written: %s", commit, error)


def _kept(path: str, entry: dict[str, Any]) -> TreeFile:
    size, blob_id, sha256, xet_hash = (entry.get(name) for name in ("size", "blob_id", "lfs_sha256", "xet_hash"))
    if not isinstance(size, int) or not is_hash(blob_id) or not (sha256 is None or is_hash(sha256)):
        raise ValueError(f"{path!r} is not listed as it should be")
    return TreeFile(path=path, size=size, blob_id=blob_id, sha256=sha256, xet_hash=xet_hash)


def tree_file(entry: RepoFile) -> TreeFile:
    """A file as the Hub lists it."""
    return TreeFile(
        path=entry.path,
        size=entry.size,
        blob_id=entry.blob_id,
        sha256=None if entry.lfs is None else entry.lfs.sha256,
        xet_hash=entry.xet_hash,
    )


def _place(folder: Path, commit: str) -> Path:
    return folder / "trees" / f"{commit}.json"
