"""Material of the cases: files, a virtual clock, and programs that run in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_typed.http.async_io import AsyncIo
from hub_typed.http.thread_io import ThreadIo


class Clock:
    """A clock that sleeps advance at once.

    Attributes:
        slept: Seconds of each sleep.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return time.time() + sum(self.slept)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of all clients, which never really sleep."""
    made = Clock()

    async def sleep(io: object, seconds: float) -> None:
        made.slept.append(seconds)

    for kind in (ThreadIo, AsyncIo):
        monkeypatch.setattr(kind, "sleep", sleep)
        monkeypatch.setattr(kind, "now", lambda io: made.now())
    return made


@pytest.fixture
def program(repository: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start a program that makes one call: ``program("sync", hub, "upload_folder", repo_id=...)``."""
    packages = os.pathsep.join([str(repository), str(repository / "generated")])
    running: list[subprocess.Popen[str]] = []

    def start(kind, hub, function, **arguments):
        command = [sys.executable, "-P", str(repository / "tests" / "killed" / "call.py"), kind, function]
        running.append(
            subprocess.Popen(
                [*command, json.dumps(arguments, default=str)],
                env=os.environ | {"PYTHONPATH": packages, "HF_ENDPOINT": hub.endpoint, "HF_TOKEN": hub.token},
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield start
    for one in running:
        one.kill()
        one.communicate()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition."""

    def wait(condition):
        end = time.monotonic() + 30
        while not condition():
            assert time.monotonic() < end, "it did not come about in 30 s"
            time.sleep(0.005)

    return wait
