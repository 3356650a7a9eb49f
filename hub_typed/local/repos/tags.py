"""Tags of a repository, derived from its card and its files."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, cast

from hub_typed.local.cards.identifiers import TASKS
from hub_typed.local.repos.architectures import class_task
from hub_typed.local.repos.store import RepoType
from hub_typed_api.models import Tag

__all__ = ["RELATIONS", "BaseModels", "base_models_of", "group_tags", "library_of", "tags", "task_of"]

_LIBRARIES = {
    "modules.json": "sentence-transformers",
    "model_index.json": "diffusers",
    "adapter_config.json": "peft",
}
"""Library by the presence of a file."""

_FORMATS: dict[RepoType, tuple[tuple[str, str], ...]] = {
    "model": (
        (r"pytorch_model.*\.bin|.*\.pth?", "pytorch"),
        (r"tf_model.*\.h5", "tf"),
        (r"flax_model.*\.msgpack", "jax"),
        (r"rust_model\.ot", "rust"),
        (r".*\.tflite", "tflite"),
        (r".*\.mlmodel|.*\.mlpackage/.*", "coreml"),
        (r".*\.onnx", "onnx"),
        (r".*\.safetensors", "safetensors"),
        (r".*\.gguf", "gguf"),
        (r"openvino_model.*\.xml", "openvino"),
    ),
    "dataset": (
        (r".*\.parquet", "format:parquet"),
        (r".*\.csv", "format:csv"),
        (r".*\.jsonl?", "format:json"),
        (r".*\.txt", "format:text"),
        (r".*\.arrow", "format:arrow"),
        (r".*\.tar", "format:webdataset"),
    ),
    "space": (),
    "kernel": (),
}
"""Tag of a format or library by the names of files."""

_MEMBERS: dict[RepoType, dict[str, tuple[str, str]]] = {
    "model": {
        "tags": ("", "other"),
        "language": ("", "language"),
        "datasets": ("dataset:", "dataset"),
        "license": ("license:", "license"),
    },
    "dataset": {
        "task_categories": ("task_categories:", "task_categories"),
        "task_ids": ("task_ids:", "task_ids"),
        "annotations_creators": ("annotations_creators:", "annotations_creators"),
        "language_creators": ("language_creators:", "language_creators"),
        "multilinguality": ("multilinguality:", "multilinguality"),
        "source_datasets": ("source_datasets:", "source_datasets"),
        "language": ("language:", "language"),
        "license": ("license:", "license"),
        "size_categories": ("size_categories:", "size_categories"),
        "benchmark": ("benchmark:", "benchmark"),
        "tags": ("", "other"),
    },
    "space": {"sdk": ("", "sdk"), "tags": ("", "other"), "license": ("license:", "license")},
    "kernel": {"tags": ("", "other"), "license": ("license:", "license")},
}
"""Prefix and category of the tags that a member of a card becomes."""

RELATIONS = ("adapter", "finetune", "merge", "quantized")
"""How a model can be made from another."""
_MAX_TAGS = 1000
"""Maximum number of tags of a repository."""
_MAX_TAG_LENGTH = 1000
"""Maximum number of characters of a tag."""
_KINDS = re.compile(r"(arxiv|doi|region|benchmark|dataset|license|base_model|format|deploy|bucket):.")
_PAPER = re.compile(r"arxiv\.org/(?:abs|pdf)/(\d{4}\.\d{4,5})")


class BaseModels(NamedTuple):
    """The models that a model was made from, and how."""

    relation: str
    names: tuple[str, ...]


def tags(
    repo_type: RepoType, card: Mapping[str, Any], files: Collection[str], readme: str, config: Mapping[str, Any]
) -> dict[str, str]:
    """Return the tags of a repository with their categories.

    Args:
        card: Front matter of its README.
        files: Paths of its files.
        readme: Text of its README.
        config: Members of its ``config.json``.
    """
    found: dict[str, str] = {}

    def add(tag: str | None, kind: str) -> None:
        if tag and len(tag) <= _MAX_TAG_LENGTH and len(found) < _MAX_TAGS:
            named = _KINDS.match(tag)
            found.setdefault(tag, named[1] if named and kind == "other" else kind)

    if repo_type == "model":
        add(library_of(card, files, config), "library")
    for pattern, tag in _FORMATS[repo_type]:
        if any(re.fullmatch(pattern, path.rpartition("/")[2] if "/" not in pattern else path) for path in files):
            add(tag, "format" if repo_type == "dataset" else "library")
    if repo_type == "model":
        add(_text(config.get("model_type")), "other")
        add(class_task(config), "pipeline_tag")
        add(task_of(card, config), "pipeline_tag")
    for member, (prefix, kind) in _MEMBERS[repo_type].items():
        for value in _values(card.get(member)):
            add(prefix + value, "pipeline_tag" if repo_type == "model" and not prefix and value in TASKS else kind)
    for paper in _PAPER.findall(readme):
        add(f"arxiv:{paper}", "arxiv")
    if repo_type == "model":
        base = base_models_of(card, files) or BaseModels("", ())
        for prefix in ("base_model:", f"base_model:{base.relation}:"):
            for name in base.names:
                add(prefix + name, "base_model")
        pipeline = config.get("diffusers", {}).get("_class_name")
        add(f"diffusers:{pipeline}" if pipeline else None, "other")
        add("conversational" if config.get("tokenizer_config", {}).get("chat_template") else None, "other")
        add("custom_code" if config.get("auto_map") else None, "other")
        add("model-index" if card.get("model-index") else None, "other")
        add("co2_eq_emissions" if card.get("co2_eq_emissions") else None, "other")
    add("region:us", "region")
    return found


def group_tags(kinds: Mapping[str, str], category: str | None) -> dict[str, list[Tag]]:
    """Group tags by category, sorted; if a category is given, return only this one."""
    groups: dict[str, list[Tag]] = {category: []} if category else {}
    for tag, kind in sorted(kinds.items()):
        if category in (None, kind):
            label = TASKS.get(tag, tag.removeprefix(f"{kind}:"))
            groups.setdefault(kind, []).append(Tag(id=tag, label=label, type=kind))
    return groups


def library_of(card: Mapping[str, Any], files: Collection[str], config: Mapping[str, Any]) -> str | None:
    """Return the library of a model, from its card or its files."""
    declared = _text(card.get("library_name"))
    if declared:
        return declared
    for name, library in _LIBRARIES.items():
        if name in files:
            return library
    return "transformers" if "model_type" in config or "architectures" in config else None


def task_of(card: Mapping[str, Any], config: Mapping[str, Any]) -> str | None:
    """Return the task of a model, from its card, its tags or its class."""
    declared = _text(card.get("pipeline_tag")) or next((tag for tag in _values(card.get("tags")) if tag in TASKS), None)
    return declared or class_task(config)


def base_models_of(card: Mapping[str, Any], files: Collection[str]) -> BaseModels | None:
    """Return the base models that a card names; ``None`` if it names none."""
    names = tuple(dict.fromkeys(name for name in _values(card.get("base_model")) if name))[:_MAX_TAGS]
    if not names:
        return None
    relation = _text(card.get("base_model_relation"))
    if relation is None:
        adapted, quantized = "adapter_config.json" in files, any(path.endswith(".gguf") for path in files)
        relation = "merge" if len(names) > 1 else "adapter" if adapted else "quantized" if quantized else "finetune"
    return BaseModels(relation, names)


def _values(value: Sequence[object] | object) -> Iterator[str]:
    """Yield the texts and numbers of a member, which may be a list, as texts."""
    for item in cast("list[object]", value) if isinstance(value, list) else [value]:
        if isinstance(item, str | int | float) and not isinstance(item, bool):
            yield str(item)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
