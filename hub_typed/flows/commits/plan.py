"""Build the commit plan: drop ignored and unchanged files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

from hub_typed.flows.commits.checks import sole_writes
from hub_typed.flows.commits.copies import copied
from hub_typed.flows.commits.operations import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
)
from hub_typed.flows.commits.prepared import Change, Target
from hub_typed.flows.commits.upload_modes import decided, identified
from hub_typed.http.io import Io
from hub_typed.logs.logger import log as _log

__all__: list[str] = []


async def planned(
    io: Io, target: Target, operations: Sequence[CommitOperation], scratch: ExitStack, *, at_once: int
) -> list[Change]:
    """Return the remaining operations, in order.

    Args:
        scratch: Keeps what is fetched to be sent again, until it is closed.
        at_once: How many requests are sent, and files read, at the same time.

    Raises:
        EntryNotFoundError: A file to copy is not there.
        SourceChangedError: A file changed meanwhile.
        ProtocolError: The Hub's answer leaves a file out.
    """
    additions = [operation for operation in operations if isinstance(operation, CommitOperationAdd)]
    copies = [operation for operation in operations if isinstance(operation, CommitOperationCopy)]
    sole = sole_writes(operations)
    uploads = await decided(io, target, additions, at_once=at_once)
    made = await copied(io, target, copies, sole=sole, scratch=scratch, at_once=at_once)
    await identified(io, [upload for upload in uploads if not upload.ignored], at_once=at_once)
    unchanged = {upload.path for upload in uploads if upload.oid == upload.there and upload.path in sole}
    if left_out := [upload for upload in uploads if upload.ignored or upload.path in unchanged]:
        _log.info(
            "%s: %d files are not committed, because a .gitignore names them or they have not changed",
            target.repo_id,
            len(left_out),
        )
    wanted = iter([None if upload.ignored or upload.path in unchanged else upload for upload in uploads])
    changes = _in_order(operations, wanted, iter(made))
    return [change for change in changes if change is not None]


def _in_order(
    operations: Sequence[CommitOperation], uploads: Iterator[Change | None], copies: Iterator[Change | None]
) -> Iterator[Change | None]:
    for operation in operations:
        if isinstance(operation, CommitOperationDelete):
            yield operation
        else:
            yield next(uploads if isinstance(operation, CommitOperationAdd) else copies)
