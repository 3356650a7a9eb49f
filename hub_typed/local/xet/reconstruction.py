"""Reconstruction of a range of a file: which chunks of which xorbs have it, and where these are in the xorbs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

import attrs

from hub_typed.local.xet.shards import Term
from hub_typed.local.xet.xorbs import ChunkIndex

__all__ = ["Reconstruction", "XorbRange", "reconstruct"]


@attrs.frozen
class XorbRange:
    """Consecutive chunks of a xorb.

    Attributes:
        chunks: The first one, and the one after the last one.
        bytes: Their first byte in the serialized xorb, and the one after the last one.
    """

    chunks: tuple[int, int]
    bytes: tuple[int, int]


@attrs.frozen
class Reconstruction:
    """A range of a file as terms.

    Attributes:
        skip: Bytes at the beginning of the first term that are not part of the range.
        terms: Its terms, each cut to the chunks that are needed.
        xorbs: For each xorb the ranges to fetch, in order and apart from each other.
    """

    skip: int
    terms: Sequence[Term]
    xorbs: Mapping[str, Sequence[XorbRange]]


def reconstruct(terms: Iterable[Term], start: int, stop: int, index_of: Callable[[str], ChunkIndex]) -> Reconstruction:
    """Return the reconstruction of the bytes of a file from ``start`` up to ``stop``, or as far as it goes."""
    needed: list[Term] = []
    chunks: dict[str, list[tuple[int, int]]] = {}
    skip = offset = 0
    for term in terms if start < stop else ():
        begin, offset = offset, offset + term.size
        if begin >= stop:
            break
        if offset <= start:
            continue
        index = index_of(term.xorb)
        origin = index.data_start(term.start)
        first = index.chunk_at(origin + max(start - begin, 0))
        last = index.chunk_at(origin + min(stop, offset) - begin - 1)
        if not needed:
            skip = start - begin - index.data_size(term.start, first)
        needed.append(Term(term.xorb, index.data_size(first, last + 1), first, last + 1))
        chunks.setdefault(term.xorb, []).append((first, last + 1))
    return Reconstruction(skip, needed, {xorb: _ranges(index_of(xorb), found) for xorb, found in chunks.items()})


def _ranges(index: ChunkIndex, chunks: Iterable[tuple[int, int]]) -> list[XorbRange]:
    merged: list[tuple[int, int]] = []
    for start, stop in sorted(chunks):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(stop, merged[-1][1])
        else:
            merged.append((start, stop))
    return [XorbRange((start, stop), (index.start(start), index.start(stop))) for start, stop in merged]
