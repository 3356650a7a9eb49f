"""From samples to the table and the file."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

import attrs

from benchmarks.stage import Sample

__all__ = ["Row", "machine", "table"]

HEAD: Final = (
    "",
    "ours",
    "theirs",
    "ours / theirs",
    "spread",
    "CPU, ours",
    "CPU, theirs",
    "MiB, ours",
    "MiB, theirs",
    "requests, ours",
    "requests, theirs",
    "MB of xorbs, ours",
    "MB of xorbs, theirs",
)
"""Columns of the table; those without any value are left out."""


VALUES: Final = ("seconds", "cpu", "memory", "hub_cpu", "requests", "received", "xorb_bytes")


@attrs.frozen
class Row:
    """One row of the table.

    Attributes:
        samples: All runs, by the name of the side.
    """

    name: str
    what: str
    samples: dict[str, list[Sample]]

    def middle(self, side: str, value: str) -> float | None:
        """The median of one value of one side."""
        found = [getattr(sample, value) for sample in self.samples.get(side, [])]
        return None if None in found or not found else median(found)

    @property
    def ratio(self) -> float | None:
        """Our time divided by theirs."""
        ours, theirs = self.middle("ours", "seconds"), self.middle("theirs", "seconds")
        return ours / theirs if ours and theirs else None

    @property
    def spread(self) -> tuple[float, float] | None:
        """The least and the largest ratio of two runs that followed each other."""
        ours, theirs = self.samples.get("ours", []), self.samples.get("theirs", [])
        ratios = [one.seconds / other.seconds for one, other in zip(ours, theirs, strict=False)]
        return (min(ratios), max(ratios)) if ratios else None

    def as_json(self) -> dict[str, Any]:
        """The row for the file: medians, and what they come from."""
        return {
            "name": self.name,
            "what": self.what,
            "ratio": self.ratio,
            "spread": self.spread,
            **{
                side: {
                    **{value: self.middle(side, value) for value in VALUES},
                    "samples": [attrs.asdict(sample) for sample in samples],
                }
                for side, samples in self.samples.items()
            },
        }


def table(rows: Sequence[Row]) -> str:
    """The rows in Markdown, in columns."""
    filled = [_cells(row) for row in rows]
    shown = [number for number in range(len(HEAD)) if any(line[number] for line in filled)]
    cells = [[line[number] for number in shown] for line in (HEAD, *filled)]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(_line(line, widths) for line in (cells[0], rule, *cells[1:]))


def _cells(row: Row) -> tuple[str, ...]:
    sides = ("ours", "theirs")
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    spread = "" if row.spread is None else "{:.2f}-{:.2f}".format(*row.spread)
    times = [_time(row.middle(side, "seconds")) for side in sides]
    cpu = [_time(row.middle(side, "cpu")) for side in sides]
    counts = [_count(row.middle(side, value)) for value in ("memory", "requests") for side in sides]
    xorbs = [_megabytes(row.middle(side, "xorb_bytes")) for side in sides]
    return row.what, *times, ratio, spread, *cpu, *counts, *xorbs


def _time(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.2f} s"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}"


def _megabytes(value: float | None) -> str:
    return "" if not value else f"{value / 1e6:,.1f}"


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "| " + " | ".join([cells[0].ljust(widths[0]), *(map(str.rjust, cells[1:], widths[1:]))]) + " |"


def machine(*, is_in_memory: bool) -> dict[str, Any]:
    """What the numbers depend on beside the clients.

    Args:
        is_in_memory: Whether sources, caches and the Hub's data were in memory.
    """
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "load": os.getloadavg()[0],
        "scratch": "in memory" if is_in_memory else "on a disk",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
