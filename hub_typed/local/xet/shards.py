"""Shards: files as terms, which are ranges of chunks of xorbs, and xorbs as lists of chunks.

Everything is read in place and checked before it is used, so that the memory needed depends on the size of a shard
alone, not on the counts that it states.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final, TypeVar

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.xet.hashes import HASH_SIZE, from_text, to_text

__all__ = [
    "MAX_SHARD",
    "ShardChunk",
    "ShardFile",
    "ShardXorb",
    "Term",
    "parse_shard",
    "write_dedup_shard",
    "write_shard",
]

T = TypeVar("T")
MAX_SHARD: Final = 64 << 20
"""Maximum size of a shard in bytes."""
_ENTRY_SIZE: Final = 48
_TAG: Final = b"HFRepoMetaData\0" + bytes.fromhex("556967456a7b815783a5bdd95ccdd14aa9")
_END_OF_SECTION: Final = b"\xff" * HASH_SIZE + bytes(_ENTRY_SIZE - HASH_SIZE)
_VERSION: Final = 2
_HEADER = struct.Struct("<32sQQ")
_FILE = struct.Struct("<32sII8x")
_TERM = struct.Struct("<32s4xIII")
_HASH = struct.Struct("<32s16x")
_XORB = struct.Struct("<32s4xIII")
_CHUNK = struct.Struct("<32sII8x")
_FOOTER = struct.Struct("<9Q32sQQ72xQ")
_FOOTER_VERSION: Final = 1
_WITH_RANGE_HASHES: Final = 1 << 31
_WITH_SHA256: Final = 1 << 30


@attrs.frozen
class Term:
    """Consecutive chunks of a xorb as a part of a file.

    Attributes:
        xorb: Hash of the xorb.
        size: Size of their content in bytes.
        start: The first chunk.
        stop: The chunk after the last one.
    """

    xorb: str
    size: int
    start: int
    stop: int


@attrs.frozen
class ShardFile:
    """A file of a shard.

    Attributes:
        range_hashes: For each term the range hash of its chunks; none in a shard that proves nothing.
        sha256: SHA-256 of the content, as hexadecimal text.
    """

    hash: str
    terms: Collection[Term]
    range_hashes: Collection[bytes] = ()
    sha256: str | None = None

    @property
    def size(self) -> int:
        """Size in bytes."""
        return sum(term.size for term in self.terms)


@attrs.frozen
class ShardChunk:
    """A chunk of a xorb of a shard.

    Attributes:
        hash: Hash of the chunk; masked in answers to dedup queries.
        start: Where it begins in the content of the xorb.
        size: Size of its content in bytes.
    """

    hash: bytes
    start: int
    size: int


@attrs.frozen
class ShardXorb:
    """A xorb of a shard.

    Attributes:
        size: Size of the content in bytes.
        stored: Size of the serialized xorb in bytes; 0 if the client does not tell.
    """

    hash: str
    size: int
    stored: int
    chunks: Collection[ShardChunk]


def parse_shard(shard: bytes) -> tuple[list[ShardFile], list[ShardXorb]]:
    """Read the files and xorbs of a shard.

    Raises:
        HubResponseError: 400, the shard is malformed.
    """
    reader = _Reader(shard)
    tag, version, footer = _HEADER.unpack(reader.take(1))
    if tag != _TAG or version != _VERSION:
        raise bad_request(f"The body is no shard of version {_VERSION}")
    files, xorbs = list(_read_files(reader)), list(_read_xorbs(reader))
    if not footer and reader.remaining:
        raise bad_request("The shard continues after its last xorb")
    return files, xorbs


def write_shard(files: Iterable[ShardFile], xorbs: Iterable[ShardXorb] = ()) -> bytes:
    """Return a shard without footer, as clients upload it."""
    return b"".join([_HEADER.pack(_TAG, _VERSION, 0), *_file_section(files), *_xorb_section(xorbs)])


def write_dedup_shard(xorbs: Iterable[ShardXorb], *, key: bytes, created: int, expires: int) -> bytes:
    """Return the answer to a dedup query.

    Args:
        xorbs: The xorbs, with masked chunk hashes.
        key: Key with which they are masked.
        created: Unix time in seconds.
        expires: Unix time in seconds until which a client may use the answer.
    """
    header = _HEADER.pack(_TAG, _VERSION, _FOOTER.size)
    sections = [b"".join(_file_section([])), b"".join(_xorb_section(xorbs))]
    start = len(header) + len(sections[0])
    end = start + len(sections[1])
    no_tables = (end, 0) * 3  # of files, xorbs and chunks; from the first one clients learn where the xorb section ends
    footer = _FOOTER.pack(_FOOTER_VERSION, len(header), start, *no_tables, key, created, expires, end)
    return b"".join([header, *sections, footer])


class _Entries(Collection[T]):
    """Entries of equal form, read from a shard whenever they are used."""

    def __init__(self, data: memoryview, layout: struct.Struct, read: Callable[..., T]) -> None:
        self._data, self._layout, self._read = data, layout, read

    def __len__(self) -> int:
        return len(self._data) // _ENTRY_SIZE

    def __iter__(self) -> Iterator[T]:
        for values in self._layout.iter_unpack(self._data):
            yield self._read(*values)

    def __contains__(self, item: object) -> bool:
        return any(item == one for one in self)


class _Reader:
    """Reader of the entries of a shard, which never reads beyond its end."""

    def __init__(self, shard: bytes) -> None:
        self._shard = memoryview(shard)
        self._at = 0

    @property
    def remaining(self) -> int:
        return len(self._shard) - self._at

    def take(self, count: int) -> memoryview:
        size = count * _ENTRY_SIZE
        if size > self.remaining:
            raise bad_request(f"The shard ends within a section: {size} bytes were expected after byte {self._at}")
        self._at += size
        return self._shard[self._at - size : self._at]

    def blocks(self) -> Iterator[bytes]:
        """Yield the first entry of each block of a section, up to the end of the section."""
        while (entry := bytes(self.take(1))) != _END_OF_SECTION:
            yield entry


def _read_files(reader: _Reader) -> Iterator[ShardFile]:
    for block in reader.blocks():
        raw, flags, count = _FILE.unpack(block)
        terms = _Entries(reader.take(count), _TERM, _read_term)
        range_hashes = _Entries(reader.take(count if flags & _WITH_RANGE_HASHES else 0), _HASH, bytes)
        sha256 = to_text(*_HASH.unpack(reader.take(1))) if flags & _WITH_SHA256 else None
        yield ShardFile(to_text(raw), terms, range_hashes, sha256)


def _read_xorbs(reader: _Reader) -> Iterator[ShardXorb]:
    for block in reader.blocks():
        raw, count, size, stored = _XORB.unpack(block)
        yield ShardXorb(to_text(raw), size, stored, _Entries(reader.take(count), _CHUNK, ShardChunk))


def _read_term(xorb: bytes, size: int, start: int, stop: int) -> Term:
    return Term(to_text(xorb), size, start, stop)


def _file_section(files: Iterable[ShardFile]) -> Iterator[bytes]:
    for file in files:
        flags = (_WITH_RANGE_HASHES if file.range_hashes else 0) | (_WITH_SHA256 if file.sha256 else 0)
        yield _FILE.pack(from_text(file.hash), flags, len(file.terms))
        for term in file.terms:
            yield _TERM.pack(from_text(term.xorb), term.size, term.start, term.stop)
        for raw in file.range_hashes:
            yield _HASH.pack(raw)
        if file.sha256:
            yield _HASH.pack(from_text(file.sha256))
    yield _END_OF_SECTION


def _xorb_section(xorbs: Iterable[ShardXorb]) -> Iterator[bytes]:
    for xorb in xorbs:
        yield _XORB.pack(from_text(xorb.hash), len(xorb.chunks), xorb.size, xorb.stored)
        for chunk in xorb.chunks:
            yield _CHUNK.pack(chunk.hash, chunk.start, chunk.size)
    yield _END_OF_SECTION
