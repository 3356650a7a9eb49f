"""Snapshots of many small files."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from hub_typed.disk.folders import Folder
from hub_typed.disk.lock_files import LockFile
from hub_typed.disk.owners import end_owner, new_owner
from hub_typed.errors import DiskError, HfHubHTTPError, TransportError
from hub_typed.flows.files import cache_writer, local_dir_writer, small_files
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.small_files import MAX_SMALL_SIZE
from hub_typed.flows.files.snapshot import snapshot_download

from .conftest import World, git_id

REPO = "org/model"
REPO_FOLDER = "models--org--model"
FILES = {f"folder-{number % 3}/file-{number}.txt": b"content %d" % number for number in range(12)}


@pytest.fixture
def commit(hub):
    return hub.commit(FILES)


@pytest.fixture(params=["cache", "local"])
def where(request, tmp_path):
    """Arguments for both kinds of destination."""
    return {} if request.param == "cache" else {"local_dir": tmp_path / "mine"}


def files(folder):
    root = Path(folder)
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".cache" not in path.parts
    }


def resolved(hub):
    return [asked.rpartition("/resolve/")[2].partition("/")[2] for asked in hub.asked if "/resolve/" in asked]


def test_each_file_is_requested_once(run, hub, commit, where):
    assert files(run(snapshot_download, REPO, **where)) == FILES
    assert sorted(resolved(hub)) == sorted(FILES)


def test_a_size_at_the_limit_takes_the_usual_path(run, hub, where):
    contents = {"below": b"a" * (MAX_SMALL_SIZE - 1), "at": b"b" * MAX_SMALL_SIZE, "empty": b""}
    hub.piece = 1 << 16
    hub.commit(contents)
    assert files(run(snapshot_download, REPO, **where)) == contents


@pytest.mark.parametrize(
    "fault",
    [
        {"cut": 3},
        {"short": 3},
        {"body": b"content and more"},
        {"error": TransportError("reset")},
        {"status": 416},
        {"status": 503},
    ],
    ids=["cut", "short", "longer", "reset", "status-416", "status-503"],
)
def test_a_fault_of_one_response_costs_one_more_request(run, hub, commit, where, spoil, fault):
    spoil(**fault)
    assert files(run(snapshot_download, REPO, **where)) == FILES
    assert len(resolved(hub)) == len(FILES) + 1


def test_a_body_that_trickles_is_left_to_the_usual_path(run, hub, commit, where, monkeypatch):
    monkeypatch.setattr(small_files, "MAX_SECONDS", -1)
    assert files(run(snapshot_download, REPO, **where)) == FILES
    assert len(resolved(hub)) == 2 * len(FILES)


def test_an_error_of_the_hub_is_raised(run, hub, commit, where, spoil):
    spoil(status=403)
    with pytest.raises(HfHubHTTPError):
        run(snapshot_download, REPO, max_workers=1, **where)
    assert len(resolved(hub)) == 1


def test_a_full_disk_is_reported(run, hub, commit, where, monkeypatch):
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(small_files, "write_all", full)
    with pytest.raises(DiskError, match="No space left to write folder-"):
        run(snapshot_download, REPO, **where)
    monkeypatch.undo()
    assert files(run(snapshot_download, REPO, **where)) == FILES


def test_a_disk_that_returns_other_bytes_is_reported(run, hub, commit, where, monkeypatch):
    read = os.read
    monkeypatch.setattr(os, "read", lambda descriptor, count: read(descriptor, count)[:-1] + b"?")
    with pytest.raises(DiskError, match="other bytes"):
        run(snapshot_download, REPO, **where)


def test_a_folder_that_another_process_deletes_is_created_again(run, hub, cache, commit, monkeypatch):
    blobs = cache / REPO_FOLDER / "blobs"
    deleted = []

    answer = type(hub)._answer

    def delete_first(hub, request, *rest):
        if "/resolve/" in request.path and not deleted:
            deleted.append(request)
            blobs.rmdir()
        return answer(hub, request, *rest)

    monkeypatch.setattr(type(hub), "_answer", delete_first)
    assert files(run(snapshot_download, REPO, max_workers=1)) == FILES
    assert deleted


def test_contents_of_another_commit_are_linked(run, hub, cache, commit):
    run(snapshot_download, REPO)
    newer = hub.commit({**{f"moved/{path}": content for path, content in FILES.items()}, "new": b"new"})
    hub.forget()
    folder = run(snapshot_download, REPO)
    assert files(folder) == {**{f"moved/{path}": content for path, content in FILES.items()}, "new": b"new"}
    assert resolved(hub) == ["new"]
    assert Path(folder).name == newer


def test_without_links_the_files_are_regular(run, hub, cache, commit):
    run.set(symlinks=False)
    folder = run(snapshot_download, REPO)
    assert files(folder) == FILES
    assert not any(path.is_symlink() for path in Path(folder).rglob("*"))


def test_temporary_files_of_ended_writers_are_deleted(run, hub, cache, commit):
    path, content = next(iter(FILES.items()))
    owner = new_owner(path)
    end_owner(owner)
    blobs = cache / REPO_FOLDER / "blobs"
    blobs.mkdir(parents=True)
    ended = blobs / f"{git_id(content)}.{owner}.incomplete"
    other = blobs / f"{'0' * 40}.{new_owner('another')}.incomplete"
    for file in (ended, other):
        file.write_bytes(b"part")
    run(snapshot_download, REPO)
    assert not ended.exists()
    assert other.exists()


def test_temporary_files_of_killed_writers_are_deleted_though_others_have_written_the_files(
    run, hub, commit, where, tmp_path, monkeypatch
):
    def leftovers():
        return [path for path in tmp_path.rglob("*") if path.name.endswith((".tmp", ".incomplete"))]

    def broken(*_):
        raise OSError(errno.EIO, "as if killed")

    with monkeypatch.context() as killed:
        killed.setattr(Folder, "move", broken)
        killed.setattr(Folder, "remove", lambda *_: None)
        with pytest.raises(DiskError):
            run(snapshot_download, REPO, max_workers=1, **where)
    assert leftovers()
    with monkeypatch.context() as others:
        for module in (cache_writer, local_dir_writer):
            others.setattr(module, "sweep_ended", lambda *_: None)
        run(snapshot_download, REPO, **where)
    assert leftovers()
    hub.commit({**FILES, **{f"folder-{number}/new.txt": b"new" for number in range(3)}})
    run(snapshot_download, REPO, **where)
    assert leftovers() == []


@pytest.mark.parametrize("flow", [snapshot_download, hf_hub_download])
def test_two_commits_at_once_leave_no_record_of_one_with_the_file_of_the_other(run, hub, tmp_path, monkeypatch, flow):
    first, second = (hub.commit({"a.txt": content}) for content in (b"first ", b"second"))
    file = tmp_path / "a.txt"
    named = {"filename": "a.txt"} if flow is hf_hub_download else {}
    write_record = LocalFolder.write_record

    def another_first(*arguments):
        monkeypatch.setattr(LocalFolder, "write_record", write_record)
        World(hub, "sync", run.settings)(snapshot_download, REPO, revision=second, local_dir=tmp_path)
        write_record(*arguments)

    monkeypatch.setattr(LocalFolder, "write_record", another_first)
    run(flow, REPO, revision=first, local_dir=tmp_path, **named)
    assert file.read_bytes() == b"second"
    run(flow, REPO, revision=first, local_dir=tmp_path, **named)
    assert file.read_bytes() == b"first "


def test_nothing_but_the_files_is_left(run, hub, cache, commit):
    run(snapshot_download, REPO)
    assert sorted(os.listdir(cache / REPO_FOLDER)) == ["blobs", "refs", "snapshots", "trees"]
    assert sorted(os.listdir(cache / REPO_FOLDER / "blobs")) == sorted(map(git_id, FILES.values()))


def test_processes_that_share_the_work_begin_at_different_files(run, hub, cache, commit):
    run(snapshot_download, REPO, max_workers=1)
    alone = resolved(hub)
    assert alone == list(FILES)
    hub.forget()
    lock = LockFile.of(cache, (".locks", REPO_FOLDER, f"{commit}.lock"))
    assert lock is not None
    assert lock.try_acquire()
    try:
        run(snapshot_download, REPO, force_download=True, max_workers=1)
    finally:
        lock.release()
    shared = resolved(hub)
    assert shared == alone[6:] + alone[:6], "the random number of the test is 0.5"


def test_events_of_small_files(run, hub, commit):
    events = []
    run.set(progress=events.append)
    run(snapshot_download, REPO)
    finished = {event.name: event for event in events if event.state == "finished"}
    assert finished.keys() == FILES.keys()
    assert all(event.done == event.total == len(FILES[name]) for name, event in finished.items())
