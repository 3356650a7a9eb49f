"""Batches of changes of a bucket's files, and the contents that a caller may add to it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from hub_typed.local.buckets.files import BucketFile
from hub_typed.local.buckets.store import Bucket
from hub_typed.local.errors import HubResponseError, bad_request, not_found, too_large
from hub_typed.local.git.large_files import lfs_oids
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.path import checked_file

if TYPE_CHECKING:
    from hub_typed.local.xet.file_records import StoredFile  # which needs optional packages

__all__ = ["apply_batch", "file_time"]

_MAX_LINES: Final = 1000
_MAX_PATH: Final = 1024
"""Bytes in UTF-8; the usual limit of object stores."""
_MAX_CONTENT_TYPE: Final = 255
_NANOS: Final = 1_000_000
"""Nanoseconds in a millisecond."""


def apply_batch(call: Call, bucket: Bucket, lines: Iterable[models.BucketLine]) -> models.BucketBatch:
    """Apply the lines of a batch, except those that fail.

    Raises:
        HubResponseError: 400, a line that deletes precedes one that adds; 413, the batch is too long. Nothing is
            changed.
    """
    every = list(lines)
    if len(every) > _MAX_LINES:
        raise too_large(f"A batch has at most {_MAX_LINES} lines, this one has {len(every)}: send several batches")
    deletes = [isinstance(line, models.BucketDeleteFile) for line in every]
    if deletes != sorted(deletes):
        raise bad_request("Lines that add or copy files must precede those that delete files")
    now = call.now().isoformat()
    changes: dict[str, BucketFile | None] = {}
    failed: list[models.BucketFailure] = []
    for line in every:
        try:
            changes[_checked_path(line.path)] = _new_file(call, bucket, line, now)
        except (HubResponseError, ValueError) as error:
            failed.append(models.BucketFailure(path=line.path, error=str(error)))
    if changes:
        bucket.change_files(changes, now)
    return models.BucketBatch(
        success=not failed, processed=len(every), succeeded=len(every) - len(failed), failed=failed
    )


def file_time(milliseconds: int) -> datetime:
    """Return the time of a number of milliseconds since 1970.

    Raises:
        ValueError: It is out of range.
    """
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC)
    except (OverflowError, OSError, ValueError):
        raise ValueError(f"Invalid mtime {milliseconds}: it must be in milliseconds since 1970") from None


def _checked_path(path: str) -> str:
    if len(checked_file(path).encode()) > _MAX_PATH:
        raise ValueError(f"The path has more than {_MAX_PATH} bytes")
    return path


def _new_file(call: Call, bucket: Bucket, line: models.BucketLine, now: str) -> BucketFile | None:
    """Return the file that a line adds; ``None`` if it deletes one.

    Raises:
        HubResponseError, ValueError: The line is wrong, or the caller may not use the content.
    """
    if isinstance(line, models.BucketDeleteFile):
        return None
    if line.mtime is not None:
        file_time(line.mtime)
    if not 0 <= (line.mtime_nanos or 0) < _NANOS:
        raise ValueError(f"Invalid mtimeNanos {line.mtime_nanos}: it must be 0 to {_NANOS - 1}")
    content_type = line.content_type
    if content_type and not (
        content_type.isascii() and content_type.isprintable() and len(content_type) <= _MAX_CONTENT_TYPE
    ):
        raise ValueError("Invalid contentType: it must be a media type, such as text/csv")
    content = _copied(call, line) if isinstance(line, models.BucketCopyFile) else _uploaded(call, bucket, line)
    return BucketFile(
        xet_hash=content.hash,
        sha256=content.sha256,
        size=content.size,
        uploaded_at=now,
        mtime=line.mtime,
        mtime_nanos=line.mtime_nanos,
        content_type=content_type,
    )


def _uploaded(call: Call, bucket: Bucket, line: models.BucketAddFile) -> StoredFile:
    """Return a content that the caller has uploaded for the bucket, or that the bucket has already.

    Raises:
        HubResponseError: 404, there is none with this hash; the message does not say whether it is stored elsewhere.
    """
    content = _content(call, line.xet_hash)
    if content is not None and (
        content.size == 0
        or content.hash in bucket.files.contents
        or call.lfs.was_uploaded(content.sha256, repo=bucket.facts.id, user=call.user().user.name)
    ):
        return content
    raise not_found(f"The content {line.xet_hash} was not uploaded for the bucket {bucket.repo_id}: upload it first")


def _copied(call: Call, line: models.BucketCopyFile) -> StoredFile:
    """Return the content of a file in another bucket, or in any revision of a repository.

    Raises:
        HubResponseError: Errors of `Call.openable`; 404, it has no file with this hash.
    """
    content, kind, name = _content(call, line.xet_hash), line.source_repo_type, line.source_repo_id
    if kind == "bucket":
        found = line.xet_hash in call.readable_bucket(name).files.contents
    else:
        repo = call.openable(kind, name)
        found = content is not None and content.sha256 in lfs_oids(repo.path)
    if content is None or not found:
        raise not_found(f"The {kind} {name} has no file with the Xet hash {line.xet_hash}")
    return content


def _content(call: Call, xet_hash: str) -> StoredFile | None:
    """Return a stored content, whoever may use it.

    Raises:
        HubResponseError: 400, it is no hash; 404, the Hub does not serve Xet.
    """
    if call.xet is None:
        raise not_found("This Hub does not serve Xet, which has the contents of buckets")
    return call.xet.file(xet_hash)
