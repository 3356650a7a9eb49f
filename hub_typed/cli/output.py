"""Printing of results on stdout: tables for people, tab-separated lines, JSON, or ids."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain, islice
from operator import methodcaller
from typing import Annotated, Literal, TypeAlias, TypeVar

import attrs
from cyclopts import Group, Parameter

from hub_typed.cli.cells import human_text, is_number, plain_text
from hub_typed.cli.failures import CommandError
from hub_typed.cli.json_form import json_form
from hub_typed.cli.messages import say

__all__ = ["COMMON", "Format", "Output", "keys", "print_json", "print_json_array"]

T = TypeVar("T")
Format: TypeAlias = Literal["auto", "human", "agent", "json", "quiet"]
COMMON: Group = Group("Common options", sort_key=100)
ROWS_PER_TABLE = 500
"""Rows whose common widths are computed; longer lists are printed in several tables, so that they stream."""
UNLIMITED = 1_000_000
"""Columns of a table that is not cut at the width of the terminal."""


def keys(*names: str) -> dict[str, Callable[[Mapping[str, object]], object]]:
    """Return columns for records that are mappings, which may lack some."""
    return {name: methodcaller("get", name) for name in names}


@Parameter(name="*", group=COMMON)
@attrs.frozen(kw_only=True)
class Output:
    """How results are printed. Its attributes are options of every command that takes it."""

    format: Annotated[
        Format,
        Parameter(
            help="human: tables; agent: tab-separated lines; json: one document; quiet: ids or paths alone. "
            "auto: human on a terminal, else agent."
        ),
    ] = "auto"
    as_json: Annotated[bool, Parameter(name="--json", help="The same as --format json.")] = False
    quiet: Annotated[bool, Parameter(name=("--quiet", "-q"), help="The same as --format quiet.")] = False
    no_truncate: Annotated[bool, Parameter(help="Do not shorten the cells of tables to the terminal.")] = False

    @property
    def shape(self) -> Literal["human", "agent", "json", "quiet"]:
        """The format that is used.

        Raises:
            CommandError: Different formats are asked for.
        """
        asked = {name for name, given in (("json", self.as_json), ("quiet", self.quiet)) if given}
        asked |= {self.format} - {"auto"}
        match sorted(asked):
            case []:
                return "human" if sys.stdout.isatty() else "agent"
            case ["human" | "agent" | "json" | "quiet" as one]:
                return one
            case several:
                raise CommandError(f"The output cannot be {' and '.join(several)} at the same time: choose one.")

    @property
    def progress(self) -> bool | None:
        """Setting of progress bars: none if only ids are asked for, else the default."""
        return False if self.shape == "quiet" else None

    def rows(
        self,
        records: Iterable[T],
        columns: Mapping[str, Callable[[T], object]],
        *,
        id: Callable[[T], object],
    ) -> None:
        """Print a list, while it is received.

        Args:
            records: The records; JSON has all their members, see `json_form`.
            columns: Titles of columns, each with the function that returns the value of a record.
            id: Returns the id or path that ``--quiet`` prints.
        """
        shape = self.shape
        received = _begun(records)
        match shape:
            case "human":
                self._print_tables(received, columns)
            case "agent":
                _write_lines(
                    chain(["\t".join(columns)], (_tabbed(get(one) for get in columns.values()) for one in received))
                )
            case "json":
                print_json_array(received)
            case "quiet":
                _write_lines(_raw_text(id(one)) for one in received)

    def record(self, record: object, fields: Mapping[str, object], *, id: object) -> None:
        """Print one thing.

        Args:
            record: The record; JSON has all its members, see `json_form`.
            fields: Names and values to show.
            id: The id or path that ``--quiet`` prints.
        """
        match self.shape:
            case "human":
                width = max(map(len, fields), default=0)
                _write_lines(f"{name:<{width}}  {human_text(value)}" for name, value in fields.items())
            case "agent":
                _write_lines(_tabbed(pair) for pair in fields.items())
            case "json":
                print_json(record)
            case "quiet":
                _write_lines([_raw_text(id)])

    def done(self, message: str, *, id: object, **members: object) -> None:
        """Print what an action did.

        Args:
            message: A sentence for people.
            id: The id, path or URL that ``--quiet`` prints.
            **members: What JSON and tab-separated lines say.
        """
        if self.shape == "human":
            _write_lines([human_text(message)])
        else:
            self.record(members, members, id=id)

    def value(self, name: str, value: str) -> None:
        """Print a text alone; in JSON, as the only member of an object."""
        if self.shape == "json":
            print_json({name: value})
        else:
            _write_lines([_raw_text(value)])

    def text(self, text: str, *, end: str = "\n") -> None:
        """Print text as it is, whatever the format, at once: a line of a log, the content of a file."""
        _write(human_text(text) if sys.stdout.isatty() and "\n" not in text else text)
        _write(end)
        sys.stdout.flush()

    def note(self, message: str) -> None:
        """Tell people something on stderr that is no result."""
        if self.shape == "human":
            say(message)

    def _print_tables(self, records: Iterable[T], columns: Mapping[str, Callable[[T], object]]) -> None:
        remaining = iter(records)
        found = False
        while rows := [[get(one) for get in columns.values()] for one in islice(remaining, ROWS_PER_TABLE)]:
            found = True
            _write(_table(list(columns), rows, no_truncate=self.no_truncate))
            sys.stdout.flush()
        if not found:
            say("Nothing was found.")


def _table(titles: list[str], rows: list[list[object]], *, no_truncate: bool) -> str:
    """Draw a table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    is_cut = sys.stdout.isatty() and not no_truncate
    console = Console(file=sys.stdout, highlight=False, width=None if is_cut else UNLIMITED)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for position, title in enumerate(titles):
        values = [row[position] for row in rows]
        is_shortened = position > 0 and any(isinstance(value, str | list | tuple) for value in values)
        right = any(map(is_number, values))
        table.add_column(Text(title), justify="right" if right else "left", no_wrap=not is_shortened)
    for row in rows:
        table.add_row(*(Text(human_text(value), no_wrap=True, overflow="ellipsis") for value in row))
    with console.capture() as captured:  # rich ends the process if the pipe is closed
        console.print(table)
    return "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def _tabbed(values: Iterable[object]) -> str:
    return "\t".join(map(plain_text, values))


def _raw_text(value: object) -> str:
    """Format an id or a path; for a program exactly as it is."""
    return plain_text(value) if sys.stdout.isatty() else str(value)


def _json(record: object) -> str:
    return json.dumps(json_form(record), indent=2 if sys.stdout.isatty() else None)


def _begun(records: Iterable[T]) -> Iterator[T]:
    """Wait for the first record, so that nothing is printed of a list that cannot be read."""
    received = iter(records)
    first = list(islice(received, 1))
    return chain(first, received)


def print_json(record: object) -> None:
    """Print one record as JSON, at once."""
    _write(f"{_json(record)}\n")
    sys.stdout.flush()


def print_json_array(records: Iterable[object]) -> None:
    """Print an array with one record in each line, as they come; after an error its end is missing."""
    _write("[")
    for position, one in enumerate(records):
        _write(f"{',' if position else ''}\n{_json(one)}")
    _write("\n]\n")


def _write_lines(lines: Iterable[str] | Iterator[str]) -> None:
    for line in lines:
        _write(f"{line}\n")


def _write(text: str) -> None:
    sys.stdout.write(text)
