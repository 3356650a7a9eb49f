"""``python -m benchmarks``: measure both clients, write the numbers, print the table."""

from __future__ import annotations

import argparse
import compileall
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attrs

from benchmarks import official
from benchmarks.measurements import MEASUREMENTS
from benchmarks.report import Row, machine, table
from benchmarks.stage import OURS, Measurement, Sample, Scale, Side, Stage
from benchmarks.static_hub import is_available
from hub_typed.version import version

__all__: list[str] = []

REPOSITORY = Path(__file__).parent.parent
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made there
ROOM = 6 << 30
HISTORY = REPOSITORY / "docs" / "benchmarks"
QUICK = Scale(entries=10_000, files=100, many=300, download=96, medium=20, upload=32, tables=8)


def main() -> None:
    """Measure what was asked for."""
    options = _options()
    sides = OURS, Side("theirs", "huggingface_hub", official.interpreter())
    for package in ("hub_typed", "generated/hub_typed_api"):  # as pip has done for the official client
        compileall.compile_dir(REPOSITORY / package, quiet=1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hub-typed-bench-", dir=options.scratch or _memory()) as scratch:
        stage = Stage(Path(scratch), QUICK if options.quick else Scale())
        about = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "clients": {"ours": f"hub-typed {version()}", "theirs": f"huggingface_hub {official.VERSION}"},
            "scale": attrs.asdict(stage.scale),
            "machine": machine(is_in_memory=stage.scratch.is_relative_to(IN_MEMORY)),
        }
        for measurement in MEASUREMENTS:
            if options.only and not {measurement.name, measurement.group} & set(options.only):
                continue
            if measurement.is_static and not is_available():
                print(f"{measurement.name}: left out, since nginx is not installed", file=sys.stderr)
            else:
                print(f"{measurement.name} ...", file=sys.stderr)
                rows += _rows(
                    measurement, stage, sides, min(measurement.runs, 3) if options.quick else measurement.runs
                )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    report = {**about, "rows": [row.as_json() for row in rows]}
    options.output.write_text(json.dumps(report, indent=1), encoding="utf-8")
    if options.record:
        _record(report, rows)
    print(table(rows))


def _record(report: dict[str, Any], rows: Sequence[Row]) -> None:
    """Add the numbers to the history, by commit, and draw the chart."""
    from benchmarks.chart import draw

    git = ["git", "-C", str(REPOSITORY), "rev-parse", "--short=10", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=True).stdout.strip()
    HISTORY.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"commit": commit, **report}, indent=1)
    (HISTORY / f"{report['date'][:10]}-{commit}.json").write_text(text + "\n", encoding="utf-8")
    draw(rows, f"{report['clients']['ours']} and {report['clients']['theirs']}", HISTORY)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure us against the official client.")
    names = [*(one.name for one in MEASUREMENTS), *sorted({one.group for one in MEASUREMENTS if one.group})]
    parser.add_argument("--only", action="append", choices=names, help="measurement or group; may be repeated")
    parser.add_argument("--quick", action="store_true", help="less of everything, three runs: to see that it works")
    parser.add_argument("--scratch", type=Path, help="folder to work in; by default in memory, if there is room")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"), help="file for all the numbers")
    parser.add_argument("--record", action="store_true", help="add to the history and draw the chart")
    return parser.parse_args()


def _rows(measurement: Measurement, stage: Stage, sides: tuple[Side, ...], runs: int) -> list[Row]:
    """All runs of a measurement; the sides take turns, and so does who comes first."""
    taking_part = sides[:1] if measurement.bare else sides
    samples: dict[str, dict[str, list[Sample]]] = {name: {} for name in measurement.rows}
    with measurement.prepared(stage) as once:
        for number in range(runs):
            for side in taking_part if number % 2 == 0 else reversed(taking_part):
                for name, sample in once(side).items():
                    samples[name].setdefault(side.name, []).append(sample)
    scale = attrs.asdict(stage.scale)
    return [Row(name, what.format(**scale), samples[name]) for name, what in measurement.rows.items()]


def _memory() -> Path | None:
    """A file system in memory with room for the largest measurement, if there is one."""
    return IN_MEMORY if IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free > ROOM else None


if __name__ == "__main__":
    main()
