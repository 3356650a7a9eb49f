"""Content of a file to upload, read from a path, bytes or a file object, and checked for changes."""

from __future__ import annotations

import hashlib
import io
import os
from array import array
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, Protocol, TypeAlias, cast
from zlib import crc32

import attrs

from hub_typed.disk.block_pool import BLOCK_SIZE, Blocks
from hub_typed.disk.folders import NOT_A_FILE_ERRORS, open_file
from hub_typed.errors import SourceChangedError

__all__: list[str] = []

LocalSource: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

SAMPLE_SIZE = 512
SMALL_SIZE = 8192
"""Maximum size in bytes of a file that is read as a whole when it is inspected; one read of its beginning costs as
much."""


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

    Whoever reads it again gets the bytes of the first time: they are kept in memory, or each block is compared with its
    checksum, so that a file which was overwritten meanwhile is noticed even if its size and time are the same.

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
    def of(cls, source: LocalSource, *, keep_small: bool = False) -> Content:
        """Inspect a source, reading only its first bytes.

        Args:
            keep_small: Whether to keep the content of a small file until `release` is called, so that it is not read
                again. File objects are always read again, since they may notice a change themselves.

        Raises:
            OSError: The source cannot be read.
        """
        with open_source(source) as file:
            stamp = _stamp(source, file)
            size = stamp[0]
            is_kept = keep_small and _is_path(source) and size <= min(SMALL_SIZE, BLOCK_SIZE)
            file.seek(0)
            beginning = file.read(size if is_kept else SAMPLE_SIZE)
            content = cls(source, size, beginning[:SAMPLE_SIZE], stamp)
            if is_kept and len(beginning) == size:
                content._kept = [beginning]
            return content

    @property
    def mtime(self) -> int | None:
        """Modification time of a local file in milliseconds since 1970; ``None`` for bytes and file objects."""
        return self.stamp[1] // 1_000_000 if _is_path(self.source) else None

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
        blocks = self._blocks(start, end, remember=remember) if self._kept is None else self._kept_blocks(start, end)
        for position, block in blocks:
            yield block[max(start - position, 0) : end - position]

    def _blocks(self, start: int, stop: int, *, remember: bool) -> Iterator[tuple[int, bytes]]:
        """Read the whole blocks that contain a range, and yield each with its position."""
        is_first = remember and self._checksums is None
        checksums = array("L")
        with self._opened() as file:
            self._check_unchanged(file)
            for position in range(start - start % BLOCK_SIZE, stop, BLOCK_SIZE):
                block = self._read(file, position, min(BLOCK_SIZE, self.size - position))
                if is_first:
                    checksums.append(crc32(block))
                elif self._checksums is not None and crc32(block) != self._checksums[position // BLOCK_SIZE]:
                    raise self._changed_error()
                yield position, block
            self._check_unchanged(file)
        if is_first and (start, stop) == (0, self.size):
            self._checksums = checksums

    def _kept_blocks(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        """Yield the same blocks from memory; that the file has changed is an error all the same."""
        kept = self._kept or []
        with self._gone_as_changed():
            if _path_stamp(os.stat(cast("str", self.source))) != self.stamp:
                raise self._changed_error()
        for position in range(start - start % BLOCK_SIZE, stop, BLOCK_SIZE):
            yield position, kept[position // BLOCK_SIZE]

    def _read(self, file: BinaryIO, position: int, size: int, into: bytearray | None = None) -> bytes:
        """Read exactly ``size`` bytes; other code may move the position of a file object, or it may return fewer.

        Args:
            into: Memory to use, for a file that was opened by its path.
        """
        file.seek(position)
        if into is not None:
            view = memoryview(into)[:size]
            if cast("io.BufferedReader", file).readinto(view) < size:
                raise self._changed_error()
            return cast("bytes", view)  # as good for hashes and sockets
        block = file.read(size)
        while len(block) < size:
            more = file.read(size - len(block))
            if not more:
                raise self._changed_error()
            block += more
        return block

    @contextmanager
    def _opened(self) -> Generator[BinaryIO, None, None]:
        with self._gone_as_changed(), open_source(self.source) as file:
            yield file

    @contextmanager
    def _gone_as_changed(self) -> Generator[None, None, None]:
        """Let it count as a change that the source is gone or no file any more."""
        try:
            yield
        except OSError as error:
            if error.errno not in NOT_A_FILE_ERRORS:
                raise
            raise self._changed_error() from error

    def sha256(self, on_block: OnBlock = _ignore, *, keep: Blocks | None = None) -> str:
        """Return the SHA-256 of the content in hexadecimal, which is the oid of an LFS file.

        Args:
            keep: Where to keep the content until `release` is called, so that it is not read again. File objects are
                read again, since they may notice a change themselves.
        """
        return self._digest(hashlib.sha256(), on_block, keep)

    def git_id(self, on_block: OnBlock = _ignore) -> str:
        """Return the git blob id of the content, 40 hexadecimal digits."""
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False), on_block)

    def release(self) -> None:
        """Forget the content that was kept in memory, before its blocks return to their pool."""
        self._kept = None

    def _digest(self, digest: _Digest, on_block: OnBlock, keep: Blocks | None = None) -> str:
        is_known = self._kept is not None or self._checksums is not None
        pieces = self.pieces() if keep is None or is_known or not _is_path(self.source) else self._keep(keep)
        for piece in pieces:
            digest.update(piece)
            on_block(len(piece))
        return digest.hexdigest()

    def _keep(self, blocks: Blocks) -> Iterator[bytes]:
        """Yield the content while it is read into memory."""
        kept: list[bytes] = []
        with self._opened() as file:
            self._check_unchanged(file)
            for position in range(0, self.size, BLOCK_SIZE):
                size = min(BLOCK_SIZE, self.size - position)
                # A small file, or the rest of a large one, takes no block.
                block = self._read(file, position, size, blocks.take() if size == BLOCK_SIZE else None)
                kept.append(block)
                yield block
            self._check_unchanged(file)
        self._kept = kept

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
            with suppress(ValueError):  # its owner has closed it, since the upload has failed
                source.seek(before)


def _stamp(source: LocalSource, file: BinaryIO) -> tuple[int, ...]:
    """Return the size and, for a path, the modification time and inode, to detect changes."""
    if _is_path(source):
        return _path_stamp(os.fstat(file.fileno()))
    return (file.seek(0, os.SEEK_END),)


def _path_stamp(status: os.stat_result) -> tuple[int, ...]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _is_path(source: LocalSource) -> bool:
    return isinstance(source, str | os.PathLike)
