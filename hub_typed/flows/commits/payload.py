"""Commit payload (NDJSON), whose files are read and encoded while it is sent."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs

from hub_typed.flows.commits.prepared_changes import Change, LfsCopy, Upload
from hub_typed.flows.joined_pieces import joined
from hub_typed.flows.lfs.content import Content
from hub_typed_api.codec.commits import unstructure_commit_line
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
from hub_typed_api.wire import Source

__all__: list[str] = []

_CONTENT: Final = b'"content": "'
_PIECE: Final = 1 << 18
"""Lines are joined to pieces of at least this many bytes."""


def commit_body(header: CommitHeader, changes: Sequence[Change]) -> Source:
    """Return the body of a commit request; each attempt reads the files again.

    Reading it raises `SourceChangedError` if a file has changed since the commit was started.
    """
    lines = [_Line.of(CommitHeaderLine(value=header)), *map(_change_line, changes)]

    def pieces() -> Iterator[bytes]:
        # Small pieces would be sent in packets of their own.
        return joined((piece for line in lines for piece in line.pieces()), _PIECE)

    return Source(pieces, sum(line.size for line in lines))


@attrs.frozen
class _Line:
    """A line of the payload: JSON text, with the base64 of a content in between."""

    before: bytes
    content: Content | None
    after: bytes

    @classmethod
    def of(cls, line: CommitLine, content: Content | None = None) -> _Line:
        text = json.dumps(unstructure_commit_line(line)).encode() + b"\n"
        end = 0 if content is None else text.index(_CONTENT) + len(_CONTENT)  # no other member is before it
        return cls(text[:end], content, text[end:])

    @property
    def size(self) -> int:
        encoded = 0 if self.content is None else 4 * -(-self.content.size // 3)
        return len(self.before) + encoded + len(self.after)

    def pieces(self) -> Iterator[bytes]:
        yield self.before
        if self.content is not None:
            yield from _base64(self.content.pieces())
        yield self.after


def _change_line(change: Change) -> _Line:
    if isinstance(change, LfsCopy):
        return _Line.of(CommitLfsFileLine(value=CommitLfsFile(path=change.path, algo="sha256", oid=change.oid)))
    if not isinstance(change, Upload):
        deletion = CommitDeletion(path=change.path_in_repo)
        return _Line.of(
            CommitDeletedFolderLine(value=deletion) if change.is_folder else CommitDeletedFileLine(value=deletion)
        )
    if change.lfs:
        file = CommitLfsFile(path=change.path, algo="sha256", oid=change.oid, size=change.content.size)
        return _Line.of(CommitLfsFileLine(value=file))
    return _Line.of(
        CommitFileLine(value=CommitFile(content="", path=change.path, encoding="base64")), content=change.content
    )


def _base64(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Encode a stream; three bytes become four characters, so that up to two are left over from each piece."""
    rest = b""
    for piece in pieces:
        data = rest + piece if rest else piece
        end = len(data) - len(data) % 3
        rest = data[end:]
        yield base64.b64encode(memoryview(data)[:end] if rest else data)
    if rest:
        yield base64.b64encode(rest)
