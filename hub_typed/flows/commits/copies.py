"""Copies within a repository: LFS files by hash, regular files by download and upload."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from hub_typed.disk.files import disk_errors
from hub_typed.disk.folders import Folder
from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.commits.operations import CommitOperationCopy
from hub_typed.flows.commits.prepared_changes import LfsCopy, Target, Upload
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.paths import checked_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.lfs.content import Content
from hub_typed.flows.tree import get_paths_info
from hub_typed.http.io import Io
from hub_typed.progress_bars.observers import observer_for
from hub_typed_api.models import RepoFile, RepoFolder

__all__: list[str] = []


async def prepare_copies(
    io: Io,
    target: Target,
    copies: Sequence[CommitOperationCopy],
    *,
    written_once: Collection[str],
    scratch: ExitStack,
    at_once: int,
) -> list[LfsCopy | Upload | None]:
    """Prepare the copies of a commit, in order; ``None`` where the destination already has the same content.

    Args:
        written_once: Paths that exactly one operation of the commit writes and no other operation touches.
        scratch: Owns the temporary files of regular files, and deletes them when it is closed.
        at_once: Maximum number of concurrent downloads.

    Raises:
        EntryNotFoundError: A source file does not exist.
        NotImplementedError: A source is a folder.
        RevisionNotFoundError: The repository has no such revision.
    """
    sources, replaced = await _look_up(io, target, copies)
    needed = [
        None
        if copy.path_in_repo in written_once and replaced.get(copy.path_in_repo) == source.blob_id
        else (copy, source)
        for copy, source in zip(copies, sources, strict=True)
    ]
    small = {pair[1].blob_id: pair for pair in needed if pair and pair[1].lfs is None}
    contents = await _download(io, target, list(small.values()), scratch, at_once)
    return [pair and _change(*pair, contents) for pair in needed]


async def _look_up(
    io: Io, target: Target, copies: Sequence[CommitOperationCopy]
) -> tuple[list[RepoFile], dict[str, str]]:
    """Return the source of each copy, and the blob ids of the files that copies overwrite, by path."""
    wanted: dict[str, set[str]] = {target.revision: {copy.path_in_repo for copy in copies}}
    for copy in copies:
        wanted.setdefault(copy.src_revision or target.revision, set()).add(copy.src_path_in_repo)
    entries: dict[tuple[str, str], RepoFile | RepoFolder] = {}
    for revision, paths in wanted.items():
        found = await get_paths_info(io, target.repo_id, sorted(paths), revision=revision, repo_type=target.repo_type)
        entries |= {(revision, entry.path): entry for entry in found}
    sources = [_source_file(target, copy, entries) for copy in copies]
    replaced = {
        path: entry.blob_id
        for (revision, path), entry in entries.items()
        if revision == target.revision and isinstance(entry, RepoFile)
    }
    return sources, replaced


def _source_file(
    target: Target, copy: CommitOperationCopy, entries: Mapping[tuple[str, str], RepoFile | RepoFolder]
) -> RepoFile:
    """Return the source file of a copy."""
    revision = copy.src_revision or target.revision
    entry = entries.get((revision, copy.src_path_in_repo))
    where = f"{copy.src_path_in_repo} at revision {revision!r} of {target.repo_id}"
    if entry is None:
        raise EntryNotFoundError(
            f"{where} cannot be copied to {copy.path_in_repo}, because the file does not exist; nothing was committed. "
            "list_repo_files() lists the existing files."
        )
    if not isinstance(entry, RepoFile):
        raise NotImplementedError(
            f"{where} is a folder, and only files can be copied; nothing was committed. Copy its files one by one: "
            "list_repo_tree(recursive=True) lists them."
        )
    return entry


async def _download(
    io: Io,
    target: Target,
    wanted: Sequence[tuple[CommitOperationCopy, RepoFile]],
    scratch: ExitStack,
    at_once: int,
) -> dict[str, Content]:
    """Download the source files and return their contents by blob id."""
    if not wanted:
        return {}
    with disk_errors("the files to copy", tempfile.gettempdir()):
        folder = Path(scratch.enter_context(tempfile.TemporaryDirectory(prefix="hub-typed-")))
        opened = scratch.enter_context(Folder.root(folder))
    observer = io.job or observer_for(io.settings, "download")

    async def download(pair: tuple[CommitOperationCopy, RepoFile]) -> tuple[str, Content]:
        copy, source = pair
        remote = RemoteFile(
            repo_id=target.repo_id,
            repo_type=target.repo_type,
            commit=copy.src_revision or target.revision,  # if the branch moves meanwhile, the hash does not match
            path=source.path,
            etag=checked_hash(source.blob_id, f"{target.repo_id}: the blob id of {source.path!r}"),
            size=source.size,
        )
        file = folder / remote.etag
        partial_files = PartialFiles(opened, remote.etag, None, remote.path, remote.size)
        await fetch(io, remote, partial_files, opened, remote.etag, observer)
        return remote.etag, await io.run_blocking(lambda: Content.of(file))

    return dict(await io.each(download, wanted, limit=at_once))


def _change(copy: CommitOperationCopy, source: RepoFile, contents: Mapping[str, Content]) -> LfsCopy | Upload:
    if source.lfs is not None:
        return LfsCopy(path=copy.path_in_repo, oid=source.lfs.sha256)
    return Upload(path=copy.path_in_repo, content=contents[source.blob_id])
