"""Print the public names of a library by module as JSON: ``python public_names.py LIBRARY MODULE...``.

It runs under the interpreter of either library, and so needs nothing but the standard library.
"""

from __future__ import annotations

import importlib
import inspect
import json
import sys
from types import ModuleType

__all__ = ["public_names"]

_OF_ALL_MODULES = {"TYPE_CHECKING", "CallableT", "R", "T", "annotations", "logger"}


def public_names(library: str, modules: list[str]) -> dict[str, list[str]]:
    """Collect the names of each module: those of its ``__all__``, or those that are defined there.

    Args:
        library: Name of the package.
        modules: Names of modules below it; empty for the package itself.
    """
    return {name: _names(importlib.import_module(f"{library}.{name}".rstrip("."))) for name in modules}


def _names(module: ModuleType) -> list[str]:
    members: dict[str, object] = vars(module)
    found: list[str] = getattr(module, "__all__", [])
    found = found or [name for name, value in members.items() if _is_defined_in(module, value)]
    return sorted({name for name in found if not name.startswith("_")} - _OF_ALL_MODULES)


def _is_defined_in(module: ModuleType, value: object) -> bool:
    if inspect.ismodule(value):
        return False
    home = getattr(value, "__module__", None)
    return home == module.__name__ if isinstance(home, str) else True


if __name__ == "__main__":
    print(json.dumps(public_names(sys.argv[1], sys.argv[2:])))
