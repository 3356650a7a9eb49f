"""Validation of request arguments against the annotations of handlers."""

from __future__ import annotations

import collections.abc
import re
from collections.abc import Callable, Iterator
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin, get_type_hints

from hub_typed.local.request.call import Call
from hub_typed_api.model import Model
from hub_typed_api.models import CommitFile

__all__ = ["TypeChecked", "matches_type"]
_SURROGATE = re.compile("[\ud800-\udfff]")
_NO_INTEGER = 1 << 53
"""Larger numbers are no integers to JavaScript, in which the Hub is written, nor to clocks."""
_ACCOUNTS = ("author", "namespace", "organization", "owner", "user", "username")
"""Parameters that are names of accounts."""
_CONTENT = (CommitFile, "content")
"""The only text that may contain a NUL: the content of a file."""


class TypeChecked:
    """Wrapper of handlers that refuses arguments of other types than declared, with a ValueError.

    For speed, the codec does not check JSON against the spec; a server must. Names of accounts are passed on as they
    are stored, since their letter case does not matter.
    """

    def __init__(self, handlers: object) -> None:
        self._handlers = handlers
        self._kind: Any = type(handlers)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method: Callable[..., Any] = getattr(self._handlers, name)
        hints = _hints(self._kind, name)

        def checked(call: Call, **given: object) -> Any:
            arguments = {key: _check_argument(key, hints[key], value) for key, value in given.items()}
            return method(call, **{key: _spelled(call, key, value) for key, value in arguments.items()})

        return checked


def _spelled(call: Call, name: str, value: object) -> object:
    """Return an argument in which names of accounts have the letter case of their creation."""
    if name not in _ACCOUNTS:
        return value
    if isinstance(value, str):
        return call.accounts.spelling(value)
    return [call.accounts.spelling(one) for one in cast(list[str], value)] if isinstance(value, list) else value


def matches_type(hint: Any, value: Any) -> bool:
    """Whether a value, including its members and items, has a type."""
    if hint is Any:
        return _is_clean(value)
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        return any(matches_type(choice, value) for choice in get_args(hint))
    if origin is Literal:
        return any(type(value) is type(choice) and value == choice for choice in get_args(hint))
    if origin in (list, collections.abc.Sequence):
        return isinstance(value, list) and all(
            matches_type(get_args(hint)[0], item) for item in cast(list[object], value)
        )
    if origin in (dict, collections.abc.Mapping):
        items = cast(dict[str, Any], value).items() if isinstance(value, dict) else None
        return items is not None and all(matches_type(get_args(hint)[1], item) for _, item in items)
    if hint in (int, float):  # an integer is also a float; a boolean is neither
        is_number = isinstance(value, (int, hint)) and not isinstance(value, bool)
        return is_number and (isinstance(value, float) or abs(value) < _NO_INTEGER)
    if not isinstance(value, hint):
        return False
    if isinstance(value, str):
        return _is_clean(value)
    return not isinstance(value, Model) or all(
        matches_type(inner, getattr(value, name)) for name, inner in _members(hint).items() if (hint, name) != _CONTENT
    )


def _is_clean(value: object) -> bool:
    """Whether no text of a JSON value contains a NUL or a lone surrogate."""
    if isinstance(value, str):
        return "\0" not in value and (value.isascii() or _SURROGATE.search(value) is None)
    if isinstance(value, dict):
        return all(_is_clean(part) for pair in cast(dict[object, object], value).items() for part in pair)
    return not isinstance(value, list) or all(map(_is_clean, cast(list[object], value)))


def _check_argument(name: str, hint: Any, value: Any) -> object:
    if get_origin(hint) is collections.abc.Iterator:  # the lines of a body, which are read one by one
        return _check_each(name, get_args(hint)[0], cast(Iterator[Any], value))
    if not matches_type(hint, value):
        raise ValueError(f"{name} has the wrong type")
    return value


def _check_each(name: str, hint: Any, values: Iterator[Any]) -> Iterator[object]:
    for value in values:
        yield _check_argument(name, hint, value)


@cache
def _hints(handlers: type, name: str) -> dict[str, Any]:
    """Return the types of the parameters, from the generated base class if it declares the method."""
    declared = next(base for base in reversed(handlers.__mro__) if name in vars(base))
    return get_type_hints(getattr(declared, name))


@cache
def _members(model: type[Model]) -> dict[str, Any]:
    hints = get_type_hints(model)
    return {field.name: hints[field.name] for field in model.__attrs_attrs__}
