"""Validation of request arguments against the annotations of handlers."""

from __future__ import annotations

import collections.abc
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from hub_typed_api.model import Model
from hub_typed_api.models import CommitFile

__all__ = ["Typed", "fits"]
_HALF = re.compile("[\ud800-\udfff]")
_CONTENT = (CommitFile, "content")
"""The one text that may hold a NUL: all of a file."""


class Typed:
    """Wraps handlers so that arguments of other types than declared are refused with a ValueError.

    The codec takes JSON for what the spec says it is, for speed; a server must not.
    """

    def __init__(self, handlers: object) -> None:
        self._handlers = handlers
        self._kind: Any = type(handlers)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._handlers, name)
        hints = _hints(self._kind, name)

        def called(call: object, **given: object) -> Any:
            return method(call, **{key: _checked(key, hints[key], value) for key, value in given.items()})

        return called


def fits(hint: Any, value: Any) -> bool:
    """Whether a value has a type, including its parts."""
    if hint is Any:
        return _is_clean(value)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return any(fits(choice, value) for choice in get_args(hint))
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in get_args(hint))
    if origin in (list, collections.abc.Sequence):
        return isinstance(value, list) and all(fits(get_args(hint)[0], item) for item in cast(list[object], value))
    if origin in (dict, collections.abc.Mapping):
        items = cast(dict[str, Any], value).items() if isinstance(value, dict) else None
        return items is not None and all(fits(get_args(hint)[1], item) for _, item in items)
    if hint in (int, float):  # a boolean is none of them, and a whole number is a number
        return isinstance(value, (int, hint)) and not isinstance(value, bool)
    if not isinstance(value, hint):
        return False
    if isinstance(value, str):
        return _is_clean(value)
    return not isinstance(value, Model) or all(
        fits(inner, getattr(value, name)) for name, inner in _members(hint).items() if (hint, name) != _CONTENT
    )


def _is_clean(value: object) -> bool:
    """Whether no text of a JSON value contains a NUL or a lone surrogate."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or _HALF.search(value) is None)
    if isinstance(value, dict):
        return all(_is_clean(part) for pair in cast(dict[object, object], value).items() for part in pair)
    return not isinstance(value, list) or all(map(_is_clean, cast(list[object], value)))


def _checked(name: str, hint: Any, value: Any) -> object:
    if get_origin(hint) is collections.abc.Iterator:  # of the lines of a body, which are read one by one
        return _each(name, get_args(hint)[0], cast(Iterator[Any], value))
    if not fits(hint, value):
        raise ValueError(f"{name} is not of the type that it must have")
    return value


def _each(name: str, hint: Any, values: Iterator[Any]) -> Iterator[object]:
    for value in values:
        yield _checked(name, hint, value)


@cache
def _hints(handlers: type, name: str) -> dict[str, Any]:
    """Types of the parameters, from the generated base class if it has the method."""
    declared = next(base for base in reversed(handlers.__mro__) if name in vars(base))
    return get_type_hints(getattr(declared, name))


@cache
def _members(model: type[Model]) -> dict[str, Any]:
    hints = get_type_hints(model)
    return {field.name: hints[field.name] for field in model.__attrs_attrs__}
