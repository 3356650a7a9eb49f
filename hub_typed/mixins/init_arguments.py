"""Arguments of ``__init__`` as JSON, and back."""

from __future__ import annotations

import inspect
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard, Union, get_args, get_origin, get_type_hints

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

__all__: list[str] = []

Coders: TypeAlias = Mapping[type[Any], tuple[Callable[[Any], object], Callable[[Any], object]]]
"""For each type of argument, the functions that convert it to JSON and back."""


def encode_arguments(
    initialize: Callable[..., None], args: tuple[object, ...], kwargs: Mapping[str, object], coders: Coders
) -> dict[str, object]:
    """Return the arguments of a call of ``__init__``, with defaults, that JSON can represent.

    The members of a dictionary or dataclass named ``config`` are put beside the other arguments.
    """
    signature = inspect.signature(initialize)
    try:
        bound = signature.bind(None, *args, **kwargs)
    except TypeError:  # the call that follows raises it
        return {}
    bound.apply_defaults()
    found: dict[str, object] = {}
    for name, value in list(bound.arguments.items())[1:]:
        kind = signature.parameters[name].kind
        if kind is inspect.Parameter.VAR_KEYWORD:
            found |= {key: encoded for key, one in value.items() if _is_json(encoded := _encode(one, coders))}
        elif kind is not inspect.Parameter.VAR_POSITIONAL and _is_json(encoded := _encode(value, coders)):
            found[name] = encoded
    config = found.pop("config", None)
    return found | (config if is_members(config) else {})


def decode_arguments(
    initialize: Callable[..., None], config: Mapping[str, object], given: Mapping[str, object], coders: Coders
) -> dict[str, object]:
    """Return arguments of ``__init__`` from their JSON form; those given by the caller take precedence."""
    parameters = dict(list(inspect.signature(initialize).parameters.items())[1:])
    hints = _hints(initialize)
    decoded = dict(given)
    for name, parameter in parameters.items():
        if name in decoded:
            continue
        if name == "config":
            decoded[name] = _decode(dict(config), hints.get(name), coders)
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            decoded = {**config, **decoded} if "config" not in parameters else decoded
        elif name in config:
            decoded[name] = _decode(config[name], hints.get(name), coders)
    return decoded


def encode_config(config: object) -> dict[str, object]:
    """Return a configuration, a dictionary or a dataclass, as a dictionary."""
    if _is_instance(config):
        return asdict(config)
    return config if is_members(config) else {}


def is_members(value: object) -> TypeGuard[dict[str, object]]:
    """Whether a value is a dictionary; the names of arguments are text."""
    return isinstance(value, dict)


def _encode(value: object, coders: Coders) -> object:
    for kind, (encode, _) in coders.items():
        if isinstance(value, kind):
            return encode(value)
    return asdict(value) if _is_instance(value) else value


def _decode(value: object, hint: object, coders: Coders) -> object:
    if get_origin(hint) in (Union, types.UnionType):
        kinds = [one for one in get_args(hint) if one is not type(None)]
        if value is None or len(kinds) != 1:
            return value
        hint = kinds[0]
    if not isinstance(hint, type):
        return value
    for kind, (_, decode) in coders.items():
        if issubclass(hint, kind):
            return decode(value)
    if is_dataclass(hint) and is_members(value):
        known = {one.name for one in fields(hint) if one.init}
        return hint(**{name: one for name, one in value.items() if name in known})
    return value


def _hints(initialize: Callable[..., None]) -> dict[str, Any]:
    try:
        return get_type_hints(initialize)
    except NameError:  # a name that only a type checker imports
        return {}


def _is_instance(value: object) -> TypeGuard[DataclassInstance]:
    return is_dataclass(value) and not isinstance(value, type)


def _is_json(value: object) -> bool:
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return False
    return True
