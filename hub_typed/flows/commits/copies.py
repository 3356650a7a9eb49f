"""Copies within a repository and from others.

LFS files are copied by their hash: those of other repositories are linked before. What cannot be linked, and regular
files, are downloaded and uploaded again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import cast

import attrs

from hub_typed.disk.files import disk_errors
from hub_typed.disk.folders import Folder
from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.commits.operations import CommitOperationAdd, CommitOperationCopy
from hub_typed.flows.commits.prepared_changes import LfsCopy, Target, Upload
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads, concurrent_uploads
from hub_typed.flows.files.fetch import fetch
from hub_typed.flows.files.partial_files import PartialFiles
from hub_typed.flows.files.paths import checked_hash
from hub_typed.flows.files.remote_file import RemoteFile
from hub_typed.flows.lfs.content import Content
from hub_typed.flows.lfs.links import link_lfs_files
from hub_typed.flows.tree import get_paths_info
from hub_typed.http.io import Io
from hub_typed.progress_bars.observers import observer_for
from hub_typed_api.models import RepoFile, RepoFolder, RepoType

__all__: list[str] = []


@attrs.frozen
class Origin:
    """Repository and revision that files are copied from."""

    repo_id: str
    repo_type: RepoType
    revision: str

    @classmethod
    def of(cls, target: Target, copy: CommitOperationCopy) -> Origin:
        """Return the origin of a copy."""
        if copy.src_repo_id is None or copy.src_repo_type is None:
            return cls(target.repo_id, target.repo_type, copy.src_revision or target.revision)
        return cls(copy.src_repo_id, copy.src_repo_type, copy.src_revision or "main")

    def is_in(self, target: Target) -> bool:
        """Whether it is the repository that a commit goes to."""
        return (self.repo_id, self.repo_type) == (target.repo_id, target.repo_type)


@attrs.frozen
class SourceFile:
    """A file to copy."""

    origin: Origin
    file: RepoFile

    @property
    def etag(self) -> str:
        """Hash of the content."""
        return self.file.blob_id if self.file.lfs is None else self.file.lfs.sha256

    @property
    def kind_of_hash(self) -> str:
        """What the hash is, for messages."""
        return "blob id" if self.file.lfs is None else "SHA-256"


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
        scratch: Owns the temporary files of copies that need a transfer, and deletes them when it is closed.
        at_once: Maximum number of concurrent downloads.

    Raises:
        EntryNotFoundError: A source file does not exist.
        NotImplementedError: A source is a folder.
        RevisionNotFoundError: A repository has no such revision.
        RepositoryNotFoundError: Another repository does not exist, or the token has no access to it.
    """
    sources, replaced = await _look_up(io, target, copies)
    needed = [
        None if copy.path_in_repo in written_once and replaced.get(copy.path_in_repo) == source.file.blob_id else source
        for copy, source in zip(copies, sources, strict=True)
    ]
    linked = await _link(io, target, [source for source in needed if source])
    moved = [source for source in needed if source and source.etag not in linked]
    contents = await download_files(io, moved, scratch, at_once)
    uploads = await _upload_large(io, target, copies, needed, contents, at_once)
    return [
        None if source is None else uploads.get(copy.path_in_repo) or _change(copy, source, contents)
        for copy, source in zip(copies, needed, strict=True)
    ]


async def _look_up(
    io: Io, target: Target, copies: Sequence[CommitOperationCopy]
) -> tuple[list[SourceFile], dict[str, str]]:
    """Return the source of each copy, and the blob ids of the files that copies overwrite, by path."""
    here = Origin(target.repo_id, target.repo_type, target.revision)
    wanted: dict[Origin, set[str]] = {here: {copy.path_in_repo for copy in copies}}
    for copy in copies:
        wanted.setdefault(Origin.of(target, copy), set()).add(copy.src_path_in_repo)
    entries: dict[tuple[Origin, str], RepoFile | RepoFolder] = {}
    for origin, paths in wanted.items():
        found = await get_paths_info(
            io, origin.repo_id, sorted(paths), revision=origin.revision, repo_type=origin.repo_type
        )
        entries |= {(origin, entry.path): entry for entry in found}
    sources = [_source_file(Origin.of(target, copy), copy, entries) for copy in copies]
    replaced = {
        path: entry.blob_id
        for (origin, path), entry in entries.items()
        if origin == here and isinstance(entry, RepoFile)
    }
    return sources, replaced


