"""Commit payload (NDJSON); at most one regular file is in memory at a time."""

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
    """Yield the lines of the commit payload; each attempt reads the files again.

    Raises:
        SourceChangedError: A file has changed since the commit was started.
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
