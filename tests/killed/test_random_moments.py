"""Uploads that are killed at random moments, again and again: little is sent twice, and all is there once."""

from __future__ import annotations

import os
import random
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub

PART = 64 << 10
PARTS = 5
LARGE = 20
SMALL = 2000
KILLS = int(os.environ.get("HUB_TYPED_KILLS", "4"))
SEED = os.environ.get("HUB_TYPED_KILLS_SEED", "1")
KINDS = ("sync", "async")
TITLE = "All files"
NO_LFS = os.environ | {"GIT_LFS_SKIP_SMUDGE": "1", "GIT_CONFIG_NOSYSTEM": "1"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    for number in range(LARGE):
        write(root / "weights" / f"{number}.bin", b"\0" + random.Random(number).randbytes(PARTS * PART - 2 - number))
    for number in range(SMALL):
        write(root / "text" / f"{number % 20}" / f"{number}.txt", b"%d\n" % number)
    return root


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (1, 1))


def files_of(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and not {".cache", ".git", ".gitattributes"} & {*path.parts}
    }


class Runs:
    """The parts that each of several runs sent.

    Attributes:
        parts: Path and received bytes of each part, by run.
    """

    def __init__(self, hub: LocalHub) -> None:
        self._hub = hub
        self.parts: list[list[tuple[str, int]]] = [[]]

    def look(self) -> int:
        """Return the number of parts of the current run."""
        seen = sum(map(len, self.parts[:-1]))
        sent = [one for one in self._hub.hub.requests.copy() if one.operation == "storage.upload_part"]
        self.parts[-1] = [(one.path, one.received) for one in sent[seen:]]
        return len(self.parts[-1])

    def sent_again(self) -> list[Counter[str]]:
        """Return how many bytes of each file each run sent that were sent again later."""
        found: list[Counter[str]] = []
        later: set[str] = set()
        for run in reversed(self.parts):
            again: Counter[str] = Counter()
            for path, received in reversed(run):
                if path in later:
                    again[path.rpartition("/")[0]] += received
                later.add(path)
            found.append(again)
        return found[::-1]


@pytest.mark.parametrize("function", ["upload_folder", "upload_large_folder"])
def test_a_folder_is_uploaded_in_spite_of_kills(local_hub: LocalHub, folder: Path, tmp_path: Path, start, function):
    chance = random.Random(SEED)
    local_hub.hub.lfs.part_size = PART
    repo = f"{local_hub.user}/model"
    words = {"commit_message": TITLE} if function == "upload_folder" else {"repo_type": "model", "print_report": False}
    words |= {"repo_id": repo, "folder_path": folder}
    with HfApi() as api:
        api.create_repo(repo)
    runs = Runs(local_hub)
    for number in range(KILLS):
        program = start(function, kind=KINDS[number % 2], **words)
        while_sending = number < KILLS * 2 // 3
        parts = chance.randint(1, 2 * LARGE * PARTS // KILLS) if while_sending else LARGE * PARTS + 1
        end = time.monotonic() + (20 if while_sending else chance.uniform(0.3, 2))
        while program.poll() is None and runs.look() < parts and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        program.kill()
        program.communicate()
        time.sleep(0.05)  # the Hub notices
        runs.look()
        runs.parts.append([])
    last = start(function, kind=KINDS[KILLS % 2], **words)
    _, complaint = last.communicate(timeout=60)
    assert last.returncode == 0, complaint

    runs.look()
    again = runs.sent_again()
    for number, files in enumerate(again):
        sent = f"{len(runs.parts[number])} parts, {sum(files.values()):,} bytes of {len(files)} files in vain"
        print(f"{function}, seed {SEED}, run {number}: {sent}")
    assert all(lost <= PART for files in again for lost in files.values()), "more than one part of an open file"
    with HfApi() as api:
        there = Path(api.snapshot_download(repo, local_dir=tmp_path / "there"))
        titles = [one.title for one in api.list_repo_commits(repo)]
    assert files_of(there) == files_of(folder)
    if function == "upload_folder":
        assert titles.count(TITLE) == 1
    check_git(local_hub, repo, tmp_path)


def check_git(hub: LocalHub, repo: str, tmp_path: Path) -> None:
    """Check that a repository is sound, and that git reads it."""
    path = hub.hub.store.find("model", repo).path
    checked = subprocess.run(["git", "fsck", "--strict"], cwd=path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", f"{hub.endpoint}/{repo}", clone], env=NO_LFS, check=True)
    cloned = files_of(clone)
    assert len(cloned) == LARGE + SMALL
    assert cloned["text/3/3.txt"] == b"3\n"
    assert cloned["weights/3.bin"].startswith(b"version https://git-lfs")
