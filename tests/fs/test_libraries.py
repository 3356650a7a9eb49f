"""Libraries work with the file system: pandas, PyArrow, Polars, DuckDB, zarr, safetensors, universal-pathlib."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, environment, installed
from hub_typed.local import LocalHub

LIBRARIES = ["duckdb", "pandas", "polars", "pyarrow", "safetensors", "universal-pathlib", "zarr"]
OURS = ["attrs", "cattrs", "filelock", "fsspec", "PyYAML", "tqdm", "urllib3"]
"""What this library needs, which is used from its folder."""


@pytest.fixture(scope="module")
def python() -> Path:
    """An interpreter that has the libraries."""
    try:
        return installed("file-systems", *LIBRARIES, *OURS, "numpy")
    except OfficialMissingError as error:
        pytest.skip(f"Not tested with pandas and others: {error}")


@pytest.mark.parametrize("library", ["duckdb", "pandas", "polars", "pyarrow", "safetensors", "upath", "zarr"])
def test_a_library_reads_and_writes_by_the_file_system(
    library: str, python: Path, hub: LocalHub, repo: str, repository: Path, tmp_path: Path
):
    known = environment(hub.endpoint, hub.token, tmp_path)
    known["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
    script = Path(__file__).parent / "libraries.py"
    done = subprocess.run(
        [python, "-P", script, library, repo], env=known, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stderr
