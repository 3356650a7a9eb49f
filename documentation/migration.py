"""Tables of all names that differ between the official client and this one."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final

import hub_typed
from benchmarks.official import interpreter
from codegen.checks.introspection import surface
from codegen.checks.surface import surface_of
from documentation.settings_tables import variables_of
from documentation.tables import table
from hub_typed.auth.tokens import TOKEN_VARIABLES
from hub_typed.xet.configuration import HIGH_PERFORMANCE
from hub_typed_api import operations

__all__ = ["MIGRATION_TABLES", "missing_methods", "official_surface"]

_OPERATIONS: Final = {
    "fetch_space_logs": "spaces.stream_space_logs",
}
"""Operations of another name than the method."""
_STREAMED: Final = "stream_"
_HEADS: Final = {
    "hf_api": "methods as functions, their results",
    "inference._generated.types": "inference: types",
    "inference._client": "inference: client",
    "inference._generated._async_client": "inference: client",
    "inference._mcp.agent": "inference: agents",
    "inference._mcp.mcp_client": "inference: agents",
    "_buckets": "buckets",
    "_commit_api": "commits",
    "_eval_results": "cards",
    "_inference_endpoints": "Inference Endpoints",
    "_jobs_api": "jobs",
    "_oauth": "OAuth in web applications",
    "_revision": "downloads",
    "_sandbox": "sandboxes",
    "_snapshot_download": "downloads",
    "_space_api": "Spaces",
    "_tensorboard_logger": "TensorBoard",
    "_webhooks_payload": "webhooks",
    "_webhooks_server": "webhooks: server",
    "cli._cli_utils": "command line",
    "community": "discussions",
    "constants": "constants",
    "fastai_utils": "model classes of frameworks",
    "file_download": "downloads",
    "hf_file_system": "fsspec",
    "hub_mixin": "model classes of frameworks",
    "repocard": "cards",
    "repocard_data": "cards",
    "serialization": "files of PyTorch weights",
    "serialization._dduf": "DDUF files",
    "utils": "HTTP sessions, cache, safetensors, other helpers",
}
"""What the modules of the official client are for."""


def official_surface() -> Mapping[str, Any]:
    """Return the surface of the official client."""
    return surface_of(interpreter())


@cache
def _ours() -> Mapping[str, Any]:
    return surface("hub_typed")


def missing_methods() -> dict[str, str]:
    """Return what is in the place of each method that this client does not have."""
    known = {
        name: f"{area.name}.{name}"
        for area in pkgutil.iter_modules(operations.__path__)
        for name in importlib.import_module(f"{operations.__name__}.{area.name}").__all__
    } | _OPERATIONS
    missing = sorted(set(official_surface()["methods"]) - set(_ours()["methods"]))
    return {name: _operation(known.get(name)) for name in missing}


def _missing_methods_table() -> str:
    return table(("method", "in its place"), [(f"`{name}`", place) for name, place in missing_methods().items()])


def _operation(name: str | None) -> str:
    if name is None:
        return "none"
    call = "stream" if name.partition(".")[2].startswith(_STREAMED) else "call"
    return f"`api.{call}(operations.{name}(...))`"


def _added_methods() -> str:
    added = sorted(set(_ours()["methods"]) - set(official_surface()["methods"]))
    return f"{_code(added)}\n"


def _parameters() -> str:
    rows: list[tuple[str, ...]] = []
    for name in sorted(set(official_surface()["methods"]) & set(_ours()["methods"])):
        theirs, ours = official_surface()["methods"][name], _ours()["methods"][name]
        missing = sorted(one for one in set(theirs) - set(ours) if not one.startswith("_"))
        added = sorted(set(ours) - set(theirs))
        other = [one for one in ours if one in theirs and ours[one] != theirs[one]]
        if missing or added or other:
            defaults = ", ".join(f"`{one}={ours[one]}` (`{theirs[one]}`)" for one in other)
            rows.append((f"`{name}`", _code(missing), _code(added), defaults))
    return table(("method", "not accepted", "accepted besides", "other default (theirs)"), rows)


def _missing_names() -> str:
    missing = set(official_surface()["names"]) - set(_ours()["names"]) - set(official_surface()["methods"])
    groups: dict[str, list[str]] = {}
    for name in sorted(missing):
        if not name.startswith("_") and not hasattr(hub_typed, name):
            groups.setdefault(_HEADS[official_surface()["modules"][name]], []).append(name)
    return table(("subject", "names"), [(head, _code(names)) for head, names in sorted(groups.items())])


def _errors() -> str:
    missing = sorted(set(official_surface()["errors"]) - set(_ours()["errors"]))
    added = sorted(set(_ours()["errors"]) - set(official_surface()["errors"]))
    return table(("", "classes"), [("only in `huggingface_hub.errors`", _code(missing)), ("only here", _code(added))])


def _variables() -> str:
    ours = {*variables_of(), *TOKEN_VARIABLES, *HIGH_PERFORMANCE}
    missing = [name for name in official_surface()["variables"] if name not in ours]
    added = sorted(
        name for name in ours if name.startswith(("HF_", "HUB_")) and name not in official_surface()["variables"]
    )
    return table(
        ("", "variables"), [("read by the official client only", _code(missing)), ("read here only", _code(added))]
    )


def _code(names: list[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


MIGRATION_TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "missing-methods": _missing_methods_table,
    "added-methods": _added_methods,
    "parameters": _parameters,
    "missing-names": _missing_names,
    "error-names": _errors,
    "variable-names": _variables,
}
