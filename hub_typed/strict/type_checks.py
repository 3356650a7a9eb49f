"""Compare values with annotations."""

from __future__ import annotations

import types
from collections.abc import Collection, Iterable, Mapping, Sequence, Set as AbstractSet
from itertools import repeat
from typing import (
    Annotated,
    Any,
    ForwardRef,
    Literal,
    NotRequired,
    Required,
    TypeVar,
    Union,
    cast,
    get_args,
    get_origin,
)


def type_validator(name: str, value: object, expected_type: object) -> None:
    """Raise a `TypeError` if a value does not have a type; ``bool`` is no ``int``, and ``int`` no ``float``.

    Args:
        name: Name of the field, for the message.
        value: The value.
        expected_type: An annotation. Parts that are text or unbound type variables accept every value.
    """
    origin, arguments = get_origin(expected_type), get_args(expected_type)
    if expected_type is Any or isinstance(expected_type, str | ForwardRef | TypeVar):
        return
    if expected_type is None or (isinstance(expected_type, type) and origin is None):
        expected = cast("type[object]", type(None) if expected_type is None else expected_type)
        if not isinstance(value, expected) or (isinstance(value, bool) and expected is int):
            raise _mismatch(name, value, expected.__name__)
    elif origin in (Annotated, Required, NotRequired):
        type_validator(name, value, arguments[0])
    elif origin in (Union, types.UnionType):
        _check_union(name, value, arguments)
    elif origin is Literal:
        if not any(value == one and type(value) is type(one) for one in arguments):
            raise TypeError(f"Field {name!r} expected one of {arguments!r}, got {value!r}")
    elif isinstance(origin, type):
        if not isinstance(value, origin):
            raise _mismatch(name, value, f"a {origin.__name__}")
        if arguments and origin is not type:  # the parameters of a type or of a function cannot be compared
            _check_items(name, value, arguments)
    else:
        raise TypeError(f"Unsupported type for field {name!r}: {expected_type!r}")


def _check_union(name: str, value: object, members: tuple[object, ...]) -> None:
    errors: list[str] = []
    for member in members:
        try:
            type_validator(name, value, member)
        except TypeError as error:
            errors.append(str(error))
        else:
            return
    raise TypeError(
        f"Field {name!r} with value {value!r} doesn't match any type in {members}. Errors: {'; '.join(errors)}"
    )


def _check_items(name: str, value: object, arguments: tuple[object, ...]) -> None:
    """Validate the items of a collection whose own type is right."""
    if isinstance(value, Mapping):
        members = cast("Mapping[object, object]", value)
        for key, item in members.items() if len(arguments) == 2 else ():
            type_validator(f"{name} (key)", key, arguments[0])
            type_validator(f"{name}[{key!r}]", item, arguments[1])
        return
    if not isinstance(value, Sequence | AbstractSet):  # an iterator would be consumed
        return
    items = cast("Collection[object]", value)
    if isinstance(value, tuple) and arguments[1:] != (...,):
        if len(items) != len(arguments):
            raise TypeError(f"Field {name!r} expected a tuple of length {len(arguments)}, got {len(items)}")
        expected: Iterable[object] = arguments
    else:
        expected = repeat(arguments[0])
    for number, (item, one) in enumerate(zip(items, expected, strict=False)):
        type_validator(f"{name}[{number}]", item, one)


def _mismatch(name: str, value: object, expected: str) -> TypeError:
    return TypeError(f"Field {name!r} expected {expected}, got {type(value).__name__} (value: {value!r})")
