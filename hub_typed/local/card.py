"""The card of a repository: what the YAML at the head of its ``README.md`` says."""

from __future__ import annotations

import re
from typing import Any, cast

import yaml

__all__ = ["CardError", "card_data"]

_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


class CardError(ValueError):
    """The head of a README is no YAML object."""


class _Loader(yaml.SafeLoader):
    """YAML as JSON has it: a date stays the text it is, and ``no`` is Norwegian, not false."""


_BOOL, _DATE = "tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp"
_TRUE_OR_FALSE = (_BOOL, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"))
_Loader.yaml_implicit_resolvers = {
    first: [*([_TRUE_OR_FALSE] if first in "tTfF" else []), *(one for one in resolvers if one[0] not in (_BOOL, _DATE))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
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
        data = yaml.load(found[1], _Loader)  # noqa: S506  # it is a SafeLoader
    except yaml.YAMLError as error:
        raise CardError(f"Invalid YAML in the head of README.md: {error}") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError("The head of README.md must be a YAML object")
    return {str(name): value for name, value in cast(dict[object, Any], data).items()}
