"""Processes that are killed halfway, against a Hub that holds their requests where a test chooses."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
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
        command = [sys.executable, "-P", str(Path(__file__).parent / "call.py"), kind, function]
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


@pytest.fixture
def partials(tmp_path: Path) -> Callable[[], list[int]]:
    """Gives the bytes of each file that is there in part."""

    def sizes() -> list[int]:
        found: list[int] = []
        for path in tmp_path.rglob("*.incomplete"):
            with suppress(FileNotFoundError):  # it was completed just now
                found.append(path.stat().st_size)
        return found

    return sizes


class Gate:
    """Holds back what large files have after so many bytes, until it is opened."""

    def __init__(self, hub: LocalHub) -> None:
        self.position = 0
        self._opened = threading.Event()
        self._opened.set()
        self._read = hub.hub.lfs.read
        hub.hub.lfs.read = self._pieces

    def close(self, position: int) -> None:
        """From now on, give no byte from this one on."""
        self.position = position
        self._opened.clear()

    def open(self) -> None:
        """Give everything."""
        self._opened.set()

    def _pieces(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        if not self._opened.is_set():
            held = min(max(start, self.position), stop)
            yield from self._read(oid, start, held)
            self._opened.wait(PATIENCE)
            start = held
        yield from self._read(oid, start, stop)


@pytest.fixture
def gate(local_hub: LocalHub) -> Iterator[Gate]:
    """Stands before the Hub's large files, open."""
    made = Gate(local_hub)
    yield made
    made.open()


@pytest.fixture
def ended() -> Callable[[Program], str]:
    """Gives what a program printed, which must come to a good end."""

    def printed(program: Program) -> str:
        result, complaint = program.communicate(timeout=PATIENCE)
        assert program.returncode == 0, complaint
        assert complaint == ""
        return result.removesuffix("\n")

    return printed
