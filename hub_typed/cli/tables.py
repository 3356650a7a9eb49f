"""Tables and records for people, as wide as the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from hub_typed.cli.cells import human_text, is_number

__all__ = ["draw_record", "draw_table"]

SHORTEST: Final = 20
"""Characters that a column has at least when its cells are shortened."""
GAP: Final = 2
"""Blanks between columns."""


def draw_table(titles: Sequence[str], rows: Sequence[Sequence[object]], *, width: int | None) -> tuple[str, list[str]]:
    """Draw a table.

    Texts are shortened to fit, except those of the first column, numbers and dates.

    Args:
        width: Columns of the terminal; ``None`` for a table of any width.

    Returns:
        The table, and the titles of the columns that have no space.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = [[row[position] for row in rows] for position in range(len(titles))]
    texts = [[human_text(value) for value in values] for values in columns]
    is_cut = [
        position > 0 and any(isinstance(one, str | list | tuple) for one in values)
        for position, values in enumerate(columns)
    ]
    sizes = [max(map(cell_len, (title, *cells))) for title, cells in zip(titles, texts, strict=True)]
    shown = _fitting(sizes, is_cut, width)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position in shown:
        right = any(map(is_number, columns[position]))
        title = Text(titles[position], no_wrap=True, overflow="ellipsis")
        table.add_column(title, justify="right" if right else "left", no_wrap=not is_cut[position])
    for row in zip(*(texts[position] for position in shown), strict=True):
        table.add_row(*(Text(one, no_wrap=True, overflow="ellipsis") for one in row))
    console = Console(highlight=False, width=sum(sizes) + GAP * len(sizes) if width is None else width)
    with console.capture() as captured:  # rich ends the process if the pipe is closed
        console.print(table)
    drawn = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    return drawn, [title for position, title in enumerate(titles) if position not in shown]


def draw_record(fields: Mapping[str, object], *, width: int | None) -> Iterator[str]:
    """Yield the lines that show names and values; those without a value are left out.

    Args:
        width: Columns of the terminal, where long values are wrapped between words; ``None`` for lines of any length.
    """
    texts = {name: text for name, value in fields.items() if (text := human_text(value))}
    longest = max(map(len, texts), default=0)
    for name, text in texts.items():
        lead = f"{name:<{longest}}{' ' * GAP}"
        if width is None or len(lead) + len(text) <= width:
            yield lead + text
        else:
            yield from textwrap.wrap(
                text,
                max(width, len(lead) + SHORTEST),
                initial_indent=lead,
                subsequent_indent=" " * len(lead),
                break_long_words=False,  # URLs and names stay whole
                break_on_hyphens=False,
            )


def _fitting(sizes: Sequence[int], is_cut: Sequence[bool], width: int | None) -> list[int]:
    """Return the positions of the columns that fit; the first one always does."""
    if width is None:
        return list(range(len(sizes)))
    found = [0]
    remaining = width - sizes[0]
    for position in range(1, len(sizes)):
        needed = GAP + (min(sizes[position], SHORTEST) if is_cut[position] else sizes[position])
        if needed <= remaining:
            found.append(position)
            remaining -= needed
    return found
