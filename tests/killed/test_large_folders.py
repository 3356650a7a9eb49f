"""Uploads of large folders, killed at any moment: the next upload does only the rest."""

from __future__ import annotations

import random
import re
import threading
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub

LARGE = {f"weights/{number}.bin": random.Random(number).randbytes(300_000) for number in range(12)}
SMALL = {f"text/{number:02}.txt": f"{number}\n".encode() for number in range(100)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    for name, content in (LARGE | SMALL).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


def stored(hub: LocalHub) -> list[str]:
    """The ids of the large files that were brought to the store, an entry an upload."""
    puts = [one for one in hub.hub.requests if one.operation == "storage.upload" and one.status == 200]
    return [re.findall("[0-9a-f]{64}", one.path)[0] for one in puts]


def commits(hub: LocalHub) -> int:
    return hub.stats.snapshot().requests["commits.create_commit"]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("operation", "nth"),
    [("/_storage/", 5), ("/commit/", 1), ("/commit/", 2)],
    ids=["upload", "first commit", "second commit"],
)
def test_the_next_run_does_only_what_is_left(local_hub, folder, tmp_path, start, until, ended, kind, operation, nth):
    repo_id = f"{local_hub.user}/large"
    arguments = {"repo_id": repo_id, "folder_path": folder, "repo_type": "model", "print_report": False}
    dead, asked = threading.Event(), []

    def hold(incoming) -> None:
        """Hold requests back, from the nth of a kind on, until the program that sent them is dead."""
        if operation in incoming.path:
            asked.append(incoming.path)
            if len(asked) >= nth:
                dead.wait(30)

    local_hub.hub.intercept = hold
    program = start("upload_large_folder", kind=kind, num_workers=2, **arguments)
    until(lambda: len(asked) >= nth)
    program.kill()
    program.communicate()
    with HfApi() as api:
        assert len(api.list_repo_commits(repo_id)) == 1 + commits(local_hub)
    local_hub.hub.intercept = None
    dead.set()  # what was held back is done now, and nobody hears of it

    ended(start("upload_large_folder", kind=kind, **arguments))

    every = stored(local_hub)
    assert len(set(every)) == len(LARGE)
    assert len(every) - len(set(every)) <= 2, "only what was on its way when it was killed went twice"
    with HfApi() as api:
        root = Path(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))
    assert {name: (root / name).read_bytes() for name in LARGE | SMALL} == LARGE | SMALL
    before = commits(local_hub)
    ended(start("upload_large_folder", kind=kind, **arguments))
    assert commits(local_hub) == before
