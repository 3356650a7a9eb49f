"""Case 24: the source changes or vanishes during its upload, or the process dies in the middle of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from hub_typed import HfApi, SourceChangedError
from hub_typed.local.faults import Stall, Status

PART = 200_000
SIZES = {"regular.txt": 50_000, "large.bin": 150_000, "parts.bin": 5 * PART - 7}


def content(name):
    return os.urandom(SIZES[name] // 2).hex().encode() if name.endswith(".txt") else b"\0" + os.urandom(SIZES[name] - 1)


def overwrite(path):
    """Write other bytes of the same number, at another time."""
    path.write_bytes(path.read_bytes()[::-1])
    os.utime(path, (1, 1))


def replace(path):
    """Put another file in its place, with the same size and time."""
    status = path.stat()
    other = path.with_name("other")
    other.write_bytes(path.read_bytes()[::-1])
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.rename(path)


def overwrite_unnoticed(path):
    """Write other bytes of the same number into the file, whose time stays the same."""
    status = path.stat()
    data = path.read_bytes()[::-1]
    with path.open("r+b") as file:
        file.write(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def become_folder(path):
    path.unlink()
    path.mkdir()


def become_pipe(path):
    path.unlink()
    os.mkfifo(path)


CHANGES = {
    "overwritten": overwrite,
    "replaced": replace,
    "truncated": lambda path: os.truncate(path, 10),
    "appended to": lambda path: path.write_bytes(path.read_bytes() + b"more"),
    "deleted": Path.unlink,
    "a folder": become_folder,
    "a pipe": become_pipe,
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", SIZES)
def test_a_source_that_changes_is_named_and_nothing_is_committed(play, tmp_path, name, change):
    path = tmp_path / "folder" / name
    path.parent.mkdir()
    before = content(name)
    path.write_bytes(before)

    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)

        def meanwhile(incoming):
            if "/preupload/" in incoming.path:
                CHANGES[change](path)

        side.hub.hub.intercept = meanwhile
        with pytest.raises((SourceChangedError, FileNotFoundError), match=name):
            await side.api.upload_folder(repo_id=side.repo, folder_path=path.parent)
        side.hub.hub.intercept = None
        assert len(await side.api.list_repo_commits(side.repo)) == 1
        remove(path)
        path.write_bytes(before)
        await side.api.upload_folder(repo_id=side.repo, folder_path=path.parent)
        assert Path(await side.api.hf_hub_download(side.repo, name)).read_bytes() == before

    play(scenario)


def remove(path):
    if path.is_dir():
        path.rmdir()
    path.unlink(missing_ok=True)


@pytest.mark.parametrize("change", [*CHANGES, "overwritten unnoticed"])
@pytest.mark.parametrize("name", ["large.bin", "parts.bin"])
def test_what_is_uploaded_is_what_was_hashed(play, monkeypatch, tmp_path, name, change):
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.MAX_KEPT_BYTES", 0)
    path = tmp_path / "folder" / name
    path.parent.mkdir()
    path.write_bytes(content(name))

    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)

        def meanwhile(incoming):
            if incoming.path.endswith("/objects/batch"):
                (CHANGES | {"overwritten unnoticed": overwrite_unnoticed})[change](path)

        side.hub.hub.intercept = meanwhile
        with pytest.raises(SourceChangedError, match=name):
            await side.api.upload_folder(repo_id=side.repo, folder_path=path.parent)
        side.hub.hub.intercept = None
        assert len(await side.api.list_repo_commits(side.repo)) == 1
        assert not side.hub.stats.snapshot().lfs_objects

    play(scenario)


@pytest.mark.parametrize("change", [*CHANGES, "overwritten unnoticed"])
@pytest.mark.parametrize("fault", [Status(503), Status(504, applied=True)], ids=["503", "lost response"])
def test_a_commit_is_not_sent_again_with_another_content(play, tmp_path, fault, change):
    path = tmp_path / "folder" / "regular.txt"
    path.parent.mkdir()
    path.write_bytes(before := content(path.name))

    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(fault, operation="commits.create_commit", times=1)
        changed = []

        def meanwhile(incoming):
            if rule.count and not changed:
                (CHANGES | {"overwritten unnoticed": overwrite_unnoticed})[change](path)
                changed.append(incoming.path)

        side.hub.hub.intercept = meanwhile
        with pytest.raises(SourceChangedError, match="may have been created"):
            await side.api.upload_folder(repo_id=side.repo, folder_path=path.parent, commit_message="All")
        side.hub.hub.intercept = None
        made = fault.status == 504
        assert [one.title for one in await side.api.list_repo_commits(side.repo)].count("All") == made
        if made:
            assert Path(await side.api.hf_hub_download(side.repo, path.name)).read_bytes() == before

    play(scenario)


@pytest.mark.parametrize("method", ["upload_folder", "upload_large_folder"])
def test_files_that_appear_during_an_upload_belong_to_the_next_one(play, tmp_path, method):
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "first.bin").write_bytes(content("large.bin"))
    arguments = {"repo_type": "model", "print_report": False} if method == "upload_large_folder" else {}

    async def scenario(side):
        await side.api.create_repo(side.repo)

        def meanwhile(incoming):
            if "/preupload/" in incoming.path:
                (folder / "later.bin").write_bytes(b"\0later")
                (folder / "later.txt").write_bytes(b"later")

        side.hub.hub.intercept = meanwhile
        await getattr(side.api, method)(repo_id=side.repo, folder_path=folder, **arguments)
        assert await side.api.list_repo_files(side.repo) == [".gitattributes", "first.bin"]
        side.hub.hub.intercept = None
        await getattr(side.api, method)(repo_id=side.repo, folder_path=folder, **arguments)
        assert await side.api.list_repo_files(side.repo) == [".gitattributes", "first.bin", "later.bin", "later.txt"]

    play(scenario)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("dies", ["in a part", "at the completion", "at the commit", "after it was committed"])
def test_a_rerun_completes_what_a_killed_process_began(local_hub, start, until, tmp_path, kind, dies):
    folder = tmp_path / "folder"
    folder.mkdir()
    files = {name: content(name) for name in SIZES}
    for name, data in files.items():
        (folder / name).write_bytes(data)
    repo = f"{local_hub.user}/thing"
    local_hub.hub.lfs.part_size = PART
    fault, operation, skip = {
        "in a part": (Stall(after=100_000, of="request"), "storage.upload_part", 2),
        "at the completion": (Stall(of="request"), "storage.complete", 0),
        "at the commit": (Stall(of="request"), "commits.create_commit", 0),
        "after it was committed": (Stall(), "commits.create_commit", 0),
    }[dies]
    with HfApi() as api:
        api.create_repo(repo)
        rule = local_hub.faults.add(fault, operation=operation, skip=skip)
        killed = start("upload_folder", kind=kind, repo_id=repo, folder_path=folder, commit_message="All")
        until(lambda: rule.count)
        killed.kill()
        assert killed.wait() == -signal.SIGKILL
        local_hub.faults.clear()
        until(lambda: [one for one in local_hub.hub.requests if one.operation == operation])
        before = local_hub.stats.snapshot()

        api.upload_folder(repo_id=repo, folder_path=folder, commit_message="All")

        again = local_hub.stats.snapshot() - before
        assert [one.title for one in api.list_repo_commits(repo)].count("All") == 1
        found = Path(api.snapshot_download(repo, cache_dir=tmp_path / "cache"))
        assert {name: (found / name).read_bytes() for name in files} == files
        if "commit" in dies:
            assert again.lfs_objects == 0, "what the storage had was sent again"
