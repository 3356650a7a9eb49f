"""Many processes on file systems with unreliable locks, one of them stopped: the file is right, no process hangs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local import LocalHub

LARGE = "weights.bin"
CONTENT = random.Random(9).randbytes(2_000_000)
LOCKS = {
    "let everybody in": "lambda *_: None",
    "ENOLCK": "refused",
    "ENOSYS": "refused",
}
PROGRAM = """
import errno, fcntl, json, sys
def refused(*_):
    raise OSError(getattr(errno, sys.argv[1]), "no lock")
if sys.argv[2]:
    fcntl.flock = eval(sys.argv[2])
from hub_typed import HfApi
from hub_typed.flows.files import locking as locks
locks.STALLED = float(sys.argv[3])
print(HfApi().hf_hub_download(**json.loads(sys.argv[4])))
"""


@pytest.fixture
def repo_id(local_hub: LocalHub) -> str:
    made = f"{local_hub.user}/model"
    with HfApi() as api:
        api.create_repo(made)
        api.create_commit(made, [CommitOperationAdd(LARGE, CONTENT)], commit_message="All")
    return made


@pytest.fixture(params=["cache", "local_dir"])
def where(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Path]:
    cache = {"cache_dir": tmp_path / "cache"}
    return cache if request.param == "cache" else {"local_dir": tmp_path / "folder", **cache}


@pytest.fixture
def begin(repository: Path, repo_id: str, where) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that downloads the file."""
    ours = os.pathsep.join([str(repository), str(repository / "generated")])
    running: list[subprocess.Popen[str]] = []

    def process(kind: str = "", flock: str = "", stalled: float = 60) -> subprocess.Popen[str]:
        call = json.dumps({"repo_id": repo_id, "filename": LARGE, **where}, default=str)
        running.append(
            subprocess.Popen(
                [sys.executable, "-P", "-c", PROGRAM, kind, flock, str(stalled), call],
                env=os.environ | {"PYTHONPATH": ours},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield process
    for one in running:
        one.kill()
        one.communicate()


def fetches(hub: LocalHub) -> int:
    return sum(one.operation == "storage.download" for one in hub.hub.requests)


@pytest.mark.parametrize("kind", LOCKS)
def test_eight_processes(local_hub: LocalHub, begin, gate, ended, partials, until, kind):
    most = 8
    gate.close(1_000_000)
    programs = [begin(kind, LOCKS[kind]) for _ in range(most)]
    until(lambda: local_hub.hub.stats.snapshot().requests["files.resolve_head"] == most)
    gate.open()
    (found,) = {ended(program) for program in programs}
    assert Path(found).read_bytes() == CONTENT
    assert 1 <= fetches(local_hub) <= most
    assert partials() == []


def test_who_is_stopped_is_not_waited_for_for_ever(local_hub: LocalHub, begin, gate, ended, partials, until):
    gate.close(1_000_000)
    stopped = begin()
    until(lambda: sum(partials()) > 900_000)
    stopped.send_signal(signal.SIGSTOP)
    try:
        gate.open()
        second = begin(stalled=1)
        assert Path(ended_with_warning(second)).read_bytes() == CONTENT
    finally:
        stopped.send_signal(signal.SIGCONT)
    assert Path(ended(stopped)).read_bytes() == CONTENT
    assert fetches(local_hub) == 2
    assert partials() == []


def ended_with_warning(program: subprocess.Popen[str]) -> str:
    result, complaint = program.communicate(timeout=30)
    assert program.returncode == 0, complaint
    assert "continuing without the lock" in complaint
    return result.strip()
