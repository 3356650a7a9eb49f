"""``python -m codegen.checks.endpoints FILE``: check that the spec has every operation of a list.

The list is a CSV file with the columns ``area``, ``method``, ``path`` and ``operation``. In its paths, the plural of a
type of repositories is ``{repo_type_plural}``, the prefix of its web paths ``{repo_type_prefix}``, and an owner with a
name ``{repo_id}`` or ``{bucket_id}``. Operations on URLs from responses have no path: they are found by name.
"""

from __future__ import annotations

import argparse
import csv
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

from codegen.hub import ROOT
from codegen.spec.document import load
from codegen.spec.operations import Operation
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import Shape, read_schemas

__all__ = ["ALIASES", "faults", "main"]

ALIASES: Final[Mapping[str, str]] = {
    "lfs_upload_single": "lfs_upload",
    "lfs_upload_part": "lfs_upload",
    "lfs_complete_multipart": "lfs_complete",
}
"""Names of the list for operations on URLs from responses, and the operation that sends the same request."""
LEGACY: Final = "legacy"
"""Area of the operations that the Hub keeps for old clients."""
_SPELLINGS: Final = {
    "{repo_type}s": "{}",
    "{repo_type_plural}": "{}",
    "{repo_type_prefix}": "{}/",
    "{bucket_id}": "{}/{}",
}
"""Parts of paths that the list and the spec write differently."""


def faults(rows: Iterable[Mapping[str, str]], operations: Iterable[Operation]) -> Iterator[str]:
    """Return what is wrong with the operations of a list, a line each.

    Args:
        rows: The list, by column.
        operations: The operations of the spec.
    """
    known = list(operations)
    by_path = {(one.method, _shape(one.template)): one for one in known}
    by_name = {one.name: one for one in known}
    for row in rows:
        said = f"{row['method']} {row['path']} ({row['operation']}, area {row['area']})"
        if row["path"].startswith("{") and not row["path"].startswith("{repo_type_prefix}"):
            found = by_name.get(ALIASES.get(row["operation"], row["operation"]))
        else:
            found = by_path.get((row["method"], _shape(row["path"])))
        if found is None:
            yield f"{said}: the spec has no such operation"
        elif found.answer in ("model", "events") and _is_stub(found.shape):
            yield f"{said}: the response of {found.area}.{found.name} has no schema"
        elif row["area"] == LEGACY and not found.deprecated:
            yield f"{said}: {found.area}.{found.name} is not deprecated"


def _shape(path: str) -> str:
    """Return a path without the names of its parameters."""
    for spelling, places in _SPELLINGS.items():
        path = path.replace(spelling, places)
    return re.sub(r"\{\w+\}", "{}", path)


def _is_stub(shape: Shape) -> bool:
    """Whether nothing is said about a response, or about the items of a list."""
    return shape.text == "Any" or (shape.kind == "list" and _is_stub(shape.inner[0]))


def main(arguments: list[str] | None = None) -> int:
    """Check a list; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m codegen.checks.endpoints", description=__doc__)
    parser.add_argument("endpoints", type=Path, help="CSV file with the columns area, method, path, operation")
    parser.add_argument("--spec", type=Path, default=ROOT / "spec", help="folder of the spec")
    options = parser.parse_args(arguments)
    if not options.endpoints.is_file():
        parser.error(f"there is no file {options.endpoints}")
    spec = load(options.spec)
    operations = [one for found in read_operations(spec, read_schemas(spec)).values() for one in found]
    with options.endpoints.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    found = list(faults(rows, operations))
    print("\n".join([*found, f"endpoints: {len(rows)} listed, {len(operations)} in the spec, {len(found)} faults"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
