"""Text of the lines, fitted to the width of the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from unicodedata import combining, east_asian_width

import attrs

from hub_typed.logs.redaction import sanitize_line

__all__: list[str] = []

UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
WIDE: Final = ("W", "F")
"""East Asian widths of characters that take two columns."""
MIN_NAME: Final = 6
"""Columns below which a name is left out."""
MIN_WIDTH: Final = 60
"""Columns of a terminal from which there are bars."""
MIN_BAR: Final = 10
"""Columns of a bar below which facts are left out."""


@attrs.frozen
class Line:
    """One line of the display.

    Attributes:
        name: What moves.
        fraction: How much of it is done, from 0 to 1; ``None`` if unknown.
        facts: What else to say, in the order of importance.
        phase: What is done with it; empty if that is clear.
    """

    name: str
    fraction: float | None
    facts: Sequence[str]
    phase: str = ""

    def __str__(self) -> str:
        """The whole line without a bar."""
        return f"{sanitize_line(self.name)}: {', '.join((self.phase, *self.facts) if self.phase else self.facts)}"

    @property
    def label(self) -> str:
        """Text before the bar."""
        return " ".join(filter(None, (self.phase, sanitize_line(self.name))))

    def shortened_label(self, width: int) -> str:
        """Return the label in exactly so many columns: the name is shortened, or left out if there is no room."""
        label = self.label
        if columns(label) > width:
            room = width - len(self.phase) - 1 if self.phase else width
            label = self.phase[:width] if room < MIN_NAME else f"{self.phase} ".lstrip() + shortened(self.name, room)
        return label + " " * (width - columns(label))

    def fitting_facts(self, room: int) -> str:
        """Return as many of the facts as there is room for."""
        facts = list(self.facts)
        while facts and columns(", ".join(facts)) > room:
            facts.pop()
        return ", ".join(facts)


def bar_formats(lines: Sequence[Line], width: int) -> list[str]:
    """Return the ``bar_format`` of each line, so that the bars are below each other.

    Args:
        width: Columns of the terminal; if it is narrow, there are no bars.
    """
    has_bars = width >= MIN_WIDTH
    label_width = min(max(columns(line.label) for line in lines), width // 3 if has_bars else width // 2)
    room = width - label_width - len(" 100%|| ") - (MIN_BAR if has_bars else 0)
    facts = [line.fitting_facts(room) for line in lines]
    facts_width = max(map(columns, facts))
    found: list[str] = []
    for line, fact in zip(lines, facts, strict=True):
        share_done = "     " if line.fraction is None else f" {line.fraction:4.0%}"
        bar = "|{bar}| " if has_bars else "  "
        before, after = line.shortened_label(label_width) + share_done, fact + " " * (facts_width - columns(fact))
        found.append(_escaped(before) + bar + _escaped(after))
    return found


def _escaped(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")


def columns(text: str) -> int:
    """Return the number of columns that a text takes."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def _columns_of(character: str) -> int:
    if combining(character):
        return 0
    return 2 if east_asian_width(character) in WIDE else 1


def shortened(name: str, width: int) -> str:
    """Return a path in at most so many columns: without its first folders, or else without the middle of its name."""
    name = sanitize_line(name)
    while columns(name) > width and "/" in name.removeprefix("…/"):
        name = "…/" + name.removeprefix("…/").partition("/")[2]
    if columns(name) <= width:
        return name
    name = name.removeprefix("…/")
    head = _prefix(name, width // 2)
    return f"{head}…{_prefix(name[::-1], width - 1 - columns(head))[::-1]}"


def _prefix(text: str, width: int) -> str:
    while columns(text) > width:
        text = text[: max(0, len(text) - max(1, (columns(text) - width) // 2))]
    return text


def bytes_text(count: int) -> str:
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
