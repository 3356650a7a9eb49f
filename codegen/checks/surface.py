"""``python -m codegen.checks.surface PYTHON``: compare the public surface with that of a release of the reference.

PYTHON is an interpreter that has the release. Compared are the methods of ``HfApi`` with their parameters, defaults and
what may be given by position, and the names of the package and of its modules without an underscore. Names that only
this library has are no differences. Intended differences are listed with reasons in
``codegen/surface_differences.yaml``; rules that explain nothing are errors, as unexplained differences are.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import attrs

from codegen.checks.introspection import surface
from codegen.checks.rules import Rule, RuleError, explain, read_rules
from codegen.hub import LIBRARY, ROOT
from codegen.spec.document import load
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import read_schemas
from codegen.write.functions import FlowModule

__all__ = ["Difference", "compare", "is_here", "main", "surface_of", "surface_rules"]

RULES: Final = ROOT / "codegen" / "surface_differences.yaml"
REFERENCE: Final = "huggingface_hub"
OURS: Final = LIBRARY.name
_FUNCTIONS: Final = ("", "hf_api")
"""Modules that have the methods of ``HfApi`` as functions."""
_TOLD: Final = {
    "method": "there is no such method",
    "name": "there is no such name",
    "parameter": "the method takes no such parameter, whose default is {theirs}",
    "default": "the default is {ours} here and {theirs} there",
    "position": "it is given by position there, as number {theirs}, and here {ours}",
}
"""The kinds of differences, and how each is told."""
Surface = Mapping[str, Any]


@attrs.frozen(order=True)
class Difference:
    """A difference from the reference.

    Attributes:
        name: ``HfApi.whoami``, ``HfApi.whoami.token``; ``HfUri`` of the package, ``utils.tqdm`` of a module.
        kind: One of ``_TOLD``.
        ours: The value here, as text.
        theirs: The value in the reference.
        change: What to change where.
    """

    name: str
    kind: str
    ours: str = ""
    theirs: str = ""
    change: str = attrs.field(default="", eq=False)

    def __str__(self) -> str:
        """Format it as one line."""
        told = f"{self.name}: {_TOLD[self.kind].format(ours=self.ours, theirs=self.theirs)}"
        return f"{told}: {self.change}" if self.change else told


WORDS: Final = ("name", "kind", "ours", "theirs")
"""What a rule may speak of."""


@cache
def surface_of(python: Path) -> Surface:
    """Return the surface of the reference that an interpreter has."""
    script = Path(__file__).parent / "introspection.py"
    command = [str(python), "-I", str(script), REFERENCE]
    found: Surface = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found


@cache
def surface_rules() -> list[Rule]:
    """Return the rules for intended differences."""
    return read_rules(RULES, WORDS)


def is_here(name: str) -> bool:
    """Return whether this library has a name at its place, for example ``utils.get_token``."""
    place, _, last = f"{OURS}.{name}".rpartition(".")
    try:
        return hasattr(importlib.import_module(place), last) or bool(importlib.import_module(f"{place}.{last}"))
    except ModuleNotFoundError:
        parent, _, inner = place.rpartition(".")
        return place != OURS and is_here(place.partition(".")[2]) and _has(parent, inner, last)


def _has(parent: str, inner: str, last: str) -> bool:
    """Whether a class or the like of a module has an attribute."""
    return hasattr(getattr(importlib.import_module(parent), inner), last)


def compare(theirs: Surface, ours: Surface, has: Callable[[str], bool] = is_here) -> list[Difference]:
    """Compare two surfaces.

    Args:
        theirs: The surface of the reference.
        ours: The surface of this library.
        has: Whether this library has a name.
    """
    return sorted([*_methods(theirs, ours), *_names(theirs, has)])


def _methods(theirs: Surface, ours: Surface) -> Iterator[Difference]:
    for method, parameters in theirs["methods"].items():
        name = f"HfApi.{method}"
        known = ours["methods"].get(method)
        if known is None:
            yield Difference(name, "method")
            continue
        for one, default in parameters.items():
            if one.startswith("_"):
                continue
            if one not in known:
                yield Difference(f"{name}.{one}", "parameter", theirs=default)
            elif known[one] != default:
                yield Difference(f"{name}.{one}", "default", known[one], default)
        here: list[str] = ours["positional"][method]
        for number, one in enumerate(theirs["positional"][method]):
            if one in known and here[number : number + 1] != [one]:
                place = f"as number {here.index(one) + 1}" if one in here else "by keyword only"
                yield Difference(f"{name}.{one}", "position", place, str(number + 1))


def _names(theirs: Surface, has: Callable[[str], bool]) -> Iterator[Difference]:
    for module, names in theirs["public"].items():
        for name in names:
            full = f"{module}.{name}".lstrip(".")
            if not (module in _FUNCTIONS and name in theirs["methods"]) and not has(full):
                yield Difference(full, "name")


@attrs.frozen
class _Sources:
    """Where names of this library come from.

    Attributes:
        operations: The file of each operation.
        methods: The file of each method.
    """

    operations: Mapping[str, str]
    methods: Mapping[str, str]

    @classmethod
    def read(cls) -> _Sources:
        """Read the spec and the flows."""
        spec = load(ROOT / "spec")
        operations = [one for found in read_operations(spec, read_schemas(spec)).values() for one in found]
        files = {one.name: f"spec/{one.area}.yaml" for one in operations}
        methods = {one.name: files[one.name] for one in operations if one.exposed}
        for path in sorted((LIBRARY / "flows").rglob("*.py")):
            methods |= dict.fromkeys(FlowModule(path, LIBRARY).flows, str(path.relative_to(ROOT)))
        return cls(files, methods)

    def change(self, difference: Difference) -> str:
        """Return what to change for a difference, and where."""
        if difference.kind == "name":
            module, _, name = difference.name.rpartition(".")
            place = f"list it under `{module or OURS}` in codegen/places.yaml"
            return place if module and is_here(name) else f"define it, and {place}"
        name = difference.name.split(".")[1]
        if difference.kind != "method":
            return f"change it in {self.methods.get(name, 'the client')}"
        if name in self.operations:
            return f"`expose` the operation in {self.operations[name]}, or write a flow that sends it"
        return "write a flow in hub_typed/flows/, after an operation in spec/ if it needs a new one"


def main(arguments: list[str] | None = None) -> int:
    """Compare with a release of the reference; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen.checks.surface", description=__doc__)
    parser.add_argument("python", type=Path, help="interpreter that has the release")
    parser.add_argument("--rules", type=Path, default=RULES, help="what differs on purpose, and why")
    parser.add_argument("--explained", action="store_true", help="print what is explained, too, by reason")
    options = parser.parse_args(arguments)
    try:
        rules = read_rules(options.rules, WORDS)
    except RuleError as error:
        print(error, file=sys.stderr)
        return 2
    theirs = surface_of(options.python.absolute())
    found = explain(compare(theirs, surface(OURS)), rules)
    sources = _Sources.read() if found.unexplained else None
    found = attrs.evolve(
        found, unexplained=[attrs.evolve(one, change=sources.change(one)) for one in found.unexplained if sources]
    )
    counts = f"{sum(map(len, found.explained.values()))} explained, {len(found.unexplained)} unexplained"
    total = f"surface-diff: {len(theirs['methods'])} methods of {REFERENCE} {theirs['version']}: {counts}"
    print("\n".join([*(found.told() if options.explained else ()), *found.faults(), total]))
    return found.status


if __name__ == "__main__":
    sys.exit(main())
