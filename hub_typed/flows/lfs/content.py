"""Content of a file to upload, read from a path, bytes or a file object, and checked for changes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, TypeAlias

import attrs

from hub_typed.disk.folders import NOT_A_FILE_ERRORS, open_file
from hub_typed.errors import SourceChangedError

__all__: list[str] = []

LocalSource: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

BLOCK_SIZE = 1 << 20
SAMPLE_SIZE = 512


class _Digest(Protocol):
    """Methods of a hash object that are used here."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def _no_check() -> None:
    """Do nothing; the default ``check``, which never cancels."""


@attrs.frozen(eq=False)
class Content:
    """Content of one file at a point in time; later reads fail if it has changed.

    Attributes:
        source: Path, bytes or file object with the content.
        size: Number of bytes.
        sample: The first 512 bytes.
        stamp: Properties that change with the content and can be checked without reading it.
    """

    source: LocalSource
    size: int
    sample: bytes
    stamp: tuple[int, ...]

    @classmethod
    def of(cls, source: LocalSource) -> Content:
        """Inspect a source, reading only its first bytes.

        Raises:
            OSError: The source cannot be read.
        """
        with open_source(source) as file:
            stamp = _stamp(source, file)
            file.seek(0)
            return cls(source, stamp[0], file.read(SAMPLE_SIZE), stamp)

    @property
    def allows_concurrent_reads(self) -> bool:
        """Whether several readers can read it at the same time; a file object has a single position."""
        return isinstance(self.source, str | os.PathLike | bytes)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop`` in pieces.

        Raises:
            SourceChangedError: The content has changed.
        """
        end = self.size if stop is None else stop
        try:
            with open_source(self.source) as file:
                self._check_unchanged(file)
                while start < end:
                    file.seek(start)  # repeated, since other code may move the position of a file object
                    piece = file.read(min(BLOCK_SIZE, end - start))
                    if not piece:
                        raise self._changed_error()
                    start += len(piece)
                    yield piece
                self._check_unchanged(file)
        except OSError as error:
            if error.errno not in NOT_A_FILE_ERRORS:
                raise
            raise self._changed_error() from error

    def sha256(self, check: Callable[[], None] = _no_check) -> str:
        """Return the SHA-256 of the content in hexadecimal, which is the oid of an LFS file.

        Args:
            check: Called before each block; an exception that it raises stops the computation.
        """
        return self._digest(hashlib.sha256(), check)

    def git_id(self, check: Callable[[], None] = _no_check) -> str:
        """Return the git blob id of the content, 40 hexadecimal digits.

        Args:
            check: Called before each block; an exception that it raises stops the computation.
        """
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False), check)

    def _digest(self, digest: _Digest, check: Callable[[], None]) -> str:
        for piece in self.pieces():
            check()
            digest.update(piece)
        return digest.hexdigest()

    def _check_unchanged(self, file: BinaryIO) -> None:
        if _stamp(self.source, file) != self.stamp:
            raise self._changed_error()

    def _changed_error(self) -> SourceChangedError:
        return SourceChangedError(
            f"{source_name(self.source)} changed during the upload, so nothing was committed. Upload it again when no "
            "other process writes to it."
        )


def source_name(source: LocalSource) -> str:
    """Return the name of a source for messages."""
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    return str(source) if isinstance(source, str | os.PathLike) else f"<{type(source).__name__}>"


@contextmanager
def open_source(source: LocalSource) -> Generator[BinaryIO]:
    """Open a source for reading from its beginning; the position of a file object is restored afterwards."""
    if isinstance(source, str | os.PathLike):
        with open_file(source) as file:
            yield file
    elif isinstance(source, bytes):
        yield io.BytesIO(source)
    else:
        before = source.tell()
        source.seek(0)
        try:
            yield source
        finally:
            source.seek(before)


def _stamp(source: LocalSource, file: BinaryIO) -> tuple[int, ...]:
    """Return the size and, for a path, the modification time and inode, to detect changes."""
    if isinstance(source, str | os.PathLike):
        status = os.fstat(file.fileno())
        return status.st_size, status.st_mtime_ns, status.st_ino
    return (file.seek(0, os.SEEK_END),)
