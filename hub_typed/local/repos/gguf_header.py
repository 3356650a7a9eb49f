"""Headers of GGUF files, as infos of models contain them."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeAlias, cast

from hub_typed.local.errors import HubResponseError
from hub_typed.local.git.objects import Entry
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.repos.file_ranges import read_range

__all__ = ["gguf_info"]

Read: TypeAlias = Callable[[int, int], bytes]
_MAGIC: Final = b"GGUF"
_VERSIONS: Final = (2, 3)
_CHUNK: Final = 1 << 20
_MAX_HEADER: Final = 64 << 20
_MAX_ITEMS: Final = 1_000_000
"""Entries of the metadata, of one list, and tensors: more than any real file has."""
_MAX_DIMENSIONS: Final = 8
_NUMBERS: Final = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING: Final = 8
_ARRAY: Final = 9


def gguf_info(git: GitRepo, files: Sequence[Entry], lfs: LfsStore) -> dict[str, object] | None:
    """Describe the first GGUF file of a model; ``None`` if it has none, or one that cannot be read."""
    file = next((one for one in files if one.path.endswith(".gguf")), None)
    if file is None:
        return None
    try:
        return _describe(_Header(lambda start, stop: read_range(git, file, lfs, start, stop)))
    except (HubResponseError, OSError, ValueError, struct.error, KeyError, TypeError, IndexError):
        return None  # any content may be uploaded under this name


class _Header:
    """Reads a header from the beginning of a file, as far as it is needed."""

    def __init__(self, read: Read) -> None:
        self._read = read
        self._chunk = b""
        self._start = 0  # position of the chunk
        self._at = 0  # position within the chunk

    def take(self, size: int) -> bytes:
        """Return the next bytes.

        Raises:
            ValueError: The file ends before, or the header is too long.
        """
        if self._at + size > len(self._chunk):
            position = self._start + self._at
            if position + size > _MAX_HEADER:
                raise ValueError("the header is too long")
            self._chunk, self._start, self._at = self._read(position, position + max(size, _CHUNK)), position, 0
            if len(self._chunk) < size:
                raise ValueError("the file ends within the header")
        self._at += size
        return self._chunk[self._at - size : self._at]

    def number(self, form: str) -> Any:
        """Return the next number, in the notation of `struct`."""
        return struct.unpack(f"<{form}", self.take(struct.calcsize(f"<{form}")))[0]

    def count(self) -> int:
        """Return the next number of items."""
        number: int = self.number("Q")
        if number > _MAX_ITEMS:
            raise ValueError("there are too many items")
        return number

    def text(self) -> str:
        """Return the next text."""
        return self.take(self.number("Q")).decode(errors="replace")

    def value(self, kind: int) -> object:
        """Return the next value of a type."""
        if kind == _STRING:
            return self.text()
        if kind != _ARRAY:
            return self.number(_NUMBERS[kind])
        inner, count = self.number("I"), self.count()
        if inner == _ARRAY:
            raise ValueError("lists of lists are not read")
        return [self.value(inner) for _ in range(count)]


def _describe(header: _Header) -> dict[str, object]:
    if header.take(4) != _MAGIC or header.number("I") not in _VERSIONS:
        raise ValueError("it is no GGUF file of a known version")
    tensors, entries = header.count(), header.count()
    metadata = {header.text(): header.value(header.number("I")) for _ in range(entries)}
    total = 0
    for _ in range(tensors):
        header.text()
        dimensions = header.number("I")
        if dimensions > _MAX_DIMENSIONS:
            raise ValueError("a tensor has too many dimensions")
        total += math.prod(header.number("Q") for _ in range(dimensions))
        header.take(12)  # its type, and where its data are
    architecture = metadata.get("general.architecture")
    found = {
        "total": min(total, 1 << 62),
        "architecture": architecture,
        "context_length": metadata.get(f"{architecture}.context_length"),
        "chat_template": metadata.get("tokenizer.chat_template"),
        "bos_token": _token(metadata, "bos"),
        "eos_token": _token(metadata, "eos"),
    }
    return {name: value for name, value in found.items() if value is not None}


def _token(metadata: Mapping[str, object], kind: str) -> str | None:
    """Return a special token, which the metadata name by its number."""
    tokens, number = metadata.get("tokenizer.ggml.tokens"), metadata.get(f"tokenizer.ggml.{kind}_token_id")
    if not isinstance(tokens, list) or not isinstance(number, int):
        return None
    token = cast("list[object]", tokens)[number]
    return token if isinstance(token, str) else None
