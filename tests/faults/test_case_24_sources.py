"""Case 24: the source changes or vanishes during its upload, or the process dies in the middle of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from hub_typed import HfApi, SourceChangedError
from hub_typed.local.faults import Stall

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


CHANGES = {
    "overwritten": overwrite,
    "replaced": replace,
    "truncated": lambda path: os.truncate(path, 10),
    "appended to": lambda path: path.write_bytes(path.read_bytes() + b"more"),
    "deleted": Path.unlink,
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
        path.write_bytes(before)
        await side.api.upload_folder(repo_id=side.repo, folder_path=path.parent)
        assert Path(await side.api.hf_hub_download(side.repo, name)).read_bytes() == before

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
