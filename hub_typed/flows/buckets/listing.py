"""Files and folders of a bucket."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from itertools import islice
from typing import Final

from hub_typed.errors import ProtocolError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api.models import BucketFile, BucketFolder
from hub_typed_api.operations import buckets as operations

__all__ = ["get_bucket_paths_info", "list_bucket_tree"]

PATHS_PER_REQUEST: Final = 1000


async def list_bucket_tree(
    io: Io, bucket_id: str | HfUri, prefix: str | None = None, *, recursive: bool | None = None
) -> AsyncIterator[BucketFile | BucketFolder]:
    """List the files and folders of a bucket, in the order of the Hub.

    Args:
        bucket_id: Name, ``owner/name``.
        prefix: Start of the paths, the whole bucket if not given. The Hub compares texts: ``logs`` also stands for
            ``logs.json``; ``logs/`` only for what is in that folder.
        recursive: Also list the content of subfolders; the default of the Hub if not given.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
    """
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    folder = (prefix or "").rstrip("/")
    below = f"{folder}/" if prefix and prefix.endswith("/") and folder else ""
    async for entry in items(io, operations.list_bucket_tree(owner, name, prefix=folder or None, recursive=recursive)):
        if isinstance(entry, BucketFile | BucketFolder) and entry.path.startswith(below):
            yield entry


async def files_below(io: Io, bucket: HfUri) -> AsyncIterator[BucketFile]:
    """List all files of a bucket that are at a path or below it.

    The list is complete: an entry that may be a file of an unknown kind is an error.

    Raises:
        ProtocolError: The bucket has an entry of an unknown type.
    """
    owner, name = parse_bucket_id(bucket.id)
    top = bucket.path_in_repo
    async for entry in items(io, operations.list_bucket_tree(owner, name, prefix=top or None, recursive=True)):
        if isinstance(entry, BucketFile):
            if not top or entry.path == top or entry.path.startswith(f"{top}/"):
                yield entry
        elif not isinstance(entry, BucketFolder):
            raise ProtocolError(f"{bucket.id}: the bucket has an entry that is neither a file nor a folder: {entry!r}.")


async def get_bucket_paths_info(io: Io, bucket_id: str | HfUri, paths: Iterable[str]) -> AsyncIterator[BucketFile]:
    """Get information about files of a bucket by path; paths that do not exist are omitted.

    Args:
        bucket_id: Name, ``owner/name``.
        paths: Paths of files in the bucket.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
    """
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    remaining = iter(paths)
    while batch := list(islice(remaining, PATHS_PER_REQUEST)):
        for entry in await execute(io, operations.get_bucket_paths_info(owner, name, paths=batch)):
            if isinstance(entry, BucketFile):
                yield entry
