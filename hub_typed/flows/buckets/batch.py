"""Add, copy and delete files of a bucket."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from hub_typed.errors import BucketBatchError, ErrorContext, HfHubHTTPError, HubResponse
from hub_typed.flows.buckets.bucket_changes import Addition, Change, Copy, Deletion, batches_of
from hub_typed.flows.buckets.bucket_ids import parse_bucket_id
from hub_typed.flows.lfs.content import Content
from hub_typed.flows.xet.uploads import XetCommit, upload_to_bucket
from hub_typed.http.error_responses import describe_response, redact_text
from hub_typed.http.io import Io
from hub_typed.http.send import parse_response, send_request
from hub_typed.logs.logger import log as _log
from hub_typed.progress_bars.observers import job_of
from hub_typed.urls.hf_uri import HfUri
from hub_typed.xet.upload_commit import NO_SHA256
from hub_typed_api.codec.buckets import structure_bucket_batch
from hub_typed_api.models import BucketFailure, BucketLine
from hub_typed_api.operations import buckets as operations

__all__ = ["batch_bucket_files"]

FILES_AT_ONCE: Final = 4
"""Number of files that are sent at the same time; `hf_xet` collects up to 64 MiB of each."""
MAX_LISTED_FAILURES: Final = 10
"""Number of failures in the message of an error, which has all of them as an attribute."""
UNPROCESSABLE: Final = 422
"""Status if some changes failed; the body is that of a success."""


async def batch_bucket_files(
    io: Io,
    bucket_id: str | HfUri,
    *,
    add: Sequence[tuple[str | os.PathLike[str] | bytes, str]] | None = None,
    copy: Sequence[tuple[str, str, str, str]] | None = None,
    delete: Sequence[str] | None = None,
) -> None:
    """Add, copy and delete files of a bucket, in one request for each 1000 changes.

    This is no transaction: after an error, some changes may have been made, and others not.

    Args:
        bucket_id: Name, ``owner/name``.
        add: Files to upload, each with its source, a local path or the content as bytes, and its path in the bucket.
        copy: Files to copy by their hash, without a transfer, each as source type (``model``, ``dataset``, ``space`` or
            ``bucket``), source name, hash in Xet storage, and path in the bucket.
        delete: Paths of files to delete.

    Raises:
        BucketBatchError: Some changes failed; the others were made.
        BucketNotFoundError: The bucket does not exist, or the token has no access to it.
        XetUnavailableError: There are files to add, and this client cannot use Xet storage, for example because
            ``hub-typed[xet]`` is not installed.
        HFValidationError: A path in the bucket is invalid.
        SourceChangedError: A file changed while it was read.
        HfHubHTTPError: The token may not write to the bucket (403).
    """
    owner, name = parse_bucket_id(bucket_id, io.settings.endpoint)
    await change_files(
        io,
        f"{owner}/{name}",
        [
            *(Copy(*one) for one in copy or ()),
            *(Addition(*one) for one in add or ()),
            *(Deletion(one) for one in delete or ()),
        ],
    )


async def change_files(io: Io, bucket_id: str, changes: Sequence[Change]) -> None:
    """Change files of a bucket; see `batch_bucket_files`.

    Args:
        changes: The changes; deletions are last.
    """
    errors: list[BucketBatchError] = []
    with job_of(io, "upload", bucket_id) as job:
        bound = io.with_job(job)
        if job is not None:
            job.expect({change.path: change.size for change in changes if isinstance(change, Addition)})
        for batch in batches_of(changes):
            try:
                await _make_changes(bound, bucket_id, batch)
            except BucketBatchError as error:
                _log.warning("%s", error)
                errors.append(error)
    if errors:
        failures = [failure for error in errors for failure in error.failures]
        raise _batch_error(bucket_id, failures, len(changes), errors[-1].response, errors[-1].context)


async def _make_changes(io: Io, bucket_id: str, batch: Sequence[Change]) -> None:
    """Upload the files that one batch adds, and send the batch."""
    lines: dict[int, BucketLine] = {}
    now = int(io.now() * 1000)
    additions: list[tuple[int, Addition]] = []
    for number, change in enumerate(batch):
        if isinstance(change, Addition):
            additions.append((number, change))
        else:
            lines[number] = change.line(now) if isinstance(change, Copy) else change.line()

    async def send_files(commit: XetCommit) -> None:
        async def send(numbered: tuple[int, Addition]) -> None:
            number, addition = numbered
            content = await io.run_blocking(partial(Content.of, addition.source))
            sent = await commit.send(addition.path, content, NO_SHA256)
            mtime = now if content.mtime is None else content.mtime
            lines[number] = addition.line(sent.xet_hash, mtime)

        await io.each(send, additions, limit=FILES_AT_ONCE)

    if additions:
        await upload_to_bucket(io, bucket_id, send_files, observer=io.job)
    await _send_lines(io, bucket_id, [lines[number] for number in range(len(batch))])


async def _send_lines(io: Io, bucket_id: str, lines: Sequence[BucketLine]) -> None:
    """Send a batch.

    Raises:
        BucketBatchError: Some changes failed.
    """
    call = operations.batch_bucket_files(*parse_bucket_id(bucket_id), lines=lambda: lines)
    try:
        response = await send_request(io, call.request)
    except HfHubHTTPError as error:
        if failures := _failures(error):
            raise _batch_error(bucket_id, failures, len(lines), error.response, error.context) from None
        raise
    if failed := parse_response(call.request, response, call).failed:
        context, shown = describe_response(call.request, call.request, response)
        raise _batch_error(bucket_id, [_as_dict(one) for one in failed], len(lines), shown, context)


def _failures(error: HfHubHTTPError) -> list[dict[str, str]]:
    """Return the changes that failed, if the body of an error response lists them."""
    if error.response.status_code != UNPROCESSABLE:
        return []
    try:
        return [_as_dict(one) for one in structure_bucket_batch(error.response.json()).failed]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def _as_dict(failure: BucketFailure) -> dict[str, str]:
    return {"path": failure.path, "error": failure.error}


def _batch_error(
    bucket_id: str, failures: Sequence[Mapping[str, str]], sent: int, response: HubResponse, context: ErrorContext
) -> BucketBatchError:
    """Return the error for changes that failed.

    Args:
        sent: Number of changes.
    """
    listed = [f"  {failure['path']}: {redact_text(failure['error'])}" for failure in failures[:MAX_LISTED_FAILURES]]
    if len(failures) > MAX_LISTED_FAILURES:
        listed.append(f"  and {len(failures) - MAX_LISTED_FAILURES} more, see the attribute failures")
    message = "\n".join(
        [f"{len(failures)} of {sent} changes of the bucket {bucket_id} failed; the others were made:", *listed]
    )
    return BucketBatchError(message, response, context=context, failures=failures)
