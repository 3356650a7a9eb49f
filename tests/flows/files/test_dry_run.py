"""Plans of downloads: `dry_run=True` tells what the same call would do, and changes nothing."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

import pytest

from hub_typed.errors import (
    DryRunError,
    EntryNotFoundError,
    LocalEntryNotFoundError,
    RevisionNotFoundError,
    TransportError,
    UnsafePathError,
)
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.dry_run import DryRunFileInfo
from hub_typed.flows.files.snapshot import snapshot_download

REPO = "org/model"
BIG = b"0123456789abcdef" * (1 << 15)


@pytest.fixture
def commit(hub, large):
    hub.piece = 1 << 16
    return hub.commit({"README.md": b"# A", "a/w.bin": large(BIG), "b/w.bin": large(BIG), "c": b"same", "d": b"same"})


@pytest.fixture(params=["cache", "local_dir"])
def place(request, tmp_path):
    """Arguments of a download into the cache, or into a local folder."""
    return {} if request.param == "cache" else {"local_dir": tmp_path / "here"}


def contents(hub):
    return [asked for asked in hub.asked if asked.startswith("GET") and "/api/" not in asked]


def state(folder: Path):
    """All files below a folder, with their times."""
    return {
        str(path): (os.readlink(path) if path.is_symlink() else path.lstat().st_mtime_ns) for path in folder.rglob("*")
    }


def test_a_plan_of_a_snapshot_has_all_files_and_changes_nothing(run, hub, tmp_path, commit, place):
    plan = run(snapshot_download, REPO, dry_run=True, **place)
    assert type(plan) is list
    assert all(isinstance(file, DryRunFileInfo) for file in plan)
    assert [(file.filename, file.file_size) for file in plan] == [
        ("README.md", 3),
        ("a/w.bin", len(BIG)),
        ("b/w.bin", len(BIG)),
        ("c", 4),
        ("d", 4),
    ]
    assert {(file.commit_hash, file.is_cached, file.will_download) for file in plan} == {(commit, False, True)}
    assert list(tmp_path.iterdir()) == []
    assert contents(hub) == []


def test_a_plan_is_what_the_download_does(run, hub, commit, place):
    plan = run(snapshot_download, REPO, dry_run=True, **place)
    hub.forget()
    folder = Path(run(snapshot_download, REPO, **place))
    of_files = [
        asked for asked in hub.asked if "https://" in asked or (asked in contents(hub) and "w.bin" not in asked)
    ]
    assert sum(file.requests for file in plan) == len(of_files)
    received = 1 if not place else 2  # a blob is shared by two paths
    assert sum(file.bytes_to_download for file in plan) == received * len(BIG) + 3 + 4
    assert [file.local_path for file in plan] == [str(folder / file.filename) for file in plan]
    assert all(Path(file.local_path).stat().st_size == file.file_size for file in plan)


def test_cached_files_are_in_the_plan(run, hub, tmp_path, commit, place):
    run(snapshot_download, REPO, allow_patterns=["README.md", "a/*", "c"], **place)
    before = state(tmp_path)
    plan = run(snapshot_download, REPO, dry_run=True, **place)
    cached = {file.filename: file.is_cached for file in plan}
    by_content = not place  # another path of a blob is only a link
    assert cached == {"README.md": True, "a/w.bin": True, "b/w.bin": by_content, "c": True, "d": by_content}
    assert all(file.will_download is not file.is_cached for file in plan)
    assert [file.requests for file in plan if file.is_cached] == [0] * sum(cached.values())
    assert state(tmp_path) == before


def test_a_whole_download_has_a_plan_of_one_request(run, hub, tmp_path, commit, place):
    run(snapshot_download, REPO, **place)
    before = state(tmp_path)
    hub.forget()
    plan = run(snapshot_download, REPO, dry_run=True, **place)
    assert hub.asked == ["GET /api/models/org/model/revision/main"]
    assert [(file.filename, file.is_cached, file.will_download) for file in plan] == [
        (name, True, False) for name in ("README.md", "a/w.bin", "b/w.bin", "c", "d")
    ]
    assert state(tmp_path) == before


def test_force_downloads_cached_files_again(run, hub, commit, place):
    run(snapshot_download, REPO, **place)
    plan = run(snapshot_download, REPO, dry_run=True, force_download=True, **place)
    assert {(file.is_cached, file.will_download) for file in plan} == {(True, True)}
    hub.forget()
    run(snapshot_download, REPO, force_download=True, **place)
    sent = [asked for asked in contents(hub) if "https://" not in asked]
    assert len(sent) == sum(file.requests for file in plan)


def test_patterns_select_the_files_of_a_plan(run, commit):
    plan = run(snapshot_download, REPO, dry_run=True, allow_patterns="*.bin", ignore_patterns="b/*")
    assert [file.filename for file in plan] == ["a/w.bin"]


@pytest.mark.parametrize("how", ["local_files_only", "offline", "unreachable"])
def test_without_the_hub_a_plan_is_of_the_files_on_disk(run, hub, commit, place, how):
    run(snapshot_download, REPO, **place)
    named = {**place, "local_files_only": True} if how == "local_files_only" else place
    if how == "offline":
        run.set(offline=True)
    if how == "unreachable":
        hub.down = TransportError("no route")
    plan = run(snapshot_download, REPO, dry_run=True, **named)
    assert [(file.commit_hash, file.is_cached, file.will_download) for file in plan] == [(commit, True, False)] * 5
    one = run(hf_hub_download, REPO, "c", dry_run=True, **named)
    assert (one.commit_hash, one.file_size, one.is_cached, one.will_download) == (commit, 4, True, False)


def test_without_the_hub_and_files_there_is_no_plan(run, hub, tmp_path, commit, place):
    run(hf_hub_download, REPO, "c", **place)  # the file, but not the list of all
    for error, flow, arguments in (
        (DryRunError, snapshot_download, ()),
        (LocalEntryNotFoundError, hf_hub_download, ("d",)),
    ):
        with pytest.raises(error, match="local_files_only"):
            run(flow, REPO, *arguments, dry_run=True, local_files_only=True, **place)
    hub.down = TransportError("no route")
    with pytest.raises(DryRunError, match="no route"):
        run(snapshot_download, REPO, dry_run=True, **place)
    with pytest.raises(ValueError, match="force_download"):
        run(snapshot_download, REPO, dry_run=True, force_download=True, local_files_only=True, **place)


def test_a_file_of_an_unknown_commit_has_no_plan_without_the_hub(run, tmp_path, commit):
    (tmp_path / "c").write_bytes(b"mine")
    with pytest.raises(LocalEntryNotFoundError, match="the commit of c is not in"):
        run(hf_hub_download, REPO, "c", dry_run=True, local_files_only=True, local_dir=tmp_path)


def test_a_plan_of_one_file(run, hub, tmp_path, commit, place):
    plan = run(hf_hub_download, REPO, "w.bin", subfolder="a", dry_run=True, **place)
    assert isinstance(plan, DryRunFileInfo)
    assert hub.asked == ["HEAD /org/model/resolve/main/a/w.bin"]
    assert list(tmp_path.iterdir()) == []
    path = run(hf_hub_download, REPO, "a/w.bin", **place)
    assert plan == DryRunFileInfo(
        commit_hash=commit,
        file_size=len(BIG),
        filename="a/w.bin",
        local_path=path,
        is_cached=False,
        will_download=True,
        bytes_to_download=len(BIG),
        requests=2,
    )
    before = state(tmp_path)
    again = run(hf_hub_download, REPO, "a/w.bin", dry_run=True, **place)
    assert again == dataclasses.replace(plan, is_cached=True, will_download=False, bytes_to_download=0, requests=1)
    forced = run(hf_hub_download, REPO, "a/w.bin", dry_run=True, force_download=True, **place)
    assert forced == dataclasses.replace(plan, is_cached=True)
    hub.forget()
    by_commit = run(hf_hub_download, REPO, "a/w.bin", revision=commit, dry_run=True, **place)
    assert (by_commit.is_cached, by_commit.requests, by_commit.local_path, hub.asked) == (True, 0, path, [])
    assert state(tmp_path) == before


def test_another_content_in_a_local_folder_would_be_replaced(run, hub, tmp_path, commit):
    run(snapshot_download, REPO, local_dir=tmp_path / "here")
    (tmp_path / "here" / "c").write_bytes(b"mine")
    os.utime(tmp_path / "here" / "c", (3e9, 3e9))
    hub.commit({"README.md": b"# B", "c": b"same"})
    plan = run(snapshot_download, REPO, local_dir=tmp_path / "here", dry_run=True)
    assert [(file.filename, file.is_cached) for file in plan] == [("README.md", False), ("c", False)]
    assert (tmp_path / "here" / "c").read_bytes() == b"mine"


def test_what_is_missing_on_the_hub_is_not_recorded(run, tmp_path, commit):
    with pytest.raises(EntryNotFoundError):
        run(hf_hub_download, REPO, "no", dry_run=True)
    with pytest.raises(RevisionNotFoundError):
        run(snapshot_download, REPO, revision="no", dry_run=True)
    assert list(tmp_path.iterdir()) == []


def test_a_plan_refuses_unsafe_paths(run, hub):
    hub.commit({"../up": b"x"})
    with pytest.raises(UnsafePathError):
        run(snapshot_download, REPO, dry_run=True)


def test_a_file_without_a_hash_needs_a_request_for_its_metadata(run, hub, commit):
    listed = {"type": "file", "path": "README.md", "oid": "hidden", "size": 3}
    hub.tree = [listed]
    (file,) = run(snapshot_download, REPO, dry_run=True)
    assert (file.is_cached, file.requests, file.bytes_to_download) == (False, 2, 3)


def test_a_plan_reads_like_that_of_the_official_client():
    file = DryRunFileInfo(
        commit_hash="c", file_size=None, filename="f", local_path="/f", is_cached=False, will_download=True
    )
    assert list(vars(file))[:6] == [
        "commit_hash",
        "file_size",
        "filename",
        "local_path",
        "is_cached",
        "will_download",
    ]
    assert dataclasses.asdict(file)["local_path"] == "/f"
