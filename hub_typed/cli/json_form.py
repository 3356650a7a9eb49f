"""Results as JSON values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import PurePath
from typing import Any, cast

import attrs

from hub_typed_api.coerce import date_text
from hub_typed_api.model import Model

__all__ = ["json_form"]


def json_form(value: object) -> Any:
    """Return a result as a JSON value: models as the Hub sends them, other records by their attributes."""
    if isinstance(value, Model):
        return value.to_dict()
    if attrs.has(cls := type(value)):
        names = [field.name for field in attrs.fields(cls) if not field.name.startswith("_")]
        return {name: json_form(getattr(value, name, None)) for name in names}
    if isinstance(value, Mapping):
        return {str(name): json_form(one) for name, one in cast("Mapping[object, object]", value).items()}
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, datetime):
        return date_text(value)
    if isinstance(value, set | frozenset):
        return sorted(map(json_form, cast("Iterable[object]", value)), key=str)
    if isinstance(value, list | tuple):
        return [json_form(one) for one in cast("Iterable[object]", value)]
    return str(value) if isinstance(value, PurePath) else repr(value)
