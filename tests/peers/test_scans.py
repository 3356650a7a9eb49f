"""Both clients find the same contents in a cache, plan the same deletions, and leave the same files."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from hub_typed import CommitOperationAdd, CommitOperationDelete, HfApi
from hub_typed.local import LocalHub

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


@pytest.fixture
def cache(local_hub: LocalHub, tmp_path: Path) -> Path:
    """A model with three commits, a dataset, and repositories that are damaged, each in its own way."""
    root = tmp_path.resolve() / "cache"
    with HfApi() as api:
        for name, repo_type in (("model", "model"), ("data", "dataset"), ("broken", "model"), ("lost", "model")):
            repo_id = f"{local_hub.user}/{name}"
            api.create_repo(repo_id, repo_type=repo_type)
            files = {"a.txt": b"a" * 1500, "deep/b.txt": b"b" * 40, "same.txt": b"b" * 40, "c.bin": b"\0" * 12_345}
            files["name.txt"] = name.encode()  # else commits of one second might be the same
            operations = [CommitOperationAdd(path, content) for path, content in files.items()]
            api.create_commit(repo_id, operations, commit_message="First", repo_type=repo_type)
            api.snapshot_download(repo_id, repo_type=repo_type, cache_dir=root)
        repo_id = f"{local_hub.user}/model"
        api.create_branch(repo_id, branch="try/this")
        second = [CommitOperationAdd("a.txt", b"new" * 1000), CommitOperationDelete("deep/b.txt")]
        api.create_commit(repo_id, second, commit_message="Second")
        api.snapshot_download(repo_id, cache_dir=root)
        api.snapshot_download(repo_id, revision="try/this", cache_dir=root)
        api.create_commit(repo_id, [CommitOperationAdd("d.txt", b"d")], commit_message="Third", create_pr=True)
        api.hf_hub_download(repo_id, "d.txt", revision="refs/pr/1", cache_dir=root)
    repos = {path.name.rpartition("--")[2]: path for path in root.glob("*--*")}
    (repos["broken"] / "snapshots" / "file").touch()
    (repos["lost"] / "refs" / "gone").write_text("0" * 40)
    shutil.copytree(repos["data"], root / "unknown--owner--name", symlinks=True)
    (root / "models--file").touch()
    (root / "models--owner--nothing" / "refs").mkdir(parents=True)
    (root / ".DS_Store").touch()
    return root


def commits(cache: Path, name: str) -> list[str]:
    (repo,) = cache.glob(f"*--{name}")
    return sorted(path.name for path in (repo / "snapshots").iterdir())


def left(cache: Path) -> set[str]:
    return {path.relative_to(cache).as_posix() for path in cache.rglob("*")}


def test_both_find_the_same_and_plan_the_same(ours, theirs, cache: Path):
    model, data = commits(cache, "model"), commits(cache, "data")
    assert (len(model), len(data)) == (3, 1)
    plans = [
        *model,
        " ".join(model[:2]),
        " ".join(model[1:]),
        " ".join(model),
        data[0],
        f"{data[0]} {model[2]}",
        "0" * 40,
    ]
    found: Any = ours.run("scans.py", str(cache), "", *plans)
    found_by_them = theirs.run("scans.py", str(cache), "", *plans)
    if theirs.version == "0.27.1":
        found_by_them["warnings"] -= 2  # it knows neither CACHEDIR.TAG nor, in that place, .DS_Store
    assert found == found_by_them
    assert found["warnings"] == 5
    assert {tuple(repo["id"]) for repo in found["repos"].values()} == {
        ("model", "local-user/model"),
        ("dataset", "local-user/data"),
    }
    freed = [plan["freed"][0] for plan in found["plans"]]
    assert sum(freed[:3]) < freed[5] == found["repos"][str(cache / "models--local-user--model")]["size"][0]
    assert freed[-1] == 0


@pytest.mark.parametrize("deleted", ["one", "all", "both repositories"])
def test_both_leave_the_same(ours, theirs, cache: Path, tmp_path: Path, deleted: str):
    model, data = commits(cache, "model"), commits(cache, "data")
    going = {"one": model[:1], "all": model, "both repositories": [model[0], *data]}[deleted]
    other = tmp_path / "other"
    shutil.copytree(cache, other, symlinks=True)
    ours.run("scans.py", str(cache), " ".join(going))
    theirs.run("scans.py", str(other), " ".join(going))
    assert left(cache) == left(other)
    after = ours.run("scans.py", str(cache), "")
    assert after["warnings"] == 5
    kept = {commit for repo in after["repos"].values() for commit in repo["revisions"]}
    assert kept == {*model, *data} - set(going)


def test_what_was_deleted_is_fetched_again(ours, theirs, local_hub: LocalHub, cache: Path):
    """And nothing else: what other commits needed was not deleted."""
    second = (cache / "models--local-user--model" / "refs" / "main").read_text()
    ours.run("scans.py", str(cache), second)
    asked = len(local_hub.hub.requests)
    call = {"function": "snapshot_download", "repo_id": f"{local_hub.user}/model", "cache_dir": str(cache)}
    (snapshot,) = theirs.run("downloads.py", json.dumps([call]))
    assert (Path(snapshot) / "a.txt").read_bytes() == b"new" * 1000
    fetched = [one.path for one in list(local_hub.hub.requests)[asked:] if one.operation == "files.resolve_file"]
    assert fetched == [f"/{local_hub.user}/model/resolve/{second}/a.txt"]
