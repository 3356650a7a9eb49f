"""Conversions called by the generated codec."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Protocol, TypeGuard, TypeVar

__all__ = [
    "INVALID",
    "date",
    "date_text",
    "is_list",
    "is_object",
    "keep",
    "mismatch",
    "read_list",
    "read_map",
    "unknown",
    "unset",
    "valid_items",
    "valid_members",
    "valid_values",
    "with_unset",
    "without_invalid",
]

T = TypeVar("T")
Kept = TypeVar("Kept", bound="_Open")
INVALID = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
"""Errors raised for JSON values that do not match the spec."""


class _Open(Protocol):
    extra: dict[str, Any] | None


def date(text: str) -> datetime:
    """Parse a date, with ``Z`` and fractions of any length."""
    return datetime.fromisoformat(text)


def date_text(value: datetime) -> str:
    """Format a date as the Hub does: UTC, to the millisecond or finer; a naive date counts as UTC."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    exact = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=exact).removesuffix("+00:00") + "Z"


def read_list(read: Callable[[], Any], structure: Callable[[Any], T], *, strict: bool = False) -> list[T]:
    """Structure the items of a JSON list. Invalid ones are left out, with a warning, unless all of several are.

    A page of models has so many objects that the cyclic garbage collector runs repeatedly, in vain, because JSON has no
    cycles. It is disabled meanwhile, and each item is freed once it is structured. This saves a third of the time.

    Args:
        read: Reads the list.
        structure: Structures an item.
        strict: Fail for any invalid item.

    Raises:
        TypeError: The value is not a list.
        ValueError, LookupError, AttributeError, ArithmeticError: Also; all of several items are invalid, or one is,
            if `strict`.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        items = read()
        if not is_list(items):
            raise TypeError("it is no list")
        is_only = len(items) == 1
        position = 0
        while position < len(items):
            try:
                items[position] = structure(items[position])
                position += 1
            except INVALID as error:
                if strict or (len(items) == 1 and not is_only):
                    raise
                _left_out(position, structure, error)
                del items[position]
        return items
    finally:
        if collecting:
            gc.enable()


def read_map(read: Callable[[], Any], structure: Callable[[Any], T]) -> dict[str, T]:
    """Structure the values of a JSON object. Invalid ones are left out, with a warning, unless all of several are.

    Raises:
        TypeError: The value is not an object.
        ValueError, LookupError, AttributeError, ArithmeticError: Also; all of several values are invalid.
    """
    found = read()
    if not is_object(found):
        raise TypeError("it is no object")
    is_only = len(found) == 1
    for key, value in list(found.items()):
        try:
            found[key] = structure(value)
        except INVALID as error:
            if len(found) == 1 and not is_only:
                raise
            _left_out(key, structure, error)
            del found[key]
    return found


def _left_out(place: int | str, structure: Callable[[Any], object], error: Exception) -> None:
    from logging import getLogger

    kind = structure.__name__.removeprefix("structure_")
    getLogger("hub_typed").warning("Left out an item of a response: %s at %r is invalid: %r", kind, place, error)


def is_object(value: object) -> TypeGuard[dict[str, Any]]:
    """Whether a JSON value is an object."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[Any]]:
    """Whether a JSON value is a list."""
    return isinstance(value, list)


