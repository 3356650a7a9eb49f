"""The card of a repository: what the YAML at the head of its ``README.md`` says, and the tags made from it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, cast

import yaml

from hub_typed.local.store import RepoType

__all__ = ["CardError", "card_data", "tags"]

_FRONT = re.compile(r"\A(?:\ufeff)?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)

# Which tag a member of the card becomes; where the prefix is empty, its values are tags as they are.
_PREFIXES: dict[RepoType, dict[str, str]] = {
    "model": {
        "library_name": "",
        "pipeline_tag": "",
        "tags": "",
        "language": "",
        "datasets": "dataset:",
        "base_model": "base_model:",
        "license": "license:",
    },
    "dataset": {
        "task_categories": "task_categories:",
        "task_ids": "task_ids:",
        "annotations_creators": "annotations_creators:",
        "language_creators": "language_creators:",
        "multilinguality": "multilinguality:",
        "source_datasets": "source_datasets:",
        "language": "language:",
        "license": "license:",
        "size_categories": "size_categories:",
        "tags": "",
    },
    "space": {"sdk": "", "tags": "", "license": "license:"},
}
# Formats that the Hub recognises by the files of a model.
_FORMATS = {".safetensors": "safetensors", ".onnx": "onnx", ".gguf": "gguf"}


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
        data = yaml.load(found[1], _Loader)  # noqa: S506, a safe one
    except yaml.YAMLError as error:
        raise CardError(f"Invalid YAML in the head of README.md: {error}") from error
    if data is None:
        return None
    if not isinstance(data, dict):
        raise CardError("The head of README.md must be a YAML object")
    return {str(name): value for name, value in cast(dict[object, Any], data).items()}


def tags(repo_type: RepoType, card: Mapping[str, Any], files: Iterable[str]) -> list[str]:
    """The tags of a repository, each once."""
    found: dict[str, None] = {}
    for member, prefix in _PREFIXES[repo_type].items():
        value: list[Any] | str | None = card.get(member)
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str | int | float) and not isinstance(item, bool):
                found[f"{prefix}{item}"] = None
    if repo_type == "model":
        names = list(files)
        for suffix, tag in _FORMATS.items():
            if any(name.endswith(suffix) for name in names):
                found[tag] = None
    return [*found, "region:us"]
