"""Arguments of constructors by JSON name or as JSON values, as the classes of huggingface_hub take them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import wraps
from typing import Any, Protocol, cast

__all__ = ["accept_json"]


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


def accept_json(cls: type, structure: Callable[[type, dict[str, Any]], object]) -> None:
    """Let the constructor of a class also take members by JSON name, and as JSON values.

    Args:
        cls: The class, made by attrs.
        structure: Structures a JSON object as this class.
    """
    strict = cast("Callable[..., None]", vars(cls)["__init__"])
    fields: tuple[_Field, ...] = vars(cls)["__attrs_attrs__"]
    by_name = {field.metadata.get("wire", field.name): field for field in fields}
    by_name |= {field.alias: field for field in fields}
    aliases = {field.alias for field in fields}

    @wraps(strict)
    def init(self: Any, *args: object, **members: object) -> None:
        rename: Callable[..., dict[str, object]] | None = getattr(cls, "_from_reference", None)
        if rename is not None:
            args, members = (), rename(*args, **members)
        if aliases.issuperset(members) and not any(_is_json(by_name[name], value) for name, value in members.items()):
            strict(self, *args, **members)
            return
        unknown = {name: value for name, value in members.items() if name not in by_name}
        if unknown and "*" not in by_name:
            raise TypeError(f"{cls.__name__}() got an unexpected keyword argument {next(iter(unknown))!r}")
        given = dict(zip((field.alias for field in fields), args, strict=False)) | members
        data: dict[str, Any] = {name: _plain(value) for name, value in unknown.items()}
        for name, value in given.items():
            if name in unknown:
                continue
            wire = by_name[name].metadata.get("wire", by_name[name].name)
            data |= _plain(value or {}) if wire == "*" else {wire: _plain(value)}
        try:
            made = structure(cls, data)
        except KeyError as error:
            raise TypeError(f"{cls.__name__}() misses the argument {error}") from None
        for field in fields:
            setattr(self, field.name, getattr(made, field.name))
        if isinstance(self, dict):
            cast("dict[str, Any]", self).update(data)

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


def _plain(value: Any) -> Any:
    """Return a value and everything in it as JSON: models, metadata of cards, dates."""
    if isinstance(value, datetime):
        from hub_typed_api.coerce import date_text

        return date_text(value)
    if hasattr(value, "to_dict"):
        return value.to_dict()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in cast("Mapping[str, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Iterable[Any]", value)]
    return value
