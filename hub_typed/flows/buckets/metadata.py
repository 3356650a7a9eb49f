"""Metadata of one file of a bucket."""

from __future__ import annotations

import attrs

from hub_typed.errors import FileMetadataError
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.files.head import send_head
from hub_typed.flows.files.metadata import XetFileData, content_size, xet_file_data
from hub_typed.http.io import Io
from hub_typed.urls.hf_uri import HfUri
from hub_typed_api.fields import Fields
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
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    call = operations.get_bucket_file_metadata(owner, name, remote_path)
    response = await send_head(io, call.request)
    found, size = xet_file_data(response.headers), content_size(response)
    if found is None or size is None:
        missing = "size" if found else "hash of Xet storage"
        raise FileMetadataError(
            f"{owner}/{name}: the response for {remote_path!r} lacks the {missing}. It may come from a proxy or a "
            f"login page instead of {io.settings.endpoint}."
        )
    return BucketFileMetadata(size, found)
