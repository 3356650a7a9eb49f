"""Content of a file to upload, read from a path, bytes or a file object, and checked for changes."""

from __future__ import annotations

import hashlib
import io
import os
from array import array
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, TypeAlias
from zlib import crc32

import attrs

from hub_typed.disk.folders import NOT_A_FILE_ERRORS, open_file
from hub_typed.errors import SourceChangedError

__all__: list[str] = []

LocalSource: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

BLOCK_SIZE = 1 << 18
SAMPLE_SIZE = 512


class _Digest(Protocol):
    """Methods of a hash object that are used here."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


OnBlock: TypeAlias = Callable[[int], object]
"""Called after each block that is read, with its size in bytes; an exception that it raises stops the work."""


def _ignore(_: int) -> None:
    """Do nothing; the default of ``on_block``."""


@attrs.define(eq=False)
class Content:
    """Content of one file at a point in time; later reads fail if it has changed.

    Whoever reads it again gets the bytes of the first time: each block is compared with its checksum, so that a file
    which was overwritten meanwhile is noticed even if its size and time are the same.

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
    _checksums: array[int] | None = attrs.field(default=None, init=False)
    _kept: list[bytes] | None = attrs.field(default=None, init=False)

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
        return allows_concurrent_reads(self.source)

    @property
    def is_verified(self) -> bool:
        """Whether each read yields the bytes of the first complete one, or fails."""
        return isinstance(self.source, bytes) or self._kept is not None or self._checksums is not None

    def pieces(self, start: int = 0, stop: int | None = None, *, remember: bool = True) -> Iterator[bytes]:
        """Yield the bytes from ``start`` up to ``stop`` in pieces.

        Args:
            remember: Whether to compute checksums when the whole content is read for the first time.

        Raises:
            SourceChangedError: The content has changed.
        """
        end = self.size if stop is None else stop
        if isinstance(self.source, bytes):
            for position in range(start, end, BLOCK_SIZE):
                yield self.source[position : min(position + BLOCK_SIZE, end)]
            return
        for position, block in self._blocks(start, end, remember=remember):
            yield block[max(start - position, 0) : end - position]

    def _blocks(self, start: int, stop: int, *, remember: bool) -> Iterator[tuple[int, bytes]]:
        """Yield the whole blocks that contain a range, each with its position."""
        is_first = remember and self._kept is None and self._checksums is None
        checksums = array("L")
        with self._opened() as file:
            self._check_unchanged(file)
            for position in range(start - start % BLOCK_SIZE, stop, BLOCK_SIZE):
                number = position // BLOCK_SIZE
                if self._kept is not None:
                    block = self._kept[number]
                else:
                    block = self._read(file, position, min(BLOCK_SIZE, self.size - position))
                    if is_first:
                        checksums.append(crc32(block))
                    elif self._checksums is not None and crc32(block) != self._checksums[number]:
                        raise self._changed_error()
                yield position, block
            self._check_unchanged(file)
        if is_first and (start, stop) == (0, self.size):
            self._checksums = checksums

    def _read(self, file: BinaryIO, position: int, size: int) -> bytes:
        """Read exactly ``size`` bytes; other code may move the position of a file object, or it may return fewer."""
        file.seek(position)
        block = file.read(size)
        while len(block) < size:
            more = file.read(size - len(block))
            if not more:
                raise self._changed_error()
            block += more
        return block

    @contextmanager
    def _opened(self) -> Generator[BinaryIO, None, None]:
        """Open the source; that it is gone or no file any more counts as a change."""
        try:
            with open_source(self.source) as file:
                yield file
        except OSError as error:
            if error.errno not in NOT_A_FILE_ERRORS:
                raise
            raise self._changed_error() from error

    def sha256(self, on_block: OnBlock = _ignore, *, keep: bool = False) -> str:
        """Return the SHA-256 of the content in hexadecimal, which is the oid of an LFS file.

        Args:
            keep: Whether to keep the content in memory until `release` is called, so that it is not read again. File
                objects are read again, since they may notice a change themselves.
        """
        return self._digest(hashlib.sha256(), on_block, keep=keep)

    def git_id(self, on_block: OnBlock = _ignore) -> str:
        """Return the git blob id of the content, 40 hexadecimal digits."""
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False), on_block)

    def release(self) -> None:
        """Discard the content that was kept in memory."""
        self._kept = None

    def _digest(self, digest: _Digest, on_block: OnBlock, *, keep: bool = False) -> str:
        is_known = self._kept is not None or self._checksums is not None
        keep = keep and not is_known and isinstance(self.source, str | os.PathLike)
        kept: list[bytes] = []
        for piece in self.pieces(remember=not keep):
            digest.update(piece)
            on_block(len(piece))
            if keep:
                kept.append(piece)
        if keep:
            self._kept = kept
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


def allows_concurrent_reads(source: LocalSource) -> bool:
    """Whether several readers can read a source at the same time; a file object has a single position."""
    return isinstance(source, str | os.PathLike | bytes)


def source_size(source: LocalSource) -> int:
    """Return the size of a source in bytes."""
    if isinstance(source, str | os.PathLike):
        return os.stat(source).st_size
    with open_source(source) as file:
        return file.seek(0, os.SEEK_END)


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
