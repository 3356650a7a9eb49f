"""Programs that make one call, in a process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import pytest

from hub_typed.local import LocalHub

Program: TypeAlias = "subprocess.Popen[str]"

PATIENCE = 30
"""Seconds after which a program, or what a test waits for, hangs."""


@pytest.fixture
def start(local_hub: LocalHub, repository: Path) -> Iterator[Callable[..., Program]]:
    """Starts a program that makes one call: ``start("snapshot_download", repo_id=...)``."""
    ours = os.pathsep.join([str(repository), str(repository / "generated")])
    running: list[Program] = []

    def begin(function: str, *, kind: Literal["sync", "async"] = "sync", **arguments: object) -> Program:
        command = [sys.executable, "-P", str(Path(__file__).parent / "killed" / "call.py"), kind, function]
        running.append(
            subprocess.Popen(
                [*command, json.dumps(arguments, default=str)],
                env=os.environ | {"PYTHONPATH": ours},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        )
        return running[-1]

    yield begin
    for one in running:
        one.kill()
        one.communicate()


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Waits for a condition."""

    def wait(condition: Callable[[], object]) -> None:
        end = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < end, f"it did not come about in {PATIENCE} s"
            time.sleep(0.005)

    return wait
