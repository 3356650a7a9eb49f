"""Metadata of one file of a bucket."""

from __future__ import annotations

import attrs

from hub_typed.errors import FileMetadataError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.buckets.remote_file import RemoteBucketFile
from hub_typed.flows.files.head import send_head
from hub_typed.flows.files.metadata import XetFileData, content_size, xet_file_data
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api.fields import Fields
from hub_typed_api.models import BucketFile
from hub_typed_api.operations import buckets as operations

__all__ = ["BucketFileMetadata", "get_bucket_file_metadata"]


@attrs.frozen
class BucketFileMetadata(Fields):
    """Metadata of a file of a bucket.

    Attributes:
        size: Size of the content in bytes.
        xet_file_data: Where the content is in Xet storage.
    """

    size: int
    xet_file_data: XetFileData


async def get_bucket_file_metadata(io: Io, bucket_id: str | HfUri, remote_path: str) -> BucketFileMetadata:
    """Request the metadata of a file of a bucket, without its content.

    Args:
        bucket_id: Name, ``owner/name``.
        remote_path: Path in the bucket.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        EntryNotFoundError: The file does not exist.
        FileMetadataError: The response lacks the size or the hash.
    """
    return (await _request_metadata(io, *parse_bucket_id(bucket_id, io.settings.endpoint), remote_path))[0]


async def get_remote_bucket_file(io: Io, bucket_id: str, path: str) -> RemoteBucketFile:
    """Request the metadata of a file of a bucket, with the URL of the content that it has now.

    Args:
        bucket_id: Name, ``owner/name``.
        path: Path in the bucket.

    Raises:
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        EntryNotFoundError: The file does not exist.
        FileMetadataError: The response lacks the size or the hash.
        ProtocolError: The hash of the file is not one.
    """
    found, location = await _request_metadata(io, *parse_bucket_id(bucket_id), path)
    listed = BucketFile(path=path, size=found.size, xet_hash=found.xet_file_data.file_hash)
    return attrs.evolve(RemoteBucketFile.of(bucket_id, listed), location=location)


async def _request_metadata(io: Io, owner: str, name: str, path: str) -> tuple[BucketFileMetadata, str | None]:
    """Return the metadata of a file, and the URL to which the Hub redirects."""
    call = operations.get_bucket_file_metadata(owner, name, path)
    response = await send_head(io, call.request)
    found, size = xet_file_data(response.headers), content_size(response)
    if found is None or size is None:
        missing = "size" if found else "hash of Xet storage"
        raise FileMetadataError(
            f"{owner}/{name}: the response for {path!r} lacks the {missing}. It may come from a proxy or a login page "
            f"instead of {io.settings.endpoint}."
        )
    return BucketFileMetadata(size, found), response.headers.get("location")
