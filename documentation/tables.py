"""Tables in pages: each stands between two comments, and is written anew from the code.

A page says where a table belongs:

    <!-- table: settings -->
    <!-- end of table -->
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

__all__ = ["DOCS", "Makers", "filled", "pages_with_tables", "table"]

DOCS: Final = Path(__file__).parent.parent / "docs"
Makers: TypeAlias = Mapping[str, Callable[[], str]]
"""Functions that write the Markdown of a table, by its name."""
_PLACE: Final = re.compile(r"(<!-- table: ([\w-]+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


def pages_with_tables(folder: Path = DOCS) -> list[Path]:
    """Find the pages that have places for tables."""
    return [page for page in sorted(folder.rglob("*.md")) if _PLACE.search(page.read_text(encoding="utf-8"))]


def filled(text: str, makers: Makers) -> str:
    """Return the text of a page with its tables.

    Raises:
        KeyError: No function writes a table of that name.
    """
    return _PLACE.sub(lambda place: f"{place[1]}\n{makers[place[2]]()}\n{place[3]}", text)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Write a Markdown table; ends with a line break."""
    lines = [head, ["---"] * len(head), *rows]
    return "".join(
        f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines
    )
