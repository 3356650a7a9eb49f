"""One cache shared by all clients: each finds the files of the others without a request and writes the same layout."""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed import CommitOperationAdd, CommitOperationDelete, HfApi
from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client

NESTED = "deep/er/späte Datei.txt"
MISSING = "missing/ü %.txt"
LARGE = "weights/model.safetensors"
NAMES = [
    NESTED,
    "README.md",
    "with space.txt",
    "100%.txt",
    "per%2Fcent%20.txt",
    "a#b?c&d=e.txt",
    "plus+minus.txt",
    "日本語/ファイル.txt",
]


@attrs.frozen
class Repo:
    """A repository with a branch whose name has a slash, and a pull request."""

    api: HfApi
    repo_id: str
    repo_type: str

    def make(self) -> None:
        self.api.create_repo(self.repo_id, repo_type=self.repo_type)
        files = {name: f"---\ntitle: {name}\n---\n".encode() for name in NAMES}
        files |= {"empty.txt": b"", LARGE: random.Random(5).randbytes(2_000_000)}
        self.commit(*(CommitOperationAdd(name, content) for name, content in files.items()))
        self.api.create_branch(self.repo_id, repo_type=self.repo_type, branch="try/this")
        self.commit(CommitOperationAdd("proposed.txt", b"proposed\n"), create_pr=True)

    def change(self) -> None:
        self.commit(
            CommitOperationAdd(NESTED, b"other words\n"),
            CommitOperationAdd("new/one.txt", b"new\n"),
            CommitOperationDelete("with space.txt"),
        )

    def commit(self, *operations: CommitOperationAdd | CommitOperationDelete, create_pr: bool = False) -> None:
        self.api.create_commit(
            self.repo_id, operations, repo_type=self.repo_type, commit_message="Change", create_pr=create_pr
        )

    def calls(self, **where: object) -> str:
        """A snapshot, one file of a branch, the snapshot of a pull request, and a file that is not there."""
        here = {"repo_id": self.repo_id, "repo_type": self.repo_type, **where}
        return json.dumps(
            [
                {"function": "snapshot_download", **here},
                {"function": "hf_hub_download", "filename": NESTED, "revision": "try/this", **here},
                {"function": "snapshot_download", "revision": "refs/pr/1", **here},
                {"function": "hf_hub_download", "filename": MISSING, **here},
            ]
        )

    def lookups(self, cache: Path) -> str:
        """What the cache knows of each file, without a request in any case."""
        here = {"function": "try_to_load_from_cache", "repo_id": self.repo_id, "repo_type": self.repo_type}
        return json.dumps(
            [
                {**here, "cache_dir": str(cache), "filename": name, "revision": revision}
                for name in (*NAMES, MISSING, "unknown.txt")
                for revision in ("main", "try/this", "refs/pr/1", "none")
            ]
        )


@pytest.fixture
def repo_type() -> str:
    return "model"


@pytest.fixture
def repo(local_hub: LocalHub, repo_type: str):
    with HfApi() as api:
        made = Repo(api, f"{local_hub.user}/some.thing", repo_type)
        made.make()
        yield made


def files(root: Path, *, tags: bool) -> dict[str, object]:
    """All that lies in a cache or a folder: where links lead to, and the bytes of files.

    Args:
        tags: Whether both clients mark caches and keep lists of the files of commits, which 0.27.1 did not.
    """
    found: dict[str, object] = {}
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        if path.is_symlink():
            found[name] = ("link", os.readlink(path))
        elif path.is_dir() or path.suffix == ".lock":  # without content; which files a client locks is its own affair
            continue
        elif path.name == "CACHEDIR.TAG":  # below the first line each says in words of its own what it is
            found[name] = path.read_bytes().splitlines()[0]
        elif name.startswith(".cache/") and path.suffix == ".metadata":  # the third line is the time
            found[name] = path.read_text().splitlines()[:2]
        else:
            found[name] = path.read_bytes()
    if tags:
        return found
    return {
        name: content
        for name, content in found.items()
        if not name.endswith("CACHEDIR.TAG") and "/trees/" not in f"/{name}"
    }


def below(root: Path, results: list[Any]) -> list[Any]:
    """Results with their paths below a folder; errors by what all their classes are called in the end."""
    return [
        result[0][-len("EntryNotFoundError") :]
        if isinstance(result, list)
        else result and result.removeprefix(str(root))
        for result in results
    ]


