"""Table of all public names of the official client: here, elsewhere, or not planned."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Final

import hub_typed
from benchmarks.official import interpreter
from documentation.migration import missing_methods, official_surface
from documentation.tables import table

__all__ = ["NAMES_TABLES", "is_here"]

MODULES: Final = (
    *("", "community", "constants", "dataclasses", "errors", "fastai_utils", "file_download", "hf_api"),
    *("hf_file_system", "hub_mixin", "lfs", "repocard", "repocard_data", "serialization", "utils", "utils.logging"),
)
"""Modules without an underscore; that of `utils.tqdm` has no names of its own."""
REASONS: Final[Mapping[str, str]] = {
    r"inference\b|.*\b(Async)?Inference(Client|Timeout|Api|Catalog|Provider)|.*(Input|Output|Parameters)\b|.*(Input|Output)[A-Z]"
    r"|.*TargetSize$|.*BoundingBox$|.*(TextGeneration|Generation|Validation|Overloaded|Unknown)Error$|.*\b(Agent|MCPClient)$"
    r"|.*inference_(catalog|endpoint_from)|.*EarlyStoppingEnum$": "inference clients live elsewhere",
    r".*fastai|.*[Kk]eras|.*PYPROJECT_TEMPLATE|.*README_TEMPLATE": "classes of that framework are its own affair",
    r"cli\b|.*\b(typer_factory|check_cli_update|CLI\w*|ConfirmationError)$|.*SKILLS?_|.*CHECK_FOR|.*UPDATE_CHECK"
    r"|.*(detect_agent|is_agent|AGENT)": "internals of another command line",
    r".*([Oo][Aa]uth|OAUTH|OIDC|OPENID|DeviceCode|DEVICE_CODE)": "OAuth in web applications: not built",
    r".*(set_(async_)?client_factory|CLIENT_FACTORY_T|get_async_session|http_stream_backoff|configure_http_backend"
    r"|reset_sessions)$": "the HTTP library is not a part of this API: use `Settings(...)`, `HfApi(transport=...)`",
    r".*\b(ANSI|StatusLine|select_choice|tabulate|capture_output|run_subprocess|run_interactive_subprocess"
    r"|silent_tqdm|tqdm_stream_file|hf_thread_map|is_tqdm_disabled|installation_method|\w+_credential\w*"
    r"|is_jsonable|\w*simple_optional_type|paginate|parse_datetime|fix_hf_endpoint_in_url|\w*ratelimit\w*|RateLimitInfo"
    r"|\w+_(fastcore|fastapi|aiohttp|graphviz|pydot|tensorboard|hf_transfer)_\w+|get_stored_tokens"
    r"|is_colab_enterprise)$": "a helper of the official client's own code",
    r".*([Ss]hared_blob|SHARED_BLOB)|lfs\.|.*\b(http_get|xet_\w+|\w*[Xx]et[A-Z_]\w*|are_symlinks_supported"
    r"|as_extended_path|get_local_download_paths|\w+_download_metadata|\w+tree_cache\w*|HEADER_FILENAME_PATTERN"
    r"|is_valid_xet_hash)$": "how files are transferred and stored is not a part of this API",
    r".*\b(Repository|HfFolder)$": "removed from huggingface_hub, too",
}
"""Why a name is not planned, by a regular expression of its full name."""
OPEN: Final = "not yet"


@cache
def _theirs() -> Mapping[str, list[str]]:
    script = Path(__file__).parent / "public_names.py"
    command = [str(interpreter()), "-I", str(script), "huggingface_hub", *MODULES]
    found: Mapping[str, list[str]]
    found = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


def is_here(name: str) -> bool:
    """Return whether `hub_typed` has a name at its place, for example ``utils.get_token``."""
    place, _, last = f"hub_typed.{name}".rpartition(".")
    try:
        return hasattr(importlib.import_module(place), last) or bool(importlib.import_module(f"{place}.{last}"))
    except ModuleNotFoundError:
        parent, _, inner = place.rpartition(".")
        return place != "hub_typed" and is_here(place.partition(".")[2]) and _has(parent, inner, last)


def _has(parent: str, inner: str, last: str) -> bool:
    """Whether a class or the like of a module has an attribute."""
    return hasattr(getattr(importlib.import_module(parent), inner), last)


def _reason(name: str) -> str:
    """Return why a name is not planned; empty if nothing says so."""
    return next((why for pattern, why in REASONS.items() if re.match(pattern, name)), "")


def _elsewhere(name: str) -> str:
    """Return where else this library has a name; empty if nowhere."""
    last = name.rpartition(".")[2]
    if hasattr(hub_typed, last):
        return f"`hub_typed.{last}`"
    return missing_methods().get(last, "") if last in official_surface()["methods"] else ""


def _module_table(module: str) -> str:
    groups: dict[str, list[str]] = {}
    for last in _theirs()[module]:
        name = f"{module}.{last}".lstrip(".")
        if is_here(name):
            groups.setdefault("here", []).append(f"`{last}`")
        elif where := _elsewhere(name):
            groups.setdefault("elsewhere", []).append(f"`{last}`: {where}")
        else:
            groups.setdefault(f"not planned: {why}" if (why := _reason(name)) else OPEN, []).append(f"`{last}`")
    order: Sequence[str] = ("here", "elsewhere", OPEN)
    ordered = sorted(groups, key=lambda group: (order.index(group) if group in order else len(order), group))
    return table(("where", "names"), [(group, ", ".join(groups[group])) for group in ordered])


def _all_tables() -> str:
    heads = {module: f"huggingface_hub.{module}".rstrip(".") for module in MODULES}
    return "\n".join(f"## {head}\n\n{_module_table(module)}" for module, head in heads.items())


NAMES_TABLES: Final[Mapping[str, Callable[[], str]]] = {"names": _all_tables}
