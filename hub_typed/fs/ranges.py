"""Many ranges of many files at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

__all__: list[str] = []

MAX_GAP: Final = 64 << 10
"""Number of bytes between two ranges up to which they are requested together: they cost less than a request."""
MAX_MERGED: Final = 8 << 20
"""Size in bytes up to which ranges are merged."""


@attrs.frozen
class Span:
    """Bytes that are requested together.

    Attributes:
        members: Positions of the ranges in the list of the caller.
    """

    start: int
    end: int
    members: list[int]


def merge_ranges(ranges: Sequence[tuple[int, int]], max_gap: int | None = None) -> list[Span]:
    """Merge ranges of one file that overlap or are near each other.

    Args:
        ranges: First byte and byte after the last one.
        max_gap: Number of bytes between two ranges up to which they are merged.
    """
    gap = MAX_GAP if max_gap is None else max_gap
    spans: list[Span] = []
    for position in sorted(range(len(ranges)), key=ranges.__getitem__):
        start, end = ranges[position]
        last = spans[-1] if spans else None
        if last is not None and start - last.end <= gap and max(last.end, end) - last.start <= MAX_MERGED:
            spans[-1] = Span(last.start, max(last.end, end), [*last.members, position])
        else:
            spans.append(Span(start, end, [position]))
    return spans
