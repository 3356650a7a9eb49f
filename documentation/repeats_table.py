"""Table of the operations that are sent again after a failure, and of those that are not, as the spec says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from codegen.spec.document import load
from codegen.spec.operations import Operation
from codegen.spec.read_operations import read_operations
from codegen.spec.schemas import read_schemas
from documentation.tables import table

__all__ = ["repeats_table"]

_SPEC: Final = Path(__file__).parent.parent / "spec"
_READ: Final = ("GET", "HEAD")
_REPLACE: Final = ("PUT", "DELETE")


def repeats_table() -> str:
    """Write a row for each group of operations: how many, whether they are sent again, and why."""
    spec = load(_SPEC)
    found = [one for area in read_operations(spec, read_schemas(spec)).values() for one in area]
    again = [one for one in found if one.retry]
    declared = [one for one in again if one.method not in (*_READ, *_REPLACE)]
    named = [one for one in declared if "unclear" in one.repeated.values()]
    others = [one for one in declared if one not in named]
    groups = [
        ("GET, HEAD", [one for one in again if one.method in _READ], "They change nothing."),
        (
            "PUT, DELETE",
            [one for one in again if one.method in _REPLACE],
            "Twice has the effect of once. A 404 of a repeated DELETE is success.",
        ),
        (
            "creation under a name",
            named,
            f"The Hub refuses a second one (409); the error says that it may be due to the first: {_names(named)}.",
        ),
        ("other POST and PATCH", others, f"They read or check something, or set a value: {_names(others)}."),
    ]
    rows = [(name, str(len(members)), "yes", why) for name, members, why in groups]
    once = len(found) - len(again)
    rows.append(("all others", str(once), "no", "Twice could create, append or start something twice."))
    return table(["requests", "operations", "sent again", "why"], rows)


def _names(operations: list[Operation]) -> str:
    return ", ".join(f"`{one.area}.{one.name}`" for one in operations)
