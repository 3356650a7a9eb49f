"""Table of the clients that two generators make of public documents, from the results of `benchmarks.generators`."""

from __future__ import annotations

import json
from typing import Any, Final

from benchmarks.generators import PEER, RESULTS
from documentation.tables import table

__all__ = ["generators_table"]

OURS: Final = "hub-typed"
THEIRS: Final = "openapi-python-client"


def generators_table() -> str:
    """Write a row for each document and generator."""
    results: dict[str, dict[str, Any]] = json.loads(RESULTS.read_text(encoding="utf-8"))
    rows = [
        _row(f"{name} ({found['package']})" if ours else "", generator, found["operations"], found[key])
        for name, found in sorted(results.items(), key=lambda item: item[1]["operations"])
        for ours, generator, key in ((True, OURS, OURS), (False, f"{THEIRS} {PEER}", THEIRS))
    ]
    return table(
        ("document", "generator", "operations", "seconds", "lines", "errors of mypy --strict", "of pyright, strict"),
        rows,
    )


def _row(document: str, generator: str, every: int, found: dict[str, Any]) -> tuple[str, ...]:
    seconds = "more than 900" if found["seconds"] is None else f"{found['seconds']:.0f}"
    errors = ("not measured" if found[checker] is None else f"{found[checker]:,}" for checker in ("mypy", "pyright"))
    return document, generator, f"{found['operations']} of {every}", seconds, f"{found['lines']:,}", *errors