def keep(odd: dict[str, Any] | None, data: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Add a member with an invalid value, if it was sent, to those that are kept as they were sent."""
    return {**(odd or {}), name: data[name]} if name in data else odd


def valid_items(structure: Callable[[Any], T], value: object) -> list[T]:
    """Structure the valid items of a list; the others are left out, with a warning. `keep` keeps the whole list.

    Raises:
        TypeError: The value is not a list.
    """
    if not is_list(value):
        raise TypeError("it is no list")
    items: list[T] = []
    for position, item in enumerate(value):
        try:
            items.append(structure(item))
        except INVALID as error:
            _left_out(position, structure, error)
    return items


def valid_values(structure: Callable[[Any], T], value: object) -> dict[str, T]:
    """Structure the valid values of an object; the others are left out, with a warning. `keep` keeps the whole object.

    Raises:
        TypeError: The value is not an object.
    """
    if not is_object(value):
        raise TypeError("it is no object")
    values: dict[str, T] = {}
    for key, inner in value.items():
        try:
            values[key] = structure(inner)
        except INVALID as error:
            _left_out(key, structure, error)
    return values


def valid_members(structure: Callable[[Mapping[str, Any]], Kept], value: object, least: dict[str, Any]) -> Kept:
    """Structure an object with its valid members; required ones that are absent or invalid stay unset.

    Args:
        structure: The function of its class.
        value: The object, or what was sent in its place.
        least: A valid object of the class, with the required members only.
    """
    data = value if is_object(value) else {}

    def is_valid(wire: str) -> bool:
        try:
            structure({**least, wire: data[wire]})
        except INVALID:
            return False
        return True

    lacking = [wire for wire in least if not is_valid(wire)]
    model = structure({**data, **{wire: least[wire] for wire in lacking}})
    for name, wire in _names(model):
        if wire in lacking:
            delattr(model, name)
    if invalid := {wire: data[wire] for wire in lacking if wire in data}:
        model.extra = {**invalid, **(model.extra or {})}
    return model


def _names(model: object) -> Iterator[tuple[str, str]]:
    """Names of the attributes of a model, each with its JSON name."""
    for field in getattr(type(model), "__attrs_attrs__", ()):
        yield field.name, field.metadata.get("wire", field.name)


def unset(model: object) -> list[str]:
    """JSON names of the members that are unset, because the Hub sent no valid value."""
    return [wire for name, wire in _names(model) if not hasattr(model, name)]


def with_unset(
    structure: Callable[[Mapping[str, Any]], Kept],
    unstructure: Callable[[Kept], dict[str, Any]],
    model: Kept,
    least: dict[str, Any],
) -> dict[str, Any]:
    """Unstructure a model some of whose members are unset.

    Args:
        structure: The function of its class.
        unstructure: The function of its class.
        model: The model.
        least: A valid object of the class, with the required members only.
    """
    filled = structure(least)
    for name, _ in _names(model):
        if hasattr(model, name):
            setattr(filled, name, getattr(model, name))
    absent = set(unset(model)) - (model.extra or {}).keys()
    return {wire: value for wire, value in unstructure(filled).items() if wire not in absent}


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


def without_invalid(
    structure: Callable[[Mapping[str, Any]], Kept], name: str, data: Mapping[str, Any], classes: str
) -> Kept:
    """Structure an object some of whose optional members have wrong types; they are kept in ``extra``.

    Args:
        structure: The function of its class.
        name: Name of the model.
        data: The object.
        classes: The members, each with its allowed classes, for example ``size:int|NoneType``.

    Raises:
        TypeError: A member that may not be null has a wrong type.
    """
    invalid: dict[str, Any] = {}
    for member in classes.split():
        wire, _, known = member.rpartition(":")
        if wire in data and data[wire].__class__.__name__ not in known.split("|"):
            if "NoneType" not in known:
                raise mismatch(name, data, classes)
            invalid[wire] = data[wire]
    model = structure({**data, **dict.fromkeys(invalid)})
    model.extra = {**invalid, **(model.extra or {})}
    return model


def mismatch(name: str, data: Mapping[str, Any], classes: str) -> TypeError:
    """Build the error for an object with members of wrong types.

    Args:
        name: Name of the model.
        data: The object.
        classes: The members, each with its allowed classes, for example ``size:int|NoneType``.
    """
    for member in classes.split():
        wire, _, known = member.rpartition(":")
        found = data.get(wire).__class__.__name__
        if wire in data and found not in known.split("|"):
            allowed = " or ".join(_IN_JSON[one] for one in known.split("|"))
            return TypeError(f"{wire!r} of {name} is {_IN_JSON.get(found, found)}, not {allowed}")
    return TypeError(f"a member of {name} has another type")
