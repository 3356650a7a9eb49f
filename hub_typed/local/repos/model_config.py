"""Configuration of a model: the parts of its JSON files that infos contain. The files are untrusted input."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from typing import Any, cast

__all__ = ["mask_token_of", "model_config", "read_config"]

_MAX_ITEMS = 1000
_MAX_LENGTH = 1000
"""Maximum number of characters of a name."""
_MAX_TEMPLATE = 1 << 16
"""Maximum number of characters of a chat template."""
_SPECIAL_TOKENS = ("bos_token", "eos_token", "unk_token", "pad_token", "sep_token", "cls_token", "mask_token")
_TOKEN_OPTIONS = ("lstrip", "normalized", "rstrip", "single_word")
_MASK_TOKENS = {
    "[MASK]": (
        *("albert", "bert", "big_bird", "convbert", "deberta", "deberta-v2", "distilbert", "electra", "funnel"),
        *("mobilebert", "modernbert", "rembert", "roformer", "squeezebert"),
    ),
    "<mask>": (
        *("bart", "camembert", "data2vec-text", "ibert", "led", "longformer", "mpnet", "mvp", "roberta"),
        *("xlm-roberta", "xlm-roberta-xl", "xlnet"),
    ),
}
"""Mask token by model type, for models whose tokenizer does not name it."""


def model_config(paths: Collection[str], read: Callable[[str], str]) -> dict[str, Any]:
    """Return the configuration of a model.

    Args:
        paths: Paths of its files.
        read: Returns the text of a file.
    """
    config = read_config(read("config.json")) if "config.json" in paths else {}
    if "tokenizer_config.json" in paths:
        config["tokenizer_config"] = _tokenizer(_members(read("tokenizer_config.json")))
    if "model_index.json" in paths:
        name = _name(_members(read("model_index.json")).get("_class_name"))
        if name is not None:
            config["diffusers"] = {"_class_name": name}
    if "adapter_config.json" in paths:
        adapter = _members(read("adapter_config.json"))
        config["peft"] = _names(adapter, ("base_model_name_or_path", "task_type"))
    return config


def read_config(text: str) -> dict[str, Any]:
    """Return the valid members of a ``config.json`` that infos contain."""
    members = _members(text)
    found: dict[str, Any] = {}
    architectures = members.get("architectures")
    if isinstance(architectures, list):
        names = (_name(one) for one in cast("list[object]", architectures)[:_MAX_ITEMS])
        found["architectures"] = [name for name in names if name is not None]
    model_type = _name(members.get("model_type"))
    if model_type is not None:
        found["model_type"] = model_type
    classes = members.get("auto_map")
    if isinstance(classes, dict):
        named = cast("dict[str, object]", classes)
        found["auto_map"] = _names(named, [name for name in named if name.isascii()])
    return found


def mask_token_of(config: Mapping[str, Any]) -> str | None:
    """Return the mask token of a model that fills masks: the one that its tokenizer names, or that of its type.

    Tokenizers of other models name one, too, which the Hub does not show.
    """
    model_type = config.get("model_type")
    of_type = next((mask for mask, types in _MASK_TOKENS.items() if model_type in types), None)
    fills_masks = any(name.endswith("ForMaskedLM") for name in config.get("architectures", ()))
    if model_type is not None and of_type is None and not fills_masks:
        return None
    token: object = config.get("tokenizer_config", {}).get("mask_token")
    if isinstance(token, dict):  # a token with options
        token = cast("dict[str, object]", token).get("content")
    return token if isinstance(token, str) else of_type


def _tokenizer(members: Mapping[str, object]) -> dict[str, Any]:
    """Return the special tokens of a tokenizer, and its chat template."""
    found: dict[str, Any] = {}
    for name in _SPECIAL_TOKENS:
        token = members.get(name)
        if isinstance(token, dict):  # a token with options
            options = cast("dict[str, object]", token)
            token = _names(options, ("__type", "content")) | {
                key: options[key] for key in _TOKEN_OPTIONS if isinstance(options.get(key), bool)
            }
        elif token is not None:
            token = _name(token)
        if token is not None or (name in members and members[name] is None):
            found[name] = token
    template = members.get("chat_template")
    if isinstance(template, str) and len(template) <= _MAX_TEMPLATE:
        found["chat_template"] = template
    return found


def _members(text: str) -> dict[str, object]:
    """Return the members of a JSON object; none if the text is no JSON object."""
    try:
        value: object = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def _names(members: Mapping[str, object], wanted: Collection[str]) -> dict[str, str]:
    found = ((name, _name(members.get(name))) for name in list(wanted)[:_MAX_ITEMS] if len(name) <= _MAX_LENGTH)
    return {name: value for name, value in found if value is not None}


def _name(value: object) -> str | None:
    """Return a short text; ``None`` for anything else."""
    if not isinstance(value, str) or len(value) > _MAX_LENGTH:
        return None
    return value if value.isascii() else value.encode("utf-8", "replace").decode()  # a lone surrogate
