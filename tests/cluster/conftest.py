"""A repository, a folder, and pools of processes."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.incoming_request import IncomingRequest
from tests.programs import PATIENCE

LARGE = {f"weights/{number}.bin": random.Random(number).randbytes(200_000) for number in range(8)}
SAME = {"weights/same.bin": LARGE["weights/0.bin"]}
SMALL = {f"text/{number:02}.txt": f"{number}\n".encode() for number in range(30)}
FILES = LARGE | SAME | SMALL


@pytest.fixture
def pool() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as made:
        yield made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few files a batch."""
    monkeypatch.setattr("hub_typed.cluster.batches.BATCH_FILES", 4)


class Held:
    """Holds requests back."""

    def __init__(self, hub: LocalHub) -> None:
        self._hub = hub.hub
        self._released = threading.Event()

    def begin(self, part: str, nth: int) -> list[str]:
        """Hold back requests whose path has a part, from the nth on; return the growing list of their paths."""
        asked: list[str] = []

        def hold(incoming: IncomingRequest) -> None:
            if part in incoming.path:
                asked.append(incoming.path)
                if len(asked) >= nth:
                    self._released.wait(PATIENCE)

        self._hub.intercept = hold
        return asked

    def end(self) -> None:
        """Let all requests pass."""
        self._hub.intercept = None
        self._released.set()


@pytest.fixture
def held(local_hub: LocalHub) -> Iterator[Held]:
    """Holds requests back until the test, or what it tests, has ended."""
    made = Held(local_hub)
    yield made
    made.end()


def stored(hub: LocalHub) -> list[str]:
    """Paths of the uploads to storage that succeeded."""
    return [one.path for one in hub.hub.requests if one.operation == "storage.upload" and one.status == 200]


def commits(hub: LocalHub) -> int:
    return hub.stats.snapshot().requests["commits.create_commit"]


def contents(root: Path) -> dict[str, bytes]:
    """Contents of the files of a folder, by path."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and path.name != ".gitattributes" and ".cache" not in path.relative_to(root).parts
    }
