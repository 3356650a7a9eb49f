"""Print the public surface of a client library as JSON: ``python surface.py LIBRARY``.

It runs under the interpreter of either library, and so needs nothing but the standard library.
"""

from __future__ import annotations

import importlib
import inspect
import json
import re
import sys
from enum import Enum
from pathlib import Path
from typing import Any

__all__ = ["surface"]


def surface(library: str) -> dict[str, Any]:
    """Collect the methods of ``HfApi`` with their parameters, the names of the root, error classes and variables.

    A parameter is given with its default as text.
    """
    module: Any = importlib.import_module(library)
    errors = importlib.import_module(f"{library}.errors")
    found = {name: inspect.getattr_static(module.HfApi, name) for name in dir(module.HfApi) if not name.startswith("_")}
    modules: dict[str, list[str]] = getattr(module, "_SUBMOD_ATTRS", {})
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(module.__file__).parent.rglob("*.py")))
    return {
        "methods": {name: _parameters(method) for name, method in found.items() if callable(method)},
        "names": sorted(module.__all__),
        "modules": {name: part for part, names in modules.items() for name in names},
        "errors": sorted(name for name, value in vars(errors).items() if _is_error(value, library)),
        "variables": sorted(set(re.findall(r"""(?:environ\.get|getenv)\(\s*["'](H[FU]\w+)["']""", source))),
    }


def _parameters(method: Any) -> dict[str, str]:
    parameters = list(inspect.signature(method).parameters.values())[1:]
    return {one.name: _default(one.default) for one in parameters}


def _default(value: object) -> str:
    """Write a default as text; an object that only stands for an argument that is not given counts as ``None``."""
    if value is inspect.Parameter.empty:
        return "required"
    if isinstance(value, Enum):
        value = value.value
    return repr(value if isinstance(value, str | int | float) else None)


def _is_error(value: object, library: str) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, Exception)
        and value.__module__.partition(".")[0] in (library, f"{library}_api")
    )


if __name__ == "__main__":
    print(json.dumps(surface(sys.argv[1])))
