"""Measurements of the file system ``hf://``, of a Hub at a distance whose files are in a storage."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import attrs

from benchmarks.distance import at_a_distance
from benchmarks.official import VERSION, installed
from benchmarks.stage import Measurement, Once, Sample, Side, Stage
from benchmarks.static_hub import StaticHub

__all__ = ["FILE_SYSTEMS"]

REPOSITORY: Final = Path(__file__).parent.parent
LIBRARY: Final = os.pathsep.join([str(REPOSITORY), str(REPOSITORY / "generated")])
PACKAGES: Final = ("attrs", "cattrs", "filelock", "fsspec", "pyarrow", "PyYAML", "tqdm", "urllib3")
"""PyArrow, and what this library needs, which is used from its folder."""
MAKE: Final = """
import sys
import numpy as np, pyarrow as pa, pyarrow.parquet as pq
folder, files, size = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
chance = np.random.default_rng(1)
for number in range(files):
    columns = {name: chance.random(size // 8 // 8) for name in "abcdefgh"}
    pq.write_table(pa.table(columns), f"{folder}/{number:03}.parquet", compression="none", use_dictionary=False)
"""


def _interpreter() -> Path:
    """An interpreter with PyArrow and the official client."""
    return installed(f"file-system-{VERSION}", f"huggingface_hub=={VERSION}", "numpy", *PACKAGES)


@contextmanager
def _tables(stage: Stage) -> Generator[Path, None, None]:
    """A folder of Parquet files."""
    files, size = stage.scale.tables, (stage.scale.download << 20) // stage.scale.tables
    with stage.folder("source") as source:
        subprocess.run([_interpreter(), "-c", MAKE, source, str(files), str(size)], check=True)
        yield source


@contextmanager
def _reading(stage: Stage) -> Generator[Once, None, None]:
    with (
        _tables(stage) as source,
        stage.folder("hub") as root,
        StaticHub(root, {"linked": source}) as hub,
        at_a_distance(hub.port) as endpoint,
    ):

        def sample(side: Side, task: str, *arguments: str) -> Sample:
            library = LIBRARY if side.package == "hub_typed" else ""
            other = attrs.evolve(side, interpreter=_interpreter())
            return stage.sample(other, hub, task, library, "bench/linked", *arguments, endpoint=endpoint)

        yield lambda side: {
            "fs-tables": sample(side, "read_tables"),
            "fs-tables-one-ahead": sample(side, "read_tables", "1"),
            "fs-random": sample(side, "read_randomly"),
        }


@contextmanager
def _reading_locally(stage: Stage) -> Generator[Once, None, None]:
    with _tables(stage) as source, stage.folder("hub") as root, StaticHub(root, {}) as hub:

        def sample(side: Side, *arguments: str) -> Sample:
            other = attrs.evolve(side, interpreter=_interpreter())
            return stage.sample(other, hub, "read_local_tables", source, *arguments)

        yield lambda side: {"fs-local": sample(side), "fs-local-one-ahead": sample(side, "1")}


FILE_SYSTEMS: Final = (
    Measurement(
        "tables",
        3,
        {
            "fs-tables": "{tables} Parquet files of {download:,} MiB by PyArrow, hf://, 40 ms away",
            "fs-tables-one-ahead": "the same, PyArrow reads one file and batch ahead",
            "fs-random": "20 reads of 100 KiB of each, one after the other",
        },
        _reading,
        group="fs",
        is_static=True,
    ),
    Measurement(
        "local-tables",
        3,
        {
            "fs-local": "the {tables} Parquet files on the local disk, PyArrow alone",
            "fs-local-one-ahead": "the same, one file and batch ahead",
        },
        _reading_locally,
        group="fs",
        bare=True,
        is_static=True,
    ),
)
