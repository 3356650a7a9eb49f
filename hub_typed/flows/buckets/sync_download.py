"""Downloads and local deletions of a synchronization."""

from __future__ import annotations

from collections.abc import Iterable, Sequence, Set as AbstractSet
from functools import partial

from hub_typed.flows.buckets.download import Target, download_all, look_up_files
from hub_typed.flows.buckets.local_tree import LocalTree
from hub_typed.flows.buckets.remote_file import RemoteBucketFile
from hub_typed.flows.buckets.sync_plan import SyncOperation
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api.models import BucketFile

__all__: list[str] = []


async def run_download(io: Io, local: LocalTree, bucket: HfUri, operations: Sequence[SyncOperation]) -> None:
    """Download files into a folder, and delete files of it when all are there.

    Files in place of a folder that a download needs, or in a folder in place of a file, are deleted before.

    Args:
        local: The folder.
        bucket: The bucket, or a folder in it.
        operations: Files to download and to delete.

    Raises:
        UnsafePathError: A path must not be written to the folder; nothing was changed.
        IntegrityError: The size or hash of received bytes is wrong.
        DiskError: A file cannot be written to this disk, or not be deleted.
    """
    downloads = [one for one in operations if one.action == "download"]
    await io.run_blocking(lambda: local.check([one.path for one in downloads]))
    targets = [_target(local, bucket, one.path, file) for one, file in await _files(io, bucket, downloads)]
    deletions = [one.path for one in operations if one.action == "delete"]
    in_the_way = _conflicting(deletions, {one.path for one in downloads})
    await io.run_blocking(partial(_remove, io, local, in_the_way))
    await download_all(io, bucket.id, targets)
    await io.run_blocking(partial(_remove, io, local, [path for path in deletions if path not in in_the_way]))


async def _files(io: Io, bucket: HfUri, downloads: Iterable[SyncOperation]) -> list[tuple[SyncOperation, BucketFile]]:
    """Return the files to download; those of a plan that was read from a file are looked up."""
    top = bucket.path_in_repo
    paths = {one.path: f"{top}/{one.path}" if top else one.path for one in downloads if one.bucket_file is None}
    found = await look_up_files(io, bucket.id, list(paths.values()), raise_if_missing=False)
    files = [(one, one.bucket_file or found.get(paths[one.path])) for one in downloads]
    return [(one, file) for one, file in files if file is not None]


def _target(local: LocalTree, bucket: HfUri, path: str, file: BucketFile) -> Target:
    mtime = file.mtime.timestamp() if file.mtime else None
    return Target(RemoteBucketFile.of(bucket.id, file), local.folder / path, local.opener(path), mtime)


def _conflicting(deletions: Iterable[str], downloads: AbstractSet[str]) -> set[str]:
    """Return the deletions of files in place of a folder of a download, or in a folder in place of a download."""
    folders = {folder for path in downloads for folder in _folders(path)}
    return {path for path in deletions if path in folders or any(folder in downloads for folder in _folders(path))}


def _folders(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:depth]) for depth in range(1, len(parts))]


def _remove(io: Io, local: LocalTree, paths: Iterable[str]) -> None:
    for path in paths:
        io.check()
        local.remove(path)
