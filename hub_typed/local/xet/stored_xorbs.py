"""Xorbs on disk, each in one file: its serialized chunks, their index, and a trailer.

A *virtual* xorb has no chunks of its own in this file, only the index: it stands for a slice of an LFS object, cut into
chunks of equal size without compression. So a file that came by LFS can be read by Xet without being stored twice.
"""

from __future__ import annotations

import os
import struct
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Final

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.xet.hashed_files import HashedFiles
from hub_typed.local.xet.hashes import chunk_hash
from hub_typed.local.xet.xorbs import (
    HEADER_SIZE,
    MAX_CHUNKS,
    MAX_FOOTER,
    MAX_XORB,
    ChunkIndex,
    chunk_header,
    index_xorb,
    read_chunks,
)

__all__ = ["StoredXorb", "StoredXorbs"]

_PIECE: Final = 1 << 20
_TRAILER = struct.Struct("<32sQI")
"""SHA-256 of the LFS object of a virtual xorb, else zeros; where the slice begins in it; size of the index."""
_NO_SOURCE: Final = bytes(32)
_VIRTUAL_CHUNK: Final = 64 << 10
_VIRTUAL_CHUNKS: Final = min(MAX_CHUNKS, MAX_XORB // (HEADER_SIZE + _VIRTUAL_CHUNK))


@attrs.frozen
class StoredXorb:
    """A xorb on disk.

    Attributes:
        index: Its chunks.
        source: SHA-256 of the LFS object that has the content of a virtual xorb.
        offset: Where the content begins in this object.
    """

    index: ChunkIndex
    source: str | None
    offset: int
    _path: Path

    def read(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the bytes of the serialized xorb from ``start`` up to ``stop``."""
        if self.source is None:
            yield from _slice(self._path, start, stop)
            return
        first = self.index.stored_chunk_at(start)
        at = self.index.start(first)
        for content in self.contents(first, self.index.stored_chunk_at(stop - 1) + 1):
            stored = chunk_header(0, len(content), len(content)) + content
            yield stored[max(start - at, 0) : stop - at]
            at += len(stored)

    def contents(self, start: int, stop: int) -> Iterator[bytes]:
        """Yield the content of each chunk from ``start`` up to ``stop``."""
        with self._path.open("rb") as file:
            if self.source is None:
                file.seek(self.index.start(start))
                yield from (content for _, content in islice(read_chunks(file), stop - start))
            else:
                file.seek(self.offset + self.index.data_start(start))
                yield from (file.read(size) for _, size in self.index.chunks(start, stop))


class StoredXorbs:
    """The xorbs of a folder.

    Args:
        object_path: Returns the path of an LFS object.
    """

    def __init__(self, files: HashedFiles, object_path: Callable[[str], Path]) -> None:
        self.files = files
        self._object_path = object_path

    def get(self, name: str) -> StoredXorb | None:
        """Return a xorb; ``None`` if it does not exist."""
        path = self.files.path(name)
        try:
            with path.open("rb") as file:
                file.seek(-_TRAILER.size, os.SEEK_END)
                raw, offset, size = _TRAILER.unpack(file.read())
                file.seek(-_TRAILER.size - size, os.SEEK_END)
                index = ChunkIndex.from_bytes(file.read(size))
        except FileNotFoundError:
            return None
        source = None if raw == _NO_SOURCE else raw.hex()
        return StoredXorb(index, source, offset, path if source is None else self._object_path(source))

    def receive(self, name: str, size: int, pieces: Iterable[bytes]) -> bool:
        """Store a serialized xorb, or let the age of the stored one begin anew; return whether it is new.

        Raises:
            HubResponseError: 400, the xorb is malformed, or its size or hash is not as announced; it is discarded.
        """
        with self.files.temporary.new() as path, path.open("x+b") as file:
            _write(file, size, pieces)
            file.seek(0)
            index = index_xorb(file)
            if index.hash() != name:
                raise bad_request(f"The xorb has another hash: {index.hash()}")
            if name in self.files:  # keep it: its chunks may be compressed otherwise, and it may be read just now
                self.files.touch(name)
                return False
            file.truncate(index.size)
            file.seek(index.size)
            file.write(_tail(index, _NO_SOURCE, 0))
            file.flush()
            self.files.move_here(path, name)
            return True

    def add_virtual(self, source: str) -> Iterator[tuple[str, ChunkIndex]]:
        """Read an LFS object, and add virtual xorbs for its content; yield the hash and the chunks of each."""
        with self._object_path(source).open("rb") as file:
            offset = 0
            for index in _cut(file):
                name = index.hash()
                if name not in self.files:
                    self.files.write(name, _tail(index, bytes.fromhex(source), offset))
                yield name, index
                offset += index.data_ends[-1]

    def do_without(self, source: str, name: str) -> None:
        """Store the chunks of a xorb if it is virtual and has its content in this LFS object."""
        xorb = self.get(name)
        if xorb is None or xorb.source != source:
            return
        with self.files.temporary.new() as path:
            with path.open("xb") as file:
                file.writelines(xorb.read(0, xorb.index.size))
                file.write(_tail(xorb.index, _NO_SOURCE, 0))
            self.files.move_here(path, name)


def _tail(index: ChunkIndex, source: bytes, offset: int) -> bytes:
    stored = index.to_bytes()
    return stored + _TRAILER.pack(source, offset, len(stored))


def _write(file: BinaryIO, size: int, pieces: Iterable[bytes]) -> None:
    if size > MAX_XORB + MAX_FOOTER:
        raise bad_request(f"A xorb has at most {MAX_XORB} bytes")
    for piece in pieces:
        file.write(piece)
        if file.tell() > size:
            raise bad_request(f"More than the announced {size} bytes were received")
    if file.tell() < size:
        raise bad_request(f"Only {file.tell()} of {size} bytes were received")


def _cut(file: BinaryIO) -> Iterator[ChunkIndex]:
    """Yield the chunks of one virtual xorb after the other."""
    contents = iter(partial(file.read, _VIRTUAL_CHUNK), b"")
    chunks = ((chunk_hash(content), HEADER_SIZE + len(content), len(content)) for content in contents)
    while some := list(islice(chunks, _VIRTUAL_CHUNKS)):
        yield ChunkIndex.of(some)


def _slice(path: Path, start: int, stop: int) -> Iterator[bytes]:
    with path.open("rb") as file:
        file.seek(start)
        while start < stop and (piece := file.read(min(_PIECE, stop - start))):
            start += len(piece)
            yield piece
