"""Table of all public names of the official client: here, elsewhere, or not planned."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import hub_typed
from codegen.checks.surface import Difference, is_here, surface_rules
from documentation.migration import missing_methods, official_surface
from documentation.tables import table

__all__ = ["NAMES_TABLES"]

MODULES: Final = (
    *("", "community", "constants", "dataclasses", "errors", "fastai_utils", "file_download", "hf_api"),
    *("hf_file_system", "hub_mixin", "lfs", "repocard", "repocard_data", "serialization", "utils", "utils.logging"),
)
"""The modules that are shown: those without an underscore that other packages import from."""
OPEN: Final = "not yet"


def _reason(name: str) -> str:
    """Return why a name is not planned; empty if nothing says so."""
    difference = Difference(name, "name")
    return next((rule.reason for rule in surface_rules() if rule.fits(difference)), "")


def _elsewhere(name: str) -> str:
    """Return where else this library has a name; empty if nowhere."""
    last = name.rpartition(".")[2]
    if hasattr(hub_typed, last):
        return f"`hub_typed.{last}`"
    return missing_methods().get(last, "") if last in official_surface()["methods"] else ""


def _module_table(module: str) -> str:
    groups: dict[str, list[str]] = {}
    for last in official_surface()["public"][module]:
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