def _source_file(
    origin: Origin, copy: CommitOperationCopy, entries: Mapping[tuple[Origin, str], RepoFile | RepoFolder]
) -> SourceFile:
    """Return the source file of a copy."""
    entry = entries.get((origin, copy.src_path_in_repo))
    where = f"{copy.src_path_in_repo} at revision {origin.revision!r} of {origin.repo_id}"
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
    return SourceFile(origin, entry)


async def _link(io: Io, target: Target, sources: Sequence[SourceFile]) -> set[str]:
    """Return the SHA-256 of the LFS files that a commit of the target may have, after linking those of others."""
    usable: set[str] = set()
    others: dict[tuple[str, RepoType], list[RepoFile]] = {}
    for source in sources:
        if source.file.lfs is None:
            continue
        if source.origin.is_in(target):
            usable.add(source.etag)
        else:
            others.setdefault((source.origin.repo_id, source.origin.repo_type), []).append(source.file)
    for (repo_id, repo_type), files in others.items():
        usable |= await link_lfs_files(io, repo_id, repo_type, target.repo_id, target.repo_type, files)
    return usable


async def download_files(io: Io, wanted: Sequence[SourceFile], scratch: ExitStack, at_once: int) -> dict[str, Content]:
    """Download files to copy into a temporary folder, and return their contents by hash.

    Args:
        scratch: Owns the folder.
        at_once: Maximum number of concurrent downloads.
    """
    if not wanted:
        return {}
    with disk_errors("the files to copy", tempfile.gettempdir()):
        folder = Path(scratch.enter_context(tempfile.TemporaryDirectory(prefix="hub-typed-")))
        opened = scratch.enter_context(Folder.root(folder))
    observer = io.job or observer_for(io.settings, "download")

    async def download(source: SourceFile) -> tuple[str, Content]:
        origin = source.origin
        remote = RemoteFile(
            repo_id=origin.repo_id,
            repo_type=origin.repo_type,
            commit=origin.revision,  # if the branch moves meanwhile, the hash does not match
            path=source.file.path,
            etag=checked_hash(source.etag, f"{origin.repo_id}: the {source.kind_of_hash} of {source.file.path!r}"),
            size=source.file.size,
            xet_hash=source.file.xet_hash,
        )
        file = folder / remote.etag
        partial_files = PartialFiles(opened, remote.etag, None, remote.path, remote.size)
        await fetch(io, remote, partial_files, opened, remote.etag, observer)
        return remote.etag, await io.run_blocking(lambda: Content.of(file))

    return dict(await io.each(download, {source.etag: source for source in wanted}.values(), limit=at_once))


async def _upload_large(
    io: Io,
    target: Target,
    copies: Sequence[CommitOperationCopy],
    sources: Sequence[SourceFile | None],
    contents: Mapping[str, Content],
    at_once: int,
) -> dict[str, Upload]:
    """Upload LFS files that were downloaded from other repositories, and return their uploads by path."""
    additions = [
        CommitOperationAdd(copy.path_in_repo, Path(cast("str", contents[source.etag].source)))
        for copy, source in zip(copies, sources, strict=True)
        if source and source.file.lfs is not None and source.etag in contents
    ]
    if not additions:
        return {}
    modes = await UploadModes.of(io, target, additions)
    uploads = await Uploads(io, target, at_once=concurrent_uploads(at_once)).prepare(additions, modes)
    return {upload.path: upload for upload in uploads}


def _change(copy: CommitOperationCopy, source: SourceFile, contents: Mapping[str, Content]) -> LfsCopy | Upload:
    if source.file.lfs is not None:
        return LfsCopy(path=copy.path_in_repo, oid=source.etag)
    return Upload(path=copy.path_in_repo, content=contents[source.etag])
