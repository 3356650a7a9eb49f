"""Content of an upload: bytes of a path, of memory or of a file object, checked for changes."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Protocol, TypeAlias

import attrs

from hub_typed.disk.folders import NO_FILE, open_file
from hub_typed.errors import SourceChangedError

__all__: list[str] = []

LocalSource: TypeAlias = str | os.PathLike[str] | bytes | BinaryIO

BLOCK = 1 << 20
SAMPLE = 512


class _Digest(Protocol):
    """Protocol of the used methods of a hash object."""

    def update(self, data: bytes, /) -> None: ...

    def hexdigest(self) -> str: ...


def _never() -> None:
    """Default check that never cancels."""


@attrs.frozen(eq=False)
class Content:
    """Content of one file at a point in time; later reads fail if it has changed.

    Attributes:
        source: Where they are.
        size: How many.
        sample: The first 512.
        stamp: What changes with them, as far as it can be seen without reading.
    """

    source: LocalSource
    size: int
    sample: bytes
    stamp: tuple[int, ...]

    @classmethod
    def of(cls, source: LocalSource) -> Content:
        """Inspect a source; only its first bytes are read.

        Raises:
            OSError: They cannot be read.
        """
        with opened(source) as file:
            stamp = _stamp(source, file)
            file.seek(0)
            return cls(source, stamp[0], file.read(SAMPLE), stamp)

    @property
    def shareable(self) -> bool:
        """Whether several readers can read it at once; a file object has a single position."""
        return isinstance(self.source, str | os.PathLike | bytes)

    def pieces(self, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
        """Read the bytes from ``start`` up to ``stop`` in pieces.

        Raises:
            SourceChangedError: They are not what they were.
        """
        end = self.size if stop is None else stop
        try:
            with opened(self.source) as file:
                self._compare(file)
                while start < end:
                    file.seek(start)  # each time: the position of a file object belongs to nobody
                    piece = file.read(min(BLOCK, end - start))
                    if not piece:
                        raise self._changed()
                    start += len(piece)
                    yield piece
                self._compare(file)
        except OSError as error:
            if error.errno not in NO_FILE:
                raise
            raise self._changed() from error

    def sha256(self, check: Callable[[], None] = _never) -> str:
        """SHA-256 of the content in hexadecimal, the oid of the LFS file.

        Args:
            check: Called between blocks; raises to stop.
        """
        return self._digest(hashlib.sha256(), check)

    def git_id(self, check: Callable[[], None] = _never) -> str:
        """Git blob id of the content, 40 hexadecimal digits.

        Args:
            check: Called between blocks; raises to stop.
        """
        return self._digest(hashlib.sha1(b"blob %d\0" % self.size, usedforsecurity=False), check)

    def _digest(self, digest: _Digest, check: Callable[[], None]) -> str:
        for piece in self.pieces():
            check()
            digest.update(piece)
        return digest.hexdigest()

    def _compare(self, file: BinaryIO) -> None:
        if _stamp(self.source, file) != self.stamp:
            raise self._changed()

    def _changed(self) -> SourceChangedError:
        return SourceChangedError(
            f"{source_name(self.source)} changed while it was uploaded, so nothing was committed. Upload it again when "
            "nothing writes to it any more."
        )


def source_name(source: LocalSource) -> str:
    """Return the name of a source for messages."""
    if isinstance(source, bytes):
        return f"<{len(source)} bytes>"
    return str(source) if isinstance(source, str | os.PathLike) else f"<{type(source).__name__}>"


@contextmanager
def opened(source: LocalSource) -> Generator[BinaryIO]:
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
    """Return the size and what else shows that a file was changed or replaced."""
    if isinstance(source, str | os.PathLike):
        status = os.fstat(file.fileno())
        return status.st_size, status.st_mtime_ns, status.st_ino
    return (file.seek(0, os.SEEK_END),)
