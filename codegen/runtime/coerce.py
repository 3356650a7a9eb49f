"""Conversions called by the generated codec."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeGuard, TypeVar

__all__ = ["INVALID", "date", "date_text", "is_list", "is_object", "keep", "mismatch", "read_list", "unknown"]

T = TypeVar("T")
INVALID = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""Errors raised for JSON values that do not match the spec."""


def date(text: str) -> datetime:
    """Parse a date, with ``Z`` and fractions of any length."""
    return datetime.fromisoformat(text)


def date_text(value: datetime) -> str:
    """Format a date as the Hub does: UTC, to the millisecond or finer; a naive date counts as UTC."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    exact = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=exact).removesuffix("+00:00") + "Z"


def read_list(read: Callable[[], Any], structure: Callable[[Any], T]) -> list[T]:
    """Structure the items of a JSON list.

    A page of models has so many objects that the cyclic garbage collector runs repeatedly, in vain, because JSON has no
    cycles. It is disabled meanwhile, and each item is freed once it is structured. This saves a third of the time.

    Raises:
        TypeError: The value is not a list.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        items = read()
        if not is_list(items):
            raise TypeError("it is no list")
        for position, item in enumerate(items):
            items[position] = structure(item)
        return items
    finally:
        if collecting:
            gc.enable()


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def keep(odd: dict[str, Any] | None, data: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Add a member with an invalid value to those that are kept as they were sent."""
    return {**(odd or {}), name: data[name]}


def unknown(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any] | None:
    """Return the members that are not in the spec."""
    return None if data.keys() <= known else {name: value for name, value in data.items() if name not in known}


_IN_JSON = {
    "str": "a text",
    "int": "a whole number",
    "float": "a number",
    "bool": "a boolean",
    "list": "a list",
    "dict": "an object",
    "NoneType": "null",
}


def mismatch(name: str, data: Mapping[str, Any], classes: str) -> TypeError:
    """Build the error for an object with members of wrong types.

    Args:
        name: Name of the model.
        data: The object.
        classes: The members, each with its allowed classes, for example ``size:int|NoneType``.
    """
    for member in classes.split():
        wire, _, known = member.partition(":")
        found = data.get(wire).__class__.__name__
        if wire in data and found not in known.split("|"):
            allowed = " or ".join(_IN_JSON[one] for one in known.split("|"))
            return TypeError(f"{wire!r} of {name} is {_IN_JSON.get(found, found)}, not {allowed}")
    return TypeError(f"a member of {name} has another type")
