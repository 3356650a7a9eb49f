"""Downloads, uploads and reads by the worker processes of a Dask cluster, some of which are killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, environment, installed
from hub_typed import HfApi
from hub_typed.local import LocalHub
from tests.cluster.conftest import FILES, LARGE, Held, contents, stored

DASK = "2026.8.0"
TABLES = 8
MAKE_TABLES = """
import sys
import numpy as np, pandas as pd
folder, tables = sys.argv[1], int(sys.argv[2])
chance = np.random.default_rng(1)
for number in range(tables):
    rows = np.arange(20_000) + 20_000 * number
    pd.DataFrame({"row": rows, "value": chance.random(20_000)}).to_parquet(f"{folder}/{number}.parquet", index=False)
"""
PATIENCE = 120
"""Seconds after which a program hangs; a cluster begins and ends slowly."""


@pytest.fixture(scope="session")
def python(repository: Path) -> Path:
    """The interpreter that has Dask and what the library needs."""
    needed = tomllib.loads((repository / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    try:
        return installed(f"dask-dataframe-{DASK}", f"dask[dataframe]=={DASK}", f"distributed=={DASK}", *needed)
    except OfficialMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def start(
    python: Path, repository: Path, local_hub: LocalHub, tmp_path: Path
) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a program with a cluster, which makes one call: ``start("snapshot_download", repo_id=...)``."""
    running: list[subprocess.Popen[str]] = []
    known = environment(local_hub.endpoint, local_hub.token, tmp_path / "home")
    known["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])

    def begin(function: str, **arguments: object) -> subprocess.Popen[str]:
        running.append(
            subprocess.Popen(
                [python, "-P", str(Path(__file__).parent / "on_dask.py"), function, json.dumps(arguments, default=str)],
                env=known,
                cwd=tmp_path,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
        )
        return running[-1]

    yield begin
    for one in running:
        kill(one)


def kill(program: subprocess.Popen[str]) -> None:
    """Kill a program with its scheduler and its workers."""
    if program.poll() is None:
        os.killpg(program.pid, signal.SIGKILL)
    program.communicate()


def workers(program: subprocess.Popen[str]) -> list[int]:
    assert program.stdout is not None
    found: list[int] = json.loads(program.stdout.readline())
    return found


def result(program: subprocess.Popen[str]) -> tuple[object, str]:
    """What a program printed at last, and its complaints."""
    printed, complaints = program.communicate(timeout=PATIENCE)
    assert program.returncode == 0, complaints
    return json.loads(printed.splitlines()[-1]), complaints


def test_a_cache_is_filled_while_a_worker_is_killed(
    local_hub: LocalHub, hub_repo, start, held: Held, until, tmp_path: Path
):
    repo_id = hub_repo(FILES).repo_id
    asked = held.begin("/_storage/", 3)
    program = start("snapshot_download", repo_id=repo_id, cache_dir=tmp_path / "cache")
    pids = workers(program)
    until(lambda: len(asked) >= 3)
    os.kill(pids[0], signal.SIGKILL)
    held.end()
    root, complaints = result(program)
    assert contents(Path(str(root))) == FILES
    assert local_hub.token not in complaints


def test_each_file_is_committed_once_while_a_worker_is_killed(
    local_hub: LocalHub, start, folder: Path, held: Held, until, tmp_path: Path
):
    repo_id = f"{local_hub.user}/large"
    asked = held.begin("/_storage/", 3)
    program = start("upload_folder", repo_id=repo_id, folder_path=folder, repo_type="model")
    pids = workers(program)
    until(lambda: len(asked) >= 3)
    os.kill(pids[0], signal.SIGKILL)
    held.end()
    result(program)
    check_uploaded(local_hub, repo_id, tmp_path)


@pytest.mark.parametrize("operation", ["/_storage/", "/commit/"])
def test_after_a_killed_scheduler_another_run_does_the_rest(
    local_hub: LocalHub, start, folder: Path, held: Held, until, tmp_path: Path, operation: str
):
    repo_id = f"{local_hub.user}/large"
    arguments = {"repo_id": repo_id, "folder_path": folder, "repo_type": "model"}
    asked = held.begin(operation, 1)
    program = start("upload_folder", **arguments)
    workers(program)
    until(lambda: asked)
    kill(program)
    held.end()
    result(start("upload_folder", **arguments))
    check_uploaded(local_hub, repo_id, tmp_path)


def test_tables_are_read_while_a_worker_is_killed(
    local_hub: LocalHub, hub_repo, python: Path, start, held: Held, until, tmp_path: Path
):
    folder = tmp_path / "tables"
    folder.mkdir()
    subprocess.run([python, "-c", MAKE_TABLES, folder, str(TABLES)], check=True)
    repo = hub_repo({f"data/{path.name}": path for path in folder.iterdir()}, repo_type="dataset")
    program = start("read_tables", path=f"datasets/{repo.repo_id}/data", folder=folder)
    pids = workers(program)
    asked = held.begin("/_storage/", TABLES // 2)
    print(file=program.stdin, flush=True)
    until(lambda: len(asked) >= TABLES // 2)
    os.kill(pids[0], signal.SIGKILL)
    held.end()
    same, complaints = result(program)
    assert same
    assert local_hub.token not in complaints


def check_uploaded(hub: LocalHub, repo_id: str, folder: Path) -> None:
    """Every byte is there, each content was stored, and no commit was made twice."""
    with HfApi() as api:
        assert contents(Path(api.snapshot_download(repo_id, cache_dir=folder / "cache"))) == FILES
        titles = [commit.title for commit in api.list_repo_commits(repo_id)]
    assert len(titles) == 2, titles
    assert len(set(stored(hub))) == len(LARGE)
