"""``python -m benchmarks``: measure both clients, write the numbers, print the table."""

from __future__ import annotations

import argparse
import compileall
import json
import shutil
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import attrs

from benchmarks import official
from benchmarks.measurements import MEASUREMENTS, Measurement, Sample, Scale, Side, Stage
from benchmarks.report import Row, machine, table
from hub_typed.version import version

__all__: list[str] = []

REPOSITORY = Path(__file__).parent.parent
IN_MEMORY = Path("/dev/shm")  # noqa: S108  # a folder of our own is made there
ROOM = 6 << 30
QUICK = Scale(files=100, download=64, upload=32)


def main() -> None:
    """Measure what was asked for."""
    options = _options()
    sides = (
        Side("ours", "hub_typed", Path(sys.executable)),
        Side("theirs", "huggingface_hub", official.interpreter()),
    )
    for package in ("hub_typed", "generated/hub_typed_api"):  # as pip has done for the official client
        compileall.compile_dir(REPOSITORY / package, quiet=1)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="hub-typed-bench-", dir=options.scratch or _memory()) as scratch:
        stage = Stage(Path(scratch), QUICK if options.quick else Scale())
        about = {
            "date": datetime.now(UTC).isoformat(timespec="seconds"),
            "clients": {"ours": f"hub-typed {version()}", "theirs": f"huggingface_hub {official.VERSION}"},
            "scale": attrs.asdict(stage.scale),
            "machine": machine(stage.scratch),
        }
        for measurement in MEASUREMENTS:
            if not options.only or measurement.name in options.only:
                print(f"{measurement.name} ...", file=sys.stderr)
                rows += _rows(
                    measurement, stage, sides, min(measurement.runs, 3) if options.quick else measurement.runs
                )
    options.output.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**about, "rows": [row.as_json() for row in rows]}, indent=1)
    options.output.write_text(text, encoding="utf-8")
    print(table(rows))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure us against the official client.")
    parser.add_argument("--only", action="append", choices=[one.name for one in MEASUREMENTS], help="may be repeated")
    parser.add_argument("--quick", action="store_true", help="less of everything, three runs: to see that it works")
    parser.add_argument("--scratch", type=Path, help="folder to work in; by default in memory, if there is room")
    parser.add_argument("--output", type=Path, default=Path("build/bench.json"), help="file for all the numbers")
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
