"""Copies within a repository: a large file is named by its hash, a small one is fetched and sent again."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path

from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.commits.changes import LfsCopy, Target, Upload
from hub_typed.flows.commits.operations import CommitOperationCopy
from hub_typed.flows.files.disk import disk_errors
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.metadata import RemoteFile
from hub_typed.flows.files.partial import Parts
from hub_typed.flows.files.paths import checked_hash
from hub_typed.flows.lfs.content import Content
from hub_typed.flows.tree import get_paths_info
from hub_typed.folders import Folder
from hub_typed.io import Io
from hub_typed.progress import observer_for
from hub_typed_api.models import RepoFile, RepoFolder

__all__: list[str] = []


async def copied(
    io: Io,
    target: Target,
    copies: Sequence[CommitOperationCopy],
    *,
    sole: Collection[str],
    scratch: ExitStack,
    at_once: int,
) -> list[LfsCopy | Upload | None]:
    """What each copy comes to, in their order; ``None`` where the same file is there already.

    Args:
        sole: Paths that one operation of the commit writes and no other one touches.
        scratch: Keeps the bytes of small files until it is closed.
        at_once: How many files are fetched at the same time.

    Raises:
        EntryNotFoundError: A file to copy is not there.
        NotImplementedError: It is a folder.
        RevisionNotFoundError: The repository has no such revision.
    """
    if not copies:
        return []
    sources, replaced = await _looked_up(io, target, copies)
    needed = [
        None if copy.path_in_repo in sole and replaced.get(copy.path_in_repo) == source.blob_id else (copy, source)
        for copy, source in zip(copies, sources, strict=True)
    ]
    small = {pair[1].blob_id: pair for pair in needed if pair and pair[1].lfs is None}
    contents = await _fetched(io, target, list(small.values()), scratch, at_once)
    return [pair and _change(*pair, contents) for pair in needed]


async def _looked_up(
    io: Io, target: Target, copies: Sequence[CommitOperationCopy]
) -> tuple[list[RepoFile], dict[str, str]]:
    """The file that each copy is made of, and the git ids of the files that copies replace, by path."""
    wanted: dict[str, set[str]] = {target.revision: {copy.path_in_repo for copy in copies}}
    for copy in copies:
        wanted.setdefault(copy.src_revision or target.revision, set()).add(copy.src_path_in_repo)
    there: dict[tuple[str, str], RepoFile | RepoFolder] = {}
    for revision, paths in wanted.items():
        found = await get_paths_info(io, target.repo_id, sorted(paths), revision=revision, repo_type=target.repo_type)
        there |= {(revision, entry.path): entry for entry in found}
    sources = [_source(target, copy, there) for copy in copies]
    replaced = {
        path: entry.blob_id
        for (revision, path), entry in there.items()
        if revision == target.revision and isinstance(entry, RepoFile)
    }
    return sources, replaced


def _source(
    target: Target, copy: CommitOperationCopy, there: Mapping[tuple[str, str], RepoFile | RepoFolder]
) -> RepoFile:
    """The file that a copy is made of."""
    revision = copy.src_revision or target.revision
    entry = there.get((revision, copy.src_path_in_repo))
    where = f"{copy.src_path_in_repo} at revision {revision!r} of {target.repo_id}"
    if entry is None:
        raise EntryNotFoundError(
            f"{where} cannot be copied to {copy.path_in_repo}, for there is no such file; nothing was committed. "
            "list_repo_files() shows what is there."
        )
    if not isinstance(entry, RepoFile):
        raise NotImplementedError(
            f"{where} is a folder, and only files can be copied; nothing was committed. Copy each file of it: "
            "list_repo_tree(recursive=True) lists them."
        )
    return entry


async def _fetched(
    io: Io,
    target: Target,
    wanted: Sequence[tuple[CommitOperationCopy, RepoFile]],
    scratch: ExitStack,
    at_once: int,
) -> dict[str, Content]:
    """The bytes of files of the repository, by their git ids."""
    if not wanted:
        return {}
    with disk_errors("the files to copy", tempfile.gettempdir()):
        folder = Path(scratch.enter_context(tempfile.TemporaryDirectory(prefix="hub-typed-")))
        opened = scratch.enter_context(Folder.root(folder))
    observer = observer_for(io.settings)

    async def one(pair: tuple[CommitOperationCopy, RepoFile]) -> tuple[str, Content]:
        copy, source = pair
        remote = RemoteFile(
            repo_id=target.repo_id,
            repo_type=target.repo_type,
            commit=copy.src_revision or target.revision,  # should a branch move meanwhile, the hash tells
            path=source.path,
            etag=checked_hash(source.blob_id, f"{target.repo_id}: the git id of {source.path!r}"),
            size=source.size,
        )
        file = folder / remote.etag
        parts = Parts(opened, remote.etag, None, remote.path, remote.size)
        await fetch(io, remote, parts, opened, remote.etag, observer)
        return remote.etag, await io.work(lambda: Content.of(file))

    return dict(await io.each(one, wanted, limit=at_once))


def _change(copy: CommitOperationCopy, source: RepoFile, contents: Mapping[str, Content]) -> LfsCopy | Upload:
    if source.lfs is not None:
        return LfsCopy(path=copy.path_in_repo, oid=source.lfs.sha256)
    return Upload(path=copy.path_in_repo, content=contents[source.blob_id])
