"""Copy files from a repository or bucket to another, on the Hub as far as possible."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from typing import Final, cast

import attrs

from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.buckets.batch import change_files
from hub_typed.flows.buckets.bucket_changes import Addition, Change, Copy
from hub_typed.flows.buckets.copy_targets import Destination
from hub_typed.flows.buckets.listing import files_below, get_bucket_paths_info, list_bucket_tree
from hub_typed.flows.commits.copies import Origin, SourceFile, download_files
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import CommitOperationCopy
from hub_typed.flows.tree import get_paths_info, list_repo_tree
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri, parse_hf_uri
from hub_typed_api.models import BucketFile, RepoFile, RepoFolder, RepoType

__all__ = ["copy_files"]

ATTRIBUTES_FILE: Final = ".gitattributes"
"""File of git, which is not copied to buckets."""


@attrs.frozen
class Pair:
    """A file and the path of its copy."""

    file: RepoFile | BucketFile
    path: str


async def copy_files(io: Io, source: str | HfUri, destination: str | HfUri) -> None:
    """Copy files from a repository or bucket to another, or within one, without a transfer as far as possible.

    A folder is copied into an existing folder, or as a new one. With a slash at the end of the source, only its content
    is copied. Copies to a repository are one commit. Files of a repository that are not in Xet storage are downloaded
    and uploaded again.

    Args:
        source: File or folder, ``hf://[datasets/|spaces/|buckets/]owner/name[@revision][/path]``.
        destination: File or folder in the same form; with a slash at its end, a folder.

    Raises:
        ValueError: One is no such URI, or files of a bucket are to be copied to a repository.
        EntryNotFoundError: The source has no files.
        RepositoryNotFoundError: A repository does not exist, or the token has no access to it.
        BucketNotFoundError: A bucket does not exist, or the token has no access to it.
        BucketBatchError: Some files could not be copied to a bucket; the others were.
        HfHubHTTPError: The token may not write to the destination (403).
    """
    endpoint = io.settings.endpoint
    origin, target = (one if isinstance(one, HfUri) else parse_hf_uri(one, endpoint) for one in (source, destination))
    if origin.is_bucket and target.is_repo:
        raise ValueError(
            f"Files of the bucket {origin.id} cannot be copied to a repository: download them, and upload them there."
        )
    contents_only = isinstance(source, str) and source.endswith("/")
    where = await _find_destination(io, target, is_written_as_folder=str(destination).endswith("/"))
    pairs = [pair async for pair in _pairs(io, origin, where, contents_only=contents_only)]
    if target.is_bucket:
        pairs = [pair for pair in pairs if pair.file.path.rpartition("/")[2] != ATTRIBUTES_FILE or origin.is_bucket]
    if not pairs:
        raise EntryNotFoundError(f"There are no files at {origin.to_uri()} to copy.")
    if target.is_bucket:
        await _copy_to_bucket(io, origin, target, pairs)
    else:
        await _copy_to_repo(io, origin, target, pairs)


async def _find_destination(io: Io, target: HfUri, *, is_written_as_folder: bool) -> Destination:
    """Find out whether a destination is a file or a folder."""
    path = target.path_in_repo
    if not path:
        return Destination("", is_folder=True, exists=True)
    if target.is_bucket:
        if [file async for file in get_bucket_paths_info(io, target.id, [path])]:
            return Destination(path, is_folder=False, exists=False)
        exists = await _has_folder(io, target.id, path)
        return Destination(path, is_folder=exists or is_written_as_folder, exists=exists)
    entries = await get_paths_info(io, target.id, [path], revision=target.revision, repo_type=_repo_type(target))
    if any(isinstance(entry, RepoFile) for entry in entries):
        return Destination(path, is_folder=False, exists=False)
    exists = any(isinstance(entry, RepoFolder) for entry in entries)
    return Destination(path, is_folder=exists or is_written_as_folder, exists=exists)


async def _has_folder(io: Io, bucket_id: str, path: str) -> bool:
    async for entry in list_bucket_tree(io, bucket_id, path, recursive=False):
        if entry.path == path or entry.path.startswith(f"{path}/"):
            return True
    return False


async def _pairs(io: Io, origin: HfUri, where: Destination, *, contents_only: bool) -> AsyncIterator[Pair]:
    """Yield the files of a source with the paths of their copies."""
    single = await _single_file(io, origin)
    if single is not None:
        yield Pair(single, where.of_file(single.path))
        return
    async for file in _files(io, origin):
        yield Pair(file, where.of_file_in(origin.path_in_repo, file.path, contents_only=contents_only))


async def _single_file(io: Io, origin: HfUri) -> RepoFile | BucketFile | None:
    path = origin.path_in_repo
    if not path:
        return None
    if origin.is_bucket:
        return next(iter([file async for file in get_bucket_paths_info(io, origin.id, [path])]), None)
    entries = await get_paths_info(io, origin.id, [path], revision=origin.revision, repo_type=_repo_type(origin))
    return next((entry for entry in entries if isinstance(entry, RepoFile)), None)


async def _files(io: Io, origin: HfUri) -> AsyncIterator[RepoFile | BucketFile]:
    """List the files below a folder."""
    if origin.is_bucket:
        async for file in files_below(io, origin):
            yield file
        return
    entries = list_repo_tree(
        io,
        origin.id,
        origin.path_in_repo or None,
        recursive=True,
        revision=origin.revision,
        repo_type=_repo_type(origin),
    )
    async for entry in entries:
        if isinstance(entry, RepoFile):
            yield entry


async def _copy_to_repo(io: Io, origin: HfUri, target: HfUri, pairs: Sequence[Pair]) -> None:
    is_other = (origin.type, origin.id) != (target.type, target.id)
    operations = [
        CommitOperationCopy(
            pair.file.path,
            pair.path,
            origin.revision or "main",
            origin.id if is_other else None,
            _repo_type(origin) if is_other else None,
        )
        for pair in pairs
    ]
    await create_commit(
        io,
        target.id,
        operations,
        commit_message=f"Copy files from {origin.type}s/{origin.id}",
        repo_type=_repo_type(target),
        revision=target.revision,
    )


async def _copy_to_bucket(io: Io, origin: HfUri, target: HfUri, pairs: Sequence[Pair]) -> None:
    with ExitStack() as scratch:
        repo = Origin(origin.id, _repo_type(origin), origin.revision or "main")
        changes: list[Change] = []
        moved: list[tuple[str, SourceFile]] = []
        for pair in pairs:
            if isinstance(pair.file, RepoFile) and pair.file.xet_hash is None:
                moved.append((pair.path, SourceFile(repo, pair.file)))
            elif pair.file.xet_hash is not None:
                changes.append(Copy(origin.type, origin.id, pair.file.xet_hash, pair.path))
        contents = await download_files(io, [source for _, source in moved], scratch, at_once=io.settings.concurrency)
        changes += [Addition(cast("str", contents[source.etag].source), path) for path, source in moved]
        await change_files(io, target.id, changes)


def _repo_type(uri: HfUri) -> RepoType:
    return uri.type
