"""The official client and ours run jobs on the embedded Hub, which executes them."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from benchmarks.official import OfficialMissingError, environment, interpreter
from hub_typed.local import LocalHub
from tests.peers.conftest import Side

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client
UV = f"""#!{sys.executable}
import os, sys
words = sys.argv[sys.argv.index("--python") + 2:]
os.execv(sys.executable, [sys.executable, *words])
"""
"""A command ``uv`` that runs a script with this interpreter."""


@pytest.fixture
def hub(tmp_path: Path, monkeypatch):
    commands = tmp_path / "commands"
    commands.mkdir()
    (commands / "uv").write_text(UV)
    (commands / "uv").chmod(0o755)
    monkeypatch.setenv("PATH", str(commands), prepend=":")
    with LocalHub(jobs="subprocess") as made:
        yield made


@pytest.fixture(params=["official", "ours"])
def side(request, hub, repository, tmp_path) -> Side:
    known = environment(hub.endpoint, hub.token, tmp_path / "home", xet=True)
    if request.param == "ours":
        known["PYTHONPATH"] = os.pathsep.join([str(repository), str(repository / "generated")])
        return Side("hub_typed", "", Path(sys.executable), known)
    try:
        return Side("huggingface_hub", "2.4.0", interpreter(), known)
    except OfficialMissingError as error:
        pytest.skip(f"Not tested against the official client: {error}")


def test_a_client_runs_jobs(side, hub, tmp_path):
    told = side.run("jobs.py", str(tmp_path))
    code = "import os; print(os.environ['KEY'], os.environ['HF_TOKEN'])"
    assert told == {
        "run": [
            *("COMPLETED", "python:3.12", ["python", "-c", code], {"KEY": "value"}, "cpu-upgrade"),
            *({"a": "b", "name": "first"}, hub.user, "user", None, None, True),
        ],
        "logs": ["value hf_given"],
        "tail": ["value hf_given"],
        "followed": ["0", "1", "2"],
        "listed": [True],
        "again": ["duplicated-job", "COMPLETED"],
        "status": ["ERROR", "Job failed with exit code: 2"],
        "exposed": [[8000, 8001], [8001]],
        "ports": ["http://127.0.0.1:9000"],
        "metrics": ["cpu_millicores"],
        "labels": {"c": "d"},
        "cancelled": "CANCELED",
        "missing": "JobNotFoundError",
        "hardware": ["cpu-basic", 0],
        "scheduled": ["@hourly", False, True, {"name": "hourly"}],
        "suspended": [True, None],
        "resumed": [False, None],
        "triggered": ["scheduled-job", ["on time"], True],
        "rescheduled": "0 5 * * 1",
        "relabelled": {"e": "f"},
        "scheduled jobs": 1,
        "left": [],
        "uv": ["script ['--x', '1']"],
    }
