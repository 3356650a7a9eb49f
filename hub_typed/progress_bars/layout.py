"""Text of the lines, fitted to the width of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import east_asian_width

import attrs

from hub_typed.logs.redaction import sanitize_line

__all__: list[str] = []

UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
WIDE: Final = ("W", "F")
"""East Asian widths of characters that take two columns."""
MIN_BAR: Final = 10
"""Columns of the bar below which facts are left out; fewer on a terminal that is narrow anyway."""


@attrs.frozen
class Line:
    """One line of the display.

    Attributes:
        name: What moves.
        fraction: How much of it is done, from 0 to 1; ``None`` if unknown.
        facts: What else to say, in the order of importance.
    """

    name: str
    fraction: float | None
    facts: Sequence[str]

    def __str__(self) -> str:
        """The whole line without a bar."""
        return ", ".join((f"{sanitize_line(self.name)}: {self.facts[0]}", *self.facts[1:]))

    def fitted(self, width: int, name_width: int) -> tuple[str, str]:
        """Return the text before and after the bar, so that both fit beside it.

        Args:
            width: Columns of the line.
            name_width: Columns of the name.
        """
        name = shortened(sanitize_line(self.name), name_width)
        name += " " * (name_width - columns(name))
        before = name + ("     |" if self.fraction is None else f" {self.fraction:4.0%}|")
        room = width - columns(before) - min(MIN_BAR, width // 10)
        facts = list(self.facts)
        while len(facts) > 1 and columns(after := f"| {', '.join(facts)}") > room:
            facts.pop()
        after = f"| {', '.join(facts)}"
        return before, after if columns(after) <= room else "|"


def columns(text: str) -> int:
    """Return the number of columns that a text takes."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(one) in WIDE else 1 for one in text)


def shortened(text: str, width: int) -> str:
    """Return a text in at most so many columns; of a longer one, the end, which tells files apart."""
    if columns(text) <= width:
        return text
    while columns(text) > max(width - 1, 0):
        text = text[1:]
    return f"…{text}"[:width]


def name_width(lines: Sequence[Line], width: int) -> int:
    """Return the columns of the names: as many as the longest one needs, up to two fifths of the line."""
    return min(max(columns(sanitize_line(line.name)) for line in lines), width * 2 // 5)


def size(count: int) -> str:
    """Return a number of bytes, such as ``14.5 GB``."""
    number, unit = _scaled(count, count)
    return f"{number} {unit}"


def share(done: int, total: int) -> str:
    """Return a number of bytes of a total in its unit, such as ``1.2/14.5 GB``."""
    whole, unit = _scaled(total, total)
    return f"{_scaled(done, total)[0]}/{whole} {unit}"


def _scaled(count: int, total: int) -> tuple[str, str]:
    """Return a number in the unit that suits a total, and the unit."""
    power = 0
    while power + 1 < len(UNITS) and total >= 999.95 * 1000**power:
        power += 1
    return (str(count) if not power else f"{count / 1000**power:.1f}"), UNITS[power]


def duration(seconds: float) -> str:
    """Return a time, such as ``0.4 s``, ``32 s``, ``5:20`` or ``1:05:20``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def files(count: int) -> str:
    """Return a number of files."""
    return "1 file" if count == 1 else f"{count:,} files"
