"""Arguments of constructors by JSON name or as JSON values, as the classes of huggingface_hub take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, cast

__all__ = ["accept_json", "accept_reference", "by_position", "plain"]


_MODEL = re.compile(r"\b(?!Any\b|Literal\b|None\b)[A-Z]\w+")
"""Name of a model in an annotation."""


class _Field(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def alias(self) -> str: ...
    @property
    def type(self) -> object: ...
    @property
    def metadata(self) -> Mapping[Any, Any]: ...


def by_position(names: str, args: tuple[object, ...], members: Mapping[str, object]) -> dict[str, object]:
    """Return the arguments of a constructor by name, positional ones included.

    Args:
        names: Names of the positional ones, separated by spaces.
        args: Positional arguments.
        members: Keyword arguments.

    Raises:
        TypeError: There are too many, or one is given twice.
    """
    known = names.split()
    if len(args) > len(known):
        raise TypeError(f"takes {len(known)} positional arguments ({', '.join(known)}), but {len(args)} were given")
    given = dict(zip(known, args, strict=False))
    if twice := given.keys() & members.keys():
        raise TypeError(f"got multiple values for the argument {min(twice)!r}")
    return given | dict(members)


def accept_reference(cls: type) -> None:
    """Let the constructor of a class take the arguments that `_from_reference` of the class renames.

    Args:
        cls: The class, made by attrs.
    """
    strict = cast("Callable[..., None]", vars(cls)["__init__"])
    rename = cast("Callable[..., dict[str, object]]", getattr(cls, "_from_reference"))  # noqa: B009  # of some classes

    @wraps(strict)
    def init(self: Any, *args: object, **members: object) -> None:
        strict(self, **rename(*args, **members))

    type.__setattr__(cls, "__init__", init)


def accept_json(cls: type, structure: Callable[[type, dict[str, Any]], object]) -> None:
    """Let the constructor of a class also take members by JSON name, and as JSON values.

    A member given by JSON name counts, if it is also given by attribute name, as `dataclasses.replace` does.

    Args:
        cls: The class, made by attrs.
        structure: Structures a JSON object as this class.
    """
    strict = cast("Callable[..., None]", vars(cls)["__init__"])
    fields: tuple[_Field, ...] = vars(cls)["__attrs_attrs__"]
    by_name = {field.metadata.get("wire", field.name): field for field in fields}
    by_name |= {field.alias: field for field in fields}
    aliases = {field.alias for field in fields}
    computed: tuple[str, ...] = getattr(cls, "_computed", ())
    everything = {*aliases, *computed}

    @wraps(strict)
    def init(self: Any, *args: object, **members: object) -> None:
        if computed and everything <= members.keys():  # the members are those of `vars`
            members = {name: value for name, value in members.items() if name in aliases}
        rename: Callable[..., dict[str, object]] | None = getattr(cls, "_from_reference", None)
        if rename is not None:
            args, members = (), rename(*args, **members)
        if aliases.issuperset(members) and not any(_is_json(by_name[name], value) for name, value in members.items()):
            strict(self, *args, **members)
            return
        unknown = {name: value for name, value in members.items() if name not in by_name}
        if unknown and ("*" not in by_name or by_name["*"].alias in members):
            raise TypeError(f"{cls.__name__}() got an unexpected keyword argument {next(iter(unknown))!r}")
        given = by_position(" ".join(field.alias for field in fields), args, members)
        data: dict[str, Any] = {name: plain(value) for name, value in unknown.items()}
        for name, value in sorted(given.items(), key=lambda member: member[0] not in aliases):
            if name in unknown:
                continue
            wire = by_name[name].metadata.get("wire", by_name[name].name)
            data |= plain(value or {}) if wire == "*" else {wire: plain(value)}
        try:
            made = structure(cls, data)
        except KeyError as error:
            raise TypeError(f"{cls.__name__}() misses the argument {error}") from None
        for field in fields:
            setattr(self, field.name, getattr(made, field.name))
        if isinstance(self, dict):
            dict[str, Any].update(cast("dict[str, Any]", self), data)

    type.__setattr__(cls, "__init__", init)


def _is_json(field: _Field, value: object) -> bool:
    """Whether a value is JSON where the attribute is an instance of a class, or the reverse."""
    kind = str(field.type)
    if hasattr(value, "to_dict"):
        return kind.startswith("dict[")
    if isinstance(value, str):
        return "datetime" in kind
    if isinstance(value, list):
        items = cast("list[object]", value)
        return "list[" in kind and any(type(item) is dict for item in items) and bool(_MODEL.search(kind))
    return type(value) is dict and "dict[" not in kind and bool(_MODEL.search(kind))


def plain(value: Any) -> Any:
    """Return a value and everything in it as JSON: models, metadata of cards, dates."""
    if isinstance(value, datetime):
        from hub_typed_api.coerce import date_text

        return date_text(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in cast("Iterable[Any]", value)]
    return value
