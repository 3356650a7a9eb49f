"""Small pieces of a body, joined to larger ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

__all__: list[str] = []


def joined(pieces: Iterable[bytes], size: int) -> Iterator[bytes]:
    """Join pieces to larger ones; views of memory become bytes.

    Args:
        size: Minimum size in bytes of the larger ones, except for the last.
    """
    collected: list[bytes] = []
    length = 0
    for piece in pieces:
        collected.append(piece)
        length += len(piece)
        if length >= size:
            yield b"".join(collected)
            collected, length = [], 0
    if collected:
        yield b"".join(collected)
