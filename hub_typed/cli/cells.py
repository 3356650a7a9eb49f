"""Values as text: for people in tables, and complete for programs."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import cast

from hub_typed.logs.redaction import escape_control_characters
from hub_typed.progress_bars.layout import bytes_text
from hub_typed_api.coerce import date_text

__all__ = ["Size", "human_text", "is_number", "plain_text"]


class Size(int):
    """A number of bytes, shown to people with a unit, for example ``42.2 kB``."""


def human_text(value: object) -> str:
    """Format a value for people: sizes with units, dates in local time. Control characters are escaped."""
    match value:
        case Size():
            return bytes_text(value)
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.astimezone().strftime("%Y-%m-%d %H:%M")
        case int():
            return f"{value:,}"
        case list() | tuple() | set() | frozenset():
            return ", ".join(map(human_text, cast("Iterable[object]", value)))
        case _:
            return plain_text(value)


def plain_text(value: object) -> str:
    """Format a value exactly, in one line. Control characters are escaped."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return date_text(value)
        case list() | tuple():
            return ",".join(map(plain_text, cast("Iterable[object]", value)))
        case set() | frozenset():
            return ",".join(sorted(map(plain_text, cast("Iterable[object]", value))))
        case _:
            return escape_control_characters(str(value), keep="")


def is_number(value: object) -> bool:
    """Whether a column of such values is aligned to the right."""
    return isinstance(value, int | float) and not isinstance(value, bool)
