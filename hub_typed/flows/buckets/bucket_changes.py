"""Changes of a bucket's files: what is added, copied and deleted, in batches of one request each."""

from __future__ import annotations

import mimetypes
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, TypeAlias

import attrs

from hub_typed.flows.lfs.content import LocalSource, source_name, source_size
from hub_typed_api.models import BucketAddFile, BucketCopyFile, BucketDeleteFile
from hub_typed_api.path import HFValidationError, checked_file, is_unicode

__all__: list[str] = []

MAX_CHANGES: Final = 1000
"""Largest number of changes of one request."""
MAX_BYTES: Final = 4 << 30
"""Bytes of files after which a batch ends, so that an interrupted upload keeps what it has sent before."""


def checked_bucket_path(path: str) -> str:
    """Return a path in a bucket without a leading slash.

    Raises:
        HFValidationError: The path is invalid.
    """
    if not is_unicode(path):
        raise HFValidationError(f"Invalid path in a bucket {path!r}: it cannot be encoded as UTF-8.")
    return checked_file(path.removeprefix("/"))


@attrs.frozen
class Addition:
    """A file to add or replace.

    Attributes:
        source: Path of a local file, the content, or a file object with it.
        path: Path in the bucket.
    """

    source: LocalSource
    path: str = attrs.field(converter=checked_bucket_path)

    @property
    def size(self) -> int:
        """Size in bytes.

        Raises:
            OSError: The file is missing.
        """
        return source_size(self.source)

    def line(self, xet_hash: str, mtime: int) -> BucketAddFile:
        """Return the line of a batch.

        Args:
            xet_hash: Hash of the content in Xet storage.
            mtime: Modification time in milliseconds since 1970.
        """
        kind = None if isinstance(self.source, bytes) else mimetypes.guess_type(source_name(self.source))[0]
        kind = kind or mimetypes.guess_type(self.path)[0]
        return BucketAddFile(path=self.path, xet_hash=xet_hash, mtime=mtime, content_type=kind)


@attrs.frozen
class Copy:
    """A file to copy from a repository or bucket, by its hash.

    Attributes:
        source_type: ``model``, ``dataset``, ``space``, ``kernel`` or ``bucket``.
        source_id: Name of the source, ``owner/name``.
        xet_hash: Hash of the content in Xet storage.
        path: Path of the copy.
    """

    source_type: str
    source_id: str
    xet_hash: str
    path: str = attrs.field(converter=checked_bucket_path)

    def line(self, mtime: int) -> BucketCopyFile:
        """Return the line of a batch.

        Args:
            mtime: Modification time in milliseconds since 1970.
        """
        return BucketCopyFile(
            path=self.path,
            xet_hash=self.xet_hash,
            source_repo_type=self.source_type,
            source_repo_id=self.source_id,
            mtime=mtime,
        )


@attrs.frozen
class Deletion:
    """A file to delete.

    Attributes:
        path: Path in the bucket.
    """

    path: str

    def line(self) -> BucketDeleteFile:
        """Return the line of a batch."""
        return BucketDeleteFile(path=self.path)


Change: TypeAlias = Addition | Copy | Deletion


def batches_of(changes: Iterable[Change]) -> Iterator[Sequence[Change]]:
    """Divide changes into batches, in order."""
    batch: list[Change] = []
    size = 0
    for change in changes:
        more = change.size if isinstance(change, Addition) else 0
        if batch and (len(batch) == MAX_CHANGES or size + more > MAX_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(change)
        size += more
    if batch:
        yield batch
