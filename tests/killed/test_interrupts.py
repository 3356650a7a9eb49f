"""Ctrl-C during long work: the program ends soon and quietly, and the next run finishes the work."""

from __future__ import annotations

import random
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub

SOON = 2
"""Seconds."""

FILES = {f"weights/{number}.safetensors": random.Random(number).randbytes(600_000) for number in range(6)}
FILES |= {f"text/{number}.txt": f"{number}\n".encode() for number in range(20)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


@pytest.fixture
def repo_id(local_hub: LocalHub) -> str:
    made = f"{local_hub.user}/model"
    with HfApi() as api:
        api.create_repo(made)
    return made


@pytest.fixture(params=["sync", "async"])
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


def interrupted(program, kind: str) -> None:
    """Press Ctrl-C, and see that nothing more is said than that."""
    at = time.monotonic()
    program.send_signal(signal.SIGINT)
    printed, complaint = program.communicate(timeout=30)
    took = time.monotonic() - at
    assert program.returncode == -signal.SIGINT, complaint
    assert took < SOON, complaint
    assert printed == ""
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"
    assert complaint.count("Traceback") == (2 if kind == "async" else 1), complaint  # asyncio.run tells both its ends
    for noise in ("Exception in thread", "Exception ignored", "never retrieved", "Warning"):
        assert noise not in complaint


def downloaded(root: Path) -> dict[str, bytes]:
    return {name: (root / name).read_bytes() for name in FILES}


def test_a_snapshot_is_interrupted(
    local_hub: LocalHub, repo_id, folder, kind, tmp_path, start, gate, partials, until, ended
):
    with HfApi() as api:
        api.upload_folder(repo_id=repo_id, folder_path=folder)
    gate.close(300_000)
    program = start("snapshot_download", kind=kind, repo_id=repo_id, cache_dir=tmp_path / "cache")
    until(lambda: sum(size >= 290_000 for size in partials()) > 2)
    interrupted(program, kind)
    gate.open()

    root = Path(ended(start("snapshot_download", kind=kind, repo_id=repo_id, cache_dir=tmp_path / "cache")))
    assert downloaded(root) == FILES


@pytest.fixture
def hold(local_hub: LocalHub) -> Iterator[Callable[[str], list[str]]]:
    """Holds back the answers to requests whose path has this in it, until the test ends; gives those held back."""
    released = threading.Event()

    def those(part: str) -> list[str]:
        held: list[str] = []

        def answer(incoming) -> None:
            if part in incoming.path:
                held.append(incoming.path)
                released.wait(30)

        local_hub.hub.intercept = answer
        return held

    yield those
    local_hub.hub.intercept = None
    released.set()


@pytest.mark.parametrize(("part", "most"), [("/_storage/", 3), ("/commit/", 1)], ids=["sending", "committing"])
def test_an_upload_is_interrupted(
    local_hub: LocalHub, repo_id, folder, kind, part, most, tmp_path, start, hold, until, ended
):
    held = hold(part)
    program = start("upload_folder", kind=kind, repo_id=repo_id, folder_path=folder, commit_message="The folder")
    until(lambda: len(held) >= most)
    interrupted(program, kind)
    local_hub.hub.intercept = None

    ended(start("upload_folder", kind=kind, repo_id=repo_id, folder_path=folder, commit_message="The folder"))

    with HfApi() as api:
        assert downloaded(Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))) == FILES
        assert [one.title for one in api.list_repo_commits(repo_id)].count("The folder") == 1
