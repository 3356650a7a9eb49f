"""Commit payload (NDJSON), with at most one regular file in memory at a time."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from hub_typed.flows.commits.prepared import Change, LfsCopy, Upload
from hub_typed_api.models import (
    CommitDeletedFileLine,
    CommitDeletedFolderLine,
    CommitDeletion,
    CommitFile,
    CommitFileLine,
    CommitHeader,
    CommitHeaderLine,
    CommitLfsFile,
    CommitLfsFileLine,
    CommitLine,
)

__all__: list[str] = []


def commit_lines(header: CommitHeader, changes: Sequence[Change]) -> Iterator[CommitLine]:
    """Yield the lines of the commit payload; the files are read again for each attempt.

    Raises:
        SourceChangedError: A file is not what it was when the commit began.
    """
    yield CommitHeaderLine(value=header)
    for change in changes:
        if isinstance(change, Upload):
            yield _addition(change)
        elif isinstance(change, LfsCopy):
            yield CommitLfsFileLine(value=CommitLfsFile(path=change.path, algo="sha256", oid=change.oid))
        elif change.is_folder:
            yield CommitDeletedFolderLine(value=CommitDeletion(path=change.path_in_repo))
        else:
            yield CommitDeletedFileLine(value=CommitDeletion(path=change.path_in_repo))


def _addition(upload: Upload) -> CommitLine:
    if upload.lfs:
        return CommitLfsFileLine(
            value=CommitLfsFile(path=upload.path, algo="sha256", oid=upload.oid, size=upload.content.size)
        )
    content = base64.b64encode(b"".join(upload.content.pieces())).decode("ascii")
    return CommitFileLine(value=CommitFile(content=content, path=upload.path, encoding="base64"))