@pytest.mark.parametrize(
    ("repo_type", "local_dir"),
    [("model", False), ("dataset", False), ("model", True)],
    ids=["model in cache", "dataset in cache", "model in local_dir"],
)
def test_what_one_has_fetched_the_other_finds(ours, theirs, local_hub: LocalHub, repo: Repo, tmp_path: Path, local_dir):
    def where(root: Path) -> dict[str, object]:
        return {"local_dir": str(root), "cache_dir": f"{root}-cache"} if local_dir else {"cache_dir": str(root)}

    first, second = tmp_path / "first", tmp_path / "second"
    tags = theirs.version != "0.27.1"
    for our_root, their_root in ((first, second), (second, first)):
        if our_root == second:
            repo.change()
        by_us = below(our_root, ours.run("downloads.py", repo.calls(**where(our_root))))
        by_them = below(their_root, theirs.run("downloads.py", repo.calls(**where(their_root))))
        assert by_us == by_them
        assert by_us[-1] == "EntryNotFoundError"
        assert by_us.count("EntryNotFoundError") == 1

        assert files(our_root, tags=tags) == files(their_root, tags=tags)
        assert len(files(our_root, tags=tags)) > len(NAMES)

        asked = len(local_hub.hub.requests)
        offline = {"HF_HUB_OFFLINE": "1"}
        assert below(their_root, ours.run("downloads.py", repo.calls(**where(their_root)), **offline)) == by_us
        assert below(our_root, theirs.run("downloads.py", repo.calls(**where(our_root)), **offline)) == by_us
        assert len(local_hub.hub.requests) == asked


def test_both_know_the_same_of_a_cache(ours, theirs, local_hub: LocalHub, repo: Repo, tmp_path: Path):
    ours.run("downloads.py", repo.calls(cache_dir=str(tmp_path / "cache")))
    asked = len(local_hub.hub.requests)
    known = ours.run("downloads.py", repo.lookups(tmp_path / "cache"))
    assert theirs.run("downloads.py", repo.lookups(tmp_path / "cache")) == known
    assert {type(one) for one in known} == {str, type(None)}
    assert known.count("known not to exist") == 2  # main and the branch are one commit
    assert len(local_hub.hub.requests) == asked


def test_a_commit_that_is_there_is_not_asked_for(sides, local_hub: LocalHub, repo: Repo, tmp_path: Path):
    """Also by those who may ask."""
    here = {"repo_id": repo.repo_id, "repo_type": repo.repo_type, "cache_dir": str(tmp_path / "cache")}
    first, second = sides
    (snapshot,) = first.run("downloads.py", json.dumps([{"function": "snapshot_download", **here}]))
    at_commit = {**here, "revision": Path(snapshot).name}
    asked = len(local_hub.hub.requests)

    one_file = {"function": "hf_hub_download", "filename": NESTED, **at_commit}
    assert second.run("downloads.py", json.dumps([one_file])) == [f"{snapshot}/{NESTED}"]
    assert len(local_hub.hub.requests) == asked

    assert second.run("downloads.py", json.dumps([{"function": "snapshot_download", **at_commit}])) == [snapshot]
    operations = {one.operation for one in list(local_hub.hub.requests)[asked:]}
    if "0.27.1" not in (first.version, second.version):
        assert operations == set()
    elif first.version == "0.27.1":  # it left no list of the files of the commit
        assert operations == {"tree.list_repo_tree"}
    else:  # it looks for no list
        assert operations == {f"{repo.repo_type}s.{repo.repo_type}_info_at_revision"}


def until(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not come about in 30 s")


@pytest.mark.parametrize("local_dir", [False, True], ids=["cache", "local_dir"])
def test_what_one_left_half_done_does_not_harm_the_other(sides, local_hub: LocalHub, tmp_path: Path, local_dir):
    content = random.Random(6).randbytes(13_000_000)
    held = 12_000_000  # 0.27.1 writes 10 MB at a time
    repo_id = f"{local_hub.user}/large"
    with HfApi() as api:
        api.create_repo(repo_id)
        api.upload_file(path_or_fileobj=content, path_in_repo=LARGE, repo_id=repo_id)
    root = tmp_path / "root"
    where = {"local_dir": str(root), "cache_dir": f"{root}-cache"} if local_dir else {"cache_dir": str(root)}
    calls = json.dumps([{"function": "hf_hub_download", "repo_id": repo_id, "filename": LARGE, **where}])
    first, second = sides

    release = threading.Event()
    read = local_hub.hub.lfs.read

    def half(oid: str, start: int, stop: int):
        yield from read(oid, start, held)
        release.wait(60)

    local_hub.hub.lfs.read = half
    with first.start("downloads.py", calls) as killed:
        until(lambda: any(path.stat().st_size for path in root.rglob("*.incomplete")))
        killed.kill()
    release.set()
    local_hub.hub.lfs.read = read

    (found,) = second.run("downloads.py", calls)
    assert Path(found).read_bytes() == content
    asked = len(local_hub.hub.requests)
    assert first.run("downloads.py", calls, HF_HUB_OFFLINE="1") == [found]
    assert len(local_hub.hub.requests) == asked
