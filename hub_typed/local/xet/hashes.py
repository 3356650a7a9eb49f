"""Hashes of Xet: chunks, xorbs, files and ranges of chunks, all with keyed BLAKE3.

A hash is 32 bytes in the formats, and in URLs and JSON the text of four little-endian 64-bit numbers.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable
from typing import Final

from blake3 import blake3

from hub_typed.local.errors import bad_request

__all__ = [
    "EMPTY_FILE",
    "HASH_SIZE",
    "HashTree",
    "checked_hash",
    "chunk_hash",
    "from_text",
    "is_sample",
    "masked_hash",
    "range_hash",
    "to_text",
    "xorb_hash",
]

HASH_SIZE: Final = 32
EMPTY_FILE: Final = "0" * 64
"""Hash of the file without content."""
# The keys and the rule of the tree are part of the protocol.
_CHUNK_KEY: Final = bytes.fromhex("6697f5775b9550de3135cbaca597181c9de421109beb2b58b4d0b04b93adf229")
_NODE_KEY: Final = bytes.fromhex("017ec5c7a5472996fd946666b48a02e65ddd536f37c76dd2f86352e64a53713f")
_RANGE_KEY: Final = bytes.fromhex("7f1857d6ce56ed66127ff913e7a5c3f3a4cd26d5b5db49e64124987f28fb94c3")
_FILE_KEY: Final = bytes(HASH_SIZE)
_MIN_CHILDREN: Final = 3
_MAX_CHILDREN: Final = 9
_CUT: Final = 4
"""A node ends after a child whose last 64-bit number this divides."""
_SAMPLES: Final = 1024
_NUMBERS = struct.Struct("<4Q")
_TEXT = re.compile(r"[0-9a-f]{64}")


def to_text(raw: bytes) -> str:
    """Return the text of a hash."""
    return "{:016x}{:016x}{:016x}{:016x}".format(*_NUMBERS.unpack(raw))


def checked_hash(text: str) -> str:
    """Return the text of a hash if it is one; every text is checked before it becomes a path of the store.

    Raises:
        HubResponseError: 400, it is no hash.
    """
    if not _TEXT.fullmatch(text):
        raise bad_request(f"Invalid Xet hash: {text!r}")
    return text


def from_text(text: str) -> bytes:
    """Return the bytes of a hash.

    Raises:
        HubResponseError: 400, the text is no hash.
    """
    checked_hash(text)
    return _NUMBERS.pack(*(int(text[start : start + 16], 16) for start in range(0, 64, 16)))


def chunk_hash(content: bytes | memoryview) -> bytes:
    """Return the hash of a chunk."""
    return blake3(content, key=_CHUNK_KEY).digest()


def is_sample(raw: bytes) -> bool:
    """Whether clients ask for a chunk with this hash wherever it stands in a file; else only if it is the first one."""
    return int.from_bytes(raw[24:], "little") % _SAMPLES == 0


def range_hash(chunk_hashes: bytes | memoryview) -> bytes:
    """Return the hash of consecutive chunks, which proves that a client knows them, from their joined hashes."""
    return blake3(chunk_hashes, key=_RANGE_KEY).digest()


def masked_hash(raw: bytes, key: bytes) -> bytes:
    """Return what a dedup answer tells of a chunk: a hash that only who knows the chunk can compute."""
    return blake3(raw, key=key).digest()


def xorb_hash(chunks: Iterable[tuple[bytes, int]]) -> str:
    """Return the hash of a xorb from the hashes and sizes of its chunks."""
    tree = HashTree()
    for raw, size in chunks:
        tree.add(raw, size)
    return to_text(tree.root())


class HashTree:
    """Hash tree over chunks that are added in order, with memory for one open node of each level."""

    def __init__(self) -> None:
        self._levels: list[_Level] = []

    def add(self, raw: bytes, size: int) -> None:
        """Add a chunk."""
        self._add(0, raw, size)

    def root(self) -> bytes:
        """Return the root, after the last chunk; zeros without chunks."""
        height = 0
        while height < len(self._levels):
            level = self._levels[height]
            if level.added == 1:
                return level.first
            if level.children:
                self._close(height)
            height += 1
        return bytes(HASH_SIZE)

    def file_hash(self) -> str:
        """Return the hash of the file that consists of the chunks, after the last one."""
        return to_text(blake3(self.root(), key=_FILE_KEY).digest()) if self._levels else EMPTY_FILE

    def _add(self, height: int, raw: bytes, size: int) -> None:
        if height == len(self._levels):
            self._levels.append(_Level(raw))
        level = self._levels[height]
        level.added += 1
        level.children.append(f"{to_text(raw)} : {size}\n")
        level.size += size
        count = len(level.children)
        if count == _MAX_CHILDREN or (count >= _MIN_CHILDREN and int.from_bytes(raw[24:], "little") % _CUT == 0):
            self._close(height)

    def _close(self, height: int) -> None:
        """Complete the open node of a level, and add it to the next level."""
        level = self._levels[height]
        node, size = blake3("".join(level.children).encode(), key=_NODE_KEY).digest(), level.size
        level.children, level.size = [], 0
        self._add(height + 1, node, size)


class _Level:
    """One level of a tree: the children of its open node, and how many children it has had in all."""

    def __init__(self, first: bytes) -> None:
        self.first = first
        self.added: int = 0
        self.children: list[str] = []
        self.size: int = 0
