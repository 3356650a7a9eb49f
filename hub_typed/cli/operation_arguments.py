"""Arguments of an operation of the spec, from words of the command line and from a JSON body."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from hub_typed.cli.failures import CommandError
from hub_typed_api.codec import hooks
from hub_typed_api.coerce import INVALID, date, is_list, is_object
from hub_typed_api.wire import Source

__all__ = ["OperationArguments"]

_OPTION: Final = re.compile(r"--(?P<name>[a-zA-Z][\w-]*)(?:=(?P<value>.*))?", re.DOTALL)
_CAPITAL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


class OperationArguments:
    """Collects the arguments of an operation.

    Attributes:
        given: The arguments so far, by name.
    """

    def __init__(self, name: str, operation: Callable[..., object]) -> None:
        self.given: dict[str, object] = {}
        self._lists: dict[str, list[object]] = {}
        self._name = name
        self._hints = {key: hint for key, hint in get_type_hints(operation).items() if key != "return"}
        self._parameters = inspect.signature(operation).parameters

    def add_words(self, words: Sequence[str]) -> None:
        """Add ``--name value`` and ``--name=value``; flags may lack the value, lists may be repeated.

        Raises:
            CommandError: There is no such parameter, or its value is invalid.
        """
        for option, text in _options(words):
            name = self._parameter(option, f"--{option}")
            hint = self._hints[name]
            item = _item_hint(hint)
            if text is None and not _accepts(hint, bool):
                raise CommandError(f"--{option} of {self._name} needs a value.")
            if item is None or (text or "").startswith("["):
                self._set(name, _parsed(text, hint))
            else:
                value = self._typed(name, _parsed(text, item), item)
                self._lists.setdefault(name, []).append(value)
                self.given[name] = self._lists[name]

    def add_body(self, body: bytes) -> None:
        """Add a body: raw bytes where the operation takes them, or a JSON object with parameters as its members.

        Raises:
            CommandError: The operation takes no body, the body is not a JSON object, or a member is invalid.
        """
        for name, hint in self._hints.items():
            if _accepts(hint, Source):
                self.given[name] = Source(lambda: iter([body]), len(body))
                return
        try:
            members: Any = json.loads(body)
        except ValueError as error:
            raise CommandError(f"The body for {self._name} is not JSON: {error}.") from None
        if not is_object(members):
            raise CommandError(f"The body for {self._name} must be a JSON object.")
        whole = [name for name, hint in self._hints.items() if _model(hint) and name not in self.given]
        names = {member: _CAPITAL.sub("_", member).lower() for member in members}
        if len(whole) == 1 and not any(name in self._hints for name in names.values()):
            self._set(whole[0], members)
            return
        for member, name in names.items():
            self._set(self._parameter(name, f"the member {member!r}"), members[member])

    def check(self) -> None:
        """Check that all required parameters are given.

        Raises:
            CommandError: Some are missing.
        """
        missing = [
            _option(name)
            for name, parameter in self._parameters.items()
            if parameter.default is inspect.Parameter.empty and name not in self.given
        ]
        if missing:
            raise CommandError(f"{self._name} also needs {', '.join(missing)}; --describe says what they are.")

    def _parameter(self, text: str, shown: str) -> str:
        name = text.replace("-", "_")
        if name not in self._hints:
            known = ", ".join(map(_option, self._hints)) or "none"
            raise CommandError(f"{self._name} has no parameter for {shown}; its parameters are: {known}.")
        return name

    def _set(self, name: str, value: object) -> None:
        self.given[name] = self._typed(name, value, self._hints[name])

    def _typed(self, name: str, value: object, hint: object) -> object:
        try:
            return _structured(value, hint)
        except INVALID as error:
            raise CommandError(f"{_option(name)} of {self._name} is invalid: {error}") from None


def _options(words: Sequence[str]) -> Iterator[tuple[str, str | None]]:
    """Yield the options with their values; ``None`` for one without a value."""
    remaining = list(words)
    while remaining:
        match = _OPTION.fullmatch(remaining.pop(0))
        if match is None:
            raise CommandError("Parameters of an operation are written as --name value.")
        value = match["value"]
        if value is None and remaining and not _OPTION.fullmatch(remaining[0]):
            value = remaining.pop(0)
        yield match["name"], value


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _choices(hint: object) -> tuple[object, ...]:
    """Return the types that a hint allows."""
    if get_origin(hint) in (Union, UnionType):
        return tuple(choice for one in get_args(hint) for choice in _choices(one))
    return (hint,)


def _accepts(hint: object, kind: type) -> bool:
    return kind in _choices(hint)


def _item_hint(hint: object) -> object | None:
    """Return the hint of the items of a list; ``None`` if it is no list."""
    return next((get_args(one)[0] for one in _choices(hint) if get_origin(one) in (list, Sequence)), None)


def _model(hint: object) -> type | None:
    return next((one for one in _choices(hint) if isinstance(one, type) and one in hooks()), None)


def _parsed(text: str | None, hint: object) -> object:
    """Return the JSON value that a text stands for: itself where text is expected, else what it is as JSON."""
    if text is None:
        return True
    if any(one is str or one is datetime or get_origin(one) is Literal for one in _choices(hint)):
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _structured(value: Any, hint: object) -> object:
    """Return a JSON value as the type that an operation expects."""
    kinds = _choices(hint)
    if value is None and NoneType in kinds:
        return None
    item, model = _item_hint(hint), _model(hint)
    if item is not None and is_list(value):
        return [_structured(one, item) for one in value]
    if model is not None and is_object(value):
        return hooks()[model][0](value)
    if isinstance(value, str) and datetime in kinds:
        return date(value)
    plain: tuple[Any, ...] = tuple(get_origin(one) or one for one in kinds if get_origin(one) is not Literal)
    if any(value in get_args(one) for one in kinds if get_origin(one) is Literal):
        return value
    if any(type(value) is one or (one is float and type(value) is int) for one in plain):
        return value
    names = [getattr(one, "__name__", str(one)) for one in kinds if one is not NoneType]
    raise ValueError(f"{value!r} is not of type {' or '.join(names)}.")
