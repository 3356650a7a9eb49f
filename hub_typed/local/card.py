"""The card of a repository: what the YAML at the head of its ``README.md`` says."""

from __future__ import annotations

import math
import re
from typing import Any, cast

import yaml

from hub_typed.bounded_yaml import BoundedLoader, load

__all__ = ["CardError", "card_data"]

_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


class CardError(ValueError):
    """The head of a README is no YAML object."""


class _Loader(BoundedLoader):
    """YAML as JSON has it: a date stays the text it is."""


_DATE = "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != _DATE]
    for first, resolvers in BoundedLoader.yaml_implicit_resolvers.items()
}


def card_data(readme: str) -> dict[str, Any] | None:
    """What the head of a README says; ``None``, where it has none.

    Raises:
        CardError: It says it in a way that cannot be read.
    """
    found = _FRONT.match(readme)
    if not found:
        return None
    try:
        data = load(found[1], _Loader)
    except yaml.YAMLError as error:
        raise CardError(f"Invalid YAML in the head of README.md: {error}") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError("The head of README.md must be a YAML object")
    return cast("dict[str, Any]", _json(cast("object", data)))


def _json(value: object) -> object:
    """The same as JSON has it: names are texts, and what is no number is null. The loader bounds the depth."""
    if isinstance(value, dict):
        return {str(name): _json(part) for name, part in cast("dict[object, object]", value).items()}
    if isinstance(value, list):
        return [_json(part) for part in cast("list[object]", value)]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
