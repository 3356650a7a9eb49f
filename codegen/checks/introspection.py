"""Print the public surface of a client library as JSON: ``python introspection.py LIBRARY``.

It runs under the interpreter of either library, and so needs nothing but the standard library.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from types import ModuleType
from typing import Any

__all__ = ["surface"]

_OF_ALL_MODULES = {"TYPE_CHECKING", "CallableT", "R", "T", "annotations", "logger"}


def surface(library: str) -> dict[str, Any]:
    """Collect the surface of a library.

    Returns:
        ``version``; ``methods``: parameters of the methods of ``HfApi``, each with its default as text; ``positional``:
        the parameters of each method that may be given by position; ``names``: names of the root; ``modules``: the
        modules that they come from; ``public``: names of each module without an underscore, that of the root is empty;
        ``errors``: error classes; ``variables``: environment variables.
    """
    module: Any = importlib.import_module(library)
    errors = importlib.import_module(f"{library}.errors")
    found = {name: inspect.getattr_static(module.HfApi, name) for name in dir(module.HfApi) if not name.startswith("_")}
    methods = {name: inspect.signature(method) for name, method in found.items() if callable(method)}
    modules: dict[str, list[str]] = getattr(module, "_SUBMOD_ATTRS", {})
    source = "".join(path.read_text(encoding="utf-8") for path in sorted(Path(module.__file__).parent.rglob("*.py")))
    return {
        "version": getattr(module, "__version__", ""),
        "methods": {name: _parameters(signature) for name, signature in methods.items()},
        "positional": {name: _positional(signature) for name, signature in methods.items()},
        "names": sorted(module.__all__),
        "modules": {name: part for part, names in modules.items() for name in names},
        "public": {name: _names(one) for name, one in _public_modules(module)},
        "errors": sorted(name for name, value in vars(errors).items() if _is_error(value, library)),
        "variables": sorted(set(re.findall(r"""(?:environ\.get|getenv)\(\s*["'](H[FU]\w+)["']""", source))),
    }


def _parameters(signature: inspect.Signature) -> dict[str, str]:
    return {one.name: _default(one.default) for one in list(signature.parameters.values())[1:]}


def _positional(signature: inspect.Signature) -> list[str]:
    parameters = list(signature.parameters.values())[1:]
    return [one.name for one in parameters if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]


def _default(value: object) -> str:
    """Write a default as text; an object that only stands for an argument that is not given counts as ``None``."""
    if value is inspect.Parameter.empty:
        return "required"
    if isinstance(value, Enum):
        value = value.value
    return repr(value if isinstance(value, str | int | float) else None)


def _public_modules(module: Any) -> Iterator[tuple[str, ModuleType]]:
    """Return the modules without an underscore by name; those that need a package that is not there are left out."""
    yield "", module
    prefix = f"{module.__name__}."
    for name in sorted(one.name for one in pkgutil.walk_packages(module.__path__, prefix, lambda _: None)):
        if not any(part.startswith("_") for part in name.split(".")):
            try:
                yield name.removeprefix(prefix), importlib.import_module(name)
            except ImportError:
                continue


def _names(module: ModuleType) -> list[str]:
    """Return the names of a module: those of its ``__all__``, or those that are defined there."""
    members: dict[str, object] = vars(module)
    found: list[str] = getattr(module, "__all__", [])
    found = found or [name for name, value in members.items() if _is_defined_in(module, value)]
    return sorted({name for name in found if not name.startswith("_")} - _OF_ALL_MODULES)


def _is_defined_in(module: ModuleType, value: object) -> bool:
    if inspect.ismodule(value):
        return False
    home = getattr(value, "__module__", None)
    return home == module.__name__ if isinstance(home, str) else True


def _is_error(value: object, library: str) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, Exception)
        and value.__module__.partition(".")[0] in (library, f"{library}_api")
    )


if __name__ == "__main__":
    print(json.dumps(surface(sys.argv[1])))
