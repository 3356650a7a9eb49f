"""Diffs in git's format, as lines with their kind."""

from __future__ import annotations

from itertools import islice
from typing import Final, Literal, TypeAlias

import attrs

__all__ = ["ShownDiff", "diff_lines"]

_LINES_SHOWN: Final = 5000
_LENGTH_SHOWN: Final = 2000
Kind: TypeAlias = Literal["file", "hunk", "added", "removed", "same"]


@attrs.frozen
class ShownDiff:
    """The first lines of a diff.

    Attributes:
        lines: The kind and the text of each line.
        is_cut: Whether more lines follow.
    """

    lines: list[tuple[Kind, str]]
    is_cut: bool


def diff_lines(diff: str) -> ShownDiff:
    """Return the first lines of a diff."""
    # Other separators of lines are content, which could look like the header of a file.
    lines = diff[: 1 << 20].removesuffix("\n").split("\n") if diff else []
    shown: list[tuple[Kind, str]] = []
    in_hunk = False
    for line in islice(lines, _LINES_SHOWN):
        if line.startswith("diff --git "):
            in_hunk = False
        elif line.startswith("@@ "):
            in_hunk = True
        shown.append((_kind(line, in_hunk=in_hunk), line[:_LENGTH_SHOWN]))
    return ShownDiff(shown, len(lines) > _LINES_SHOWN or len(diff) > 1 << 20)


def _kind(line: str, *, in_hunk: bool) -> Kind:
    if not in_hunk:
        return "file"
    kinds: dict[str, Kind] = {"@": "hunk", "+": "added", "-": "removed"}
    return kinds.get(line[:1], "same")
