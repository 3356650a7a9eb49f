"""Human-readable sizes, ages and tables."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from hub_typed.logs.redaction import sanitize_line

__all__: list[str] = []

_DAY: Final = 86_400
_AGES: Final = (
    ("year", 365 * _DAY),
    ("month", 30 * _DAY),
    ("week", 7 * _DAY),
    ("day", _DAY),
    ("hour", 3600),
    ("minute", 60),
)


def format_size(count: int) -> str:
    """Format a number of bytes with the largest fitting unit, for example ``42.2K``."""
    scaled = float(count)
    for unit in ("", "K", "M", "G", "T", "P"):
        if scaled < 1000:
            return f"{scaled:.1f}{unit}"
        scaled /= 1000
    return f"{scaled:.1f}E"


def format_age(moment: float) -> str:
    """Format the age of a timestamp with the largest fitting unit, for example ``2 weeks ago``."""
    age = int(datetime.now(UTC).timestamp() - moment)
    for unit, seconds in _AGES:
        if count := max(age, 0) // seconds:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "less than a minute ago"


def format_table(*lines: tuple[str, ...]) -> str:
    """Format rows of text as a table; the first row is the header. Control characters are escaped."""
    cells = [tuple(map(sanitize_line, line)) for line in lines]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    ruled = (cells[0], tuple("-" * width for width in widths), *cells[1:])
    return "\n".join(
        " ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in ruled
    )
