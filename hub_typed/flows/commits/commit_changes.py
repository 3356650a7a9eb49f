"""Changes of a commit: added files are uploaded, ignored and unchanged ones left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from hub_typed.flows.commits.checks import paths_written_once
from hub_typed.flows.commits.limits import check_limits, exceeded_limits
from hub_typed.flows.commits.operations import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
)
from hub_typed.flows.commits.prepared_changes import Change, Target
from hub_typed.flows.commits.upload_modes import UploadModes
from hub_typed.flows.commits.uploads import Uploads, concurrent_uploads
from hub_typed.flows.lfs.content import source_size
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log

__all__: list[str] = []


async def check_sizes(
    io: Io, target: Target, operations: Sequence[CommitOperation], *, is_one_commit: bool = True
) -> None:
    """Refuse an upload that exceeds a hard limit of the Hub, before any content is sent.

    Files that a ``.gitignore`` ignores do not count. The Hub is asked for them only if the limit is exceeded with them.
    All files are added to the job.

    Args:
        is_one_commit: Whether one commit has all operations.

    Raises:
        UploadLimitError: A hard limit is exceeded.
    """
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    sizes = await io.run_blocking(lambda: {each.path_in_repo: _size(each) for each in additions})
    if io.job is not None:
        io.job.expect(sizes)
    limits = exceeded_limits(sizes, is_one_commit=is_one_commit)
    if any(limit.is_hard for limit in limits):
        ignored = await (await UploadModes.of(io, target, additions)).ignored_paths(additions)
        counted = {path: size for path, size in sizes.items() if path not in ignored}
        limits = exceeded_limits(counted, is_one_commit=is_one_commit)
    check_limits(target.repo_id, limits)


async def prepare_changes(
    io: Io, target: Target, operations: Sequence[CommitOperation], scratch: ExitStack, *, at_once: int
) -> list[Change]:
    """Upload the LFS files of a commit and return its changes, in order, without ignored and unchanged files.

    Args:
        scratch: Owns the temporary files of copies, and deletes them when it is closed.
        at_once: Maximum number of concurrent uploads and downloads.

    Raises:
        EntryNotFoundError: A file to copy does not exist.
        LfsRefusedError: The Hub refused some of the files.
        SourceChangedError: A file changed during the upload.
        ProtocolError: The response of the Hub omits a file.
    """
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    copies = [operation for operation in operations if isinstance(operation, CommitOperationCopy)]
    written_once = paths_written_once(operations)
    prepared_copies: Sequence[Change | None] = ()
    if copies:
        from hub_typed.flows.commits.copies import prepare_copies

        prepared_copies = await prepare_copies(
            io, target, copies, written_once=written_once, scratch=scratch, at_once=at_once
        )
    modes = await UploadModes.of(io, target, additions)
    uploads = await Uploads(io, target, at_once=concurrent_uploads(at_once)).prepare(additions, modes)
    unchanged = {upload.path for upload in uploads if upload.oid == upload.existing_oid and upload.path in written_once}
    if skipped := [upload for upload in uploads if upload.ignored or upload.path in unchanged]:
        _log.info(
            "%s: %d files are skipped, because they are ignored by a .gitignore or unchanged",
            target.repo_id,
            len(skipped),
        )
    wanted = iter([None if upload.ignored or upload.path in unchanged else upload for upload in uploads])
    changes = _in_order(operations, wanted, iter(prepared_copies))
    return [change for change in changes if change is not None]


def _size(addition: CommitOperationAdd) -> int:
    """Return the size of a file in bytes; an uploaded one may be gone."""
    return addition.upload_info.size if addition.stage == "uploaded" else source_size(addition.path_or_fileobj)


def _in_order(
    operations: Sequence[CommitOperation], uploads: Iterator[Change | None], copies: Iterator[Change | None]
) -> Iterator[Change | None]:
    for operation in operations:
        if isinstance(operation, CommitOperationDelete):
            yield operation
        else:
            yield next(uploads if isinstance(operation, CommitOperationAdd) else copies)
