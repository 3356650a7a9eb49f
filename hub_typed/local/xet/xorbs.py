"""Serialized xorbs: chunks one after the other, each with a header and perhaps compressed; and their indexes."""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import BinaryIO, Final

import attrs
from lz4.frame import LZ4FrameDecompressor

from hub_typed.local.errors import bad_request
from hub_typed.local.xet.hashes import HASH_SIZE, chunk_hash, xorb_hash

__all__ = [
    "HEADER_SIZE",
    "MAX_CHUNK",
    "MAX_CHUNKS",
    "MAX_FOOTER",
    "MAX_XORB",
    "ChunkIndex",
    "chunk_header",
    "index_xorb",
    "read_chunks",
]

MAX_XORB: Final = 64 << 20
"""Maximum size of a serialized xorb in bytes."""
MAX_FOOTER: Final = 1 << 20
"""Maximum size of the footer that older clients append, in bytes."""
MAX_CHUNKS: Final = 8192
"""Maximum number of chunks of a xorb."""
MAX_CHUNK: Final = 128 << 10
"""Maximum size of the content of a chunk in bytes."""
HEADER_SIZE: Final = 8
_MAX_STORED: Final = 2 * MAX_CHUNK
"""Compression may make a chunk longer."""
_UNCOMPRESSED, _LZ4, _GROUPED_LZ4 = 0, 1, 2
_GROUP: Final = 4
_FOOTER: Final = b"XETBLOB"
"""How a footer begins."""


@attrs.frozen
class ChunkIndex:
    """The chunks of a xorb.

    Attributes:
        hashes: Their hashes, joined.
        ends: Where each ends in the serialized xorb.
        data_ends: Where each ends in the content of the xorb.
    """

    hashes: bytes
    ends: tuple[int, ...]
    data_ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.ends)

    @property
    def size(self) -> int:
        """Size of the serialized xorb in bytes."""
        return self.start(len(self))

    def hash(self) -> str:
        """Return the hash of the xorb."""
        return xorb_hash(self.chunks(0, len(self)))

    def chunks(self, start: int, stop: int) -> Iterator[tuple[bytes, int]]:
        """Yield the hash and size of each chunk from ``start`` up to ``stop``."""
        bounds = pairwise((self.data_start(start), *self.data_ends[start:stop]))
        for at, (data_start, data_end) in enumerate(bounds, start):
            yield self.hashes[at * HASH_SIZE : (at + 1) * HASH_SIZE], data_end - data_start

    def start(self, chunk: int) -> int:
        """Return where a chunk begins in the serialized xorb."""
        return self.ends[chunk - 1] if chunk else 0

    def data_start(self, chunk: int) -> int:
        """Return where a chunk begins in the content."""
        return self.data_ends[chunk - 1] if chunk else 0

    def data_size(self, start: int, stop: int) -> int:
        """Return the size of the content of the chunks from ``start`` up to ``stop``, in bytes."""
        return self.data_start(stop) - self.data_start(start)

    def chunk_at(self, offset: int) -> int:
        """Return the chunk with the byte at this offset of the content."""
        return bisect_right(self.data_ends, offset)

    def stored_chunk_at(self, offset: int) -> int:
        """Return the chunk with the byte at this offset of the serialized xorb."""
        return bisect_right(self.ends, offset)

    def to_bytes(self) -> bytes:
        """Return the index as it is stored."""
        return self.hashes + struct.pack(f"<{2 * len(self)}I", *self.ends, *self.data_ends)

    @classmethod
    def of(cls, chunks: Sequence[tuple[bytes, int, int]]) -> ChunkIndex:
        """Return the index of chunks, each given by its hash, its size in the xorb, and the size of its content."""
        hashes, stored, sizes = zip(*chunks, strict=True) if chunks else ((), (), ())
        return cls(b"".join(hashes), tuple(accumulate(stored)), tuple(accumulate(sizes)))

    @classmethod
    def from_bytes(cls, stored: bytes) -> ChunkIndex:
        """Read a stored index."""
        count = len(stored) // (HASH_SIZE + 8)
        numbers = struct.unpack_from(f"<{2 * count}I", stored, count * HASH_SIZE)
        return cls(stored[: count * HASH_SIZE], numbers[:count], numbers[count:])


def chunk_header(scheme: int, stored: int, size: int) -> bytes:
    """Return the header of a chunk.

    Args:
        scheme: How it is compressed.
        stored: Size in the xorb without this header, in bytes.
        size: Size of the content in bytes.
    """
    return struct.pack("<II", stored << 8, size << 8 | scheme)


def read_chunks(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the size in the xorb and the content of each chunk, up to the footer or the end of the file.

    Raises:
        HubResponseError: 400, the xorb is malformed.
    """
    expand = _Decompressor()
    while (header := file.read(HEADER_SIZE)) and not header.startswith(_FOOTER):
        if len(header) < HEADER_SIZE or header[0] != 0:
            raise bad_request("The xorb is malformed: a chunk has no header of version 0")
        stored, size, scheme = int.from_bytes(header[1:4], "little"), int.from_bytes(header[5:], "little"), header[4]
        if not 0 < size <= MAX_CHUNK or stored > _MAX_STORED:
            raise bad_request(f"A chunk has {size} bytes, stored as {stored}: it must have 1 to {MAX_CHUNK}")
        data = file.read(stored)
        if len(data) < stored:
            raise bad_request("The xorb ends within a chunk")
        yield HEADER_SIZE + stored, expand(scheme, data, size)


def index_xorb(file: BinaryIO) -> ChunkIndex:
    """Read and verify a xorb; return its chunks.

    Raises:
        HubResponseError: 400, the xorb is malformed.
    """
    chunks: list[tuple[bytes, int, int]] = []
    for stored, content in read_chunks(file):
        if len(chunks) == MAX_CHUNKS:
            raise bad_request(f"The xorb has more than {MAX_CHUNKS} chunks")
        chunks.append((chunk_hash(content), stored, len(content)))
    index = ChunkIndex.of(chunks)
    if not 0 < index.size <= MAX_XORB:
        raise bad_request(f"The xorb has {index.size} bytes: it must have 1 to {MAX_XORB}")
    return index


class _Decompressor:
    """Decompressor of chunks, never to more than the announced size."""

    def __init__(self) -> None:
        self._lz4 = LZ4FrameDecompressor()

    def __call__(self, scheme: int, data: bytes, size: int) -> bytes:
        if scheme in (_LZ4, _GROUPED_LZ4):
            data = self._decompress(data, size)
        elif scheme != _UNCOMPRESSED:
            raise bad_request(f"A chunk is compressed by the unknown scheme {scheme}")
        if len(data) != size:
            raise bad_request(f"A chunk has {len(data)} bytes instead of the announced {size}")
        return _ungroup(data) if scheme == _GROUPED_LZ4 else data

    def _decompress(self, data: bytes, size: int) -> bytes:
        self._lz4.reset()
        try:
            content = self._lz4.decompress(data, size + 1)  # one more, so that the frame can end or turn out too long
        except (RuntimeError, EOFError) as error:
            raise bad_request(f"A chunk is no LZ4 frame: {error}") from None
        if not self._lz4.eof or self._lz4.unused_data:
            raise bad_request(f"A chunk is no LZ4 frame of {size} bytes")
        return content


def _ungroup(data: bytes) -> bytes:
    """Undo the grouping of bytes by their position modulo 4, which helps the compression of numbers."""
    content, start = bytearray(len(data)), 0
    for position in range(_GROUP):
        count = len(range(position, len(data), _GROUP))
        content[position::_GROUP] = data[start : start + count]
        start += count
    return bytes(content)
