"""Partial files: which ones are resumed or swept, and what happens when other processes delete or change them."""

from __future__ import annotations

import base64
import hashlib
import os
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hub_typed.disk import owners
from hub_typed.disk.folders import Folder
from hub_typed.disk.owners import OwnerState, end_owner, new_owner, owner_state
from hub_typed.errors import DiskError, HfHubHTTPError
from hub_typed.flows.files.download import hf_hub_download

REPO = "org/model"
NAME = "weights.bin"
CONTENT = random.Random(2).randbytes(400_000)
ETAG = hashlib.sha256(CONTENT).hexdigest()
SHORT = base64.urlsafe_b64encode(hashlib.sha1(b"weights.bin.metadata", usedforsecurity=False).digest()).decode()
ELSEWHERE = f"ffffffff-1-2-{owners.subject_tag(NAME)}-0a0b0c"


@pytest.fixture
def commit(hub, large):
    hub.piece = 50_000
    return hub.commit({NAME: large(CONTENT)})


@pytest.fixture(params=["cache", "local_dir"])
def where(request, tmp_path):
    return {"local_dir": tmp_path / "folder"} if request.param == "local_dir" else {}


@pytest.fixture
def parts(where, cache):
    """Folder of the partial files."""
    local = where.get("local_dir")
    folder = local / ".cache/huggingface/download" if local else cache / "models--org--model" / "blobs"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def stem(where):
    return f"{SHORT}.{ETAG}" if where else ETAG


@pytest.fixture
def dead():
    """An owner whose process has ended."""
    program = f"from hub_typed.disk.owners import new_owner; print(new_owner({NAME!r}))"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()


def starts(hub):
    return [int(a.partition(" from ")[2] or 0) for a in hub.asked if a.startswith("GET https://storage.test/")]


def content(path):
    return Path(path).read_bytes()


def left(folder):
    return [name for name in os.listdir(folder) if name.endswith((".incomplete", ".tmp", ".copy"))]


def test_who_is_alive():
    mine = new_owner("x")
    assert owner_state(f"a.{mine}.incomplete")[0] is OwnerState.LIVE
    end_owner(mine)
    assert owner_state(f"a.{mine}.incomplete")[0] is OwnerState.ENDED
    assert owner_state(f"a.{ELSEWHERE}.incomplete") == (OwnerState.UNKNOWN, owners.subject_tag(NAME))
    for name in ("a.incomplete", "a.0a1b2c3d.incomplete", ".0123456789abcdef.tmp"):
        assert owner_state(name) == (OwnerState.UNKNOWN, None)


def test_another_process_is_alive_until_it_ends(dead):
    assert owner_state(dead)[0] is OwnerState.ENDED
    program = "from hub_typed.disk.owners import new_owner; print(new_owner('x'), flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as other:
        owner = other.stdout.readline().strip()
        assert owner_state(owner)[0] is OwnerState.LIVE
        machine, process, start, *rest = owner.split("-")
        again = "-".join((machine, process, f"{int(start, 16) + 1:x}", *rest))
        assert owner_state(again)[0] is OwnerState.ENDED, "the number was given to a later process"
        other.kill()
    assert owner_state(owner)[0] is OwnerState.ENDED


def test_the_longest_part_of_a_process_that_has_ended_is_gone_on_with(run, hub, commit, where, parts, stem, dead):
    other = dead[:-6] + "ffffff"
    (parts / f"{stem}.{dead}.incomplete").write_bytes(CONTENT[:100_000])
    (parts / f"{stem}.{other}.incomplete").write_bytes(CONTENT[:300_001])
    inode = (parts / f"{stem}.{other}.incomplete").stat().st_ino
    path = run(hf_hub_download, REPO, NAME, **where)
    assert content(path) == CONTENT
    assert starts(hub) == [300_001]
    assert os.stat(path).st_ino == inode, "it was taken over, and not copied"
    assert left(parts) == []


@pytest.mark.parametrize("name", ["incomplete", "0a1b2c3d.incomplete", f"{ELSEWHERE}.incomplete"])
def test_a_part_of_somebody_unknown_is_copied(run, hub, commit, where, parts, stem, name):
    """A partial file that may still have a writer."""
    part = parts / f"{stem}.{name}"
    part.write_bytes(CONTENT[:123_456])
    with open(part, "ab") as still_open:
        path = run(hf_hub_download, REPO, NAME, **where)
        still_open.write(b"more, of somebody who has slept")
    assert starts(hub) == [123_456]
    assert content(path) == CONTENT
    assert left(parts) == []


def test_a_part_in_use_is_neither_taken_nor_swept(run, hub, commit, where, parts, stem):
    owner = new_owner(NAME)
    part = parts / f"{stem}.{owner}.incomplete"
    part.write_bytes(CONTENT[:100_000])
    try:
        assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    finally:
        end_owner(owner)
    assert run.io.waited >= 60, "it was waited for, and did not get on"
    assert starts(hub) == [0]
    assert content(part) == CONTENT[:100_000]


def test_a_hard_link_is_not_gone_on_with(run, hub, commit, where, parts, stem, dead, tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(CONTENT[:1000])
    os.link(precious, parts / f"{stem}.{dead}.incomplete")
    assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    assert content(precious) == CONTENT[:1000]
    assert precious.stat().st_nlink == 1
    assert starts(hub) == [0]


def test_an_interrupted_download_is_gone_on_with_at_the_exact_byte(run, hub, commit, where, parts, spoil):
    for kept in (70_000, 70_001, 399_999):
        spoil(cut=kept - sum((parts / name).stat().st_size for name in left(parts)))
        spoil(status=404)
        with pytest.raises(HfHubHTTPError):
            run(hf_hub_download, REPO, NAME, **where)
        assert [(parts / name).stat().st_size for name in left(parts)] == [kept]
    hub.forget()
    assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    assert starts(hub) == [399_999]
    assert left(parts) == []


def test_what_is_left_is_swept_by_the_next_success(run, commit, where, parts, stem, dead, cache):
    gone = [
        f"{stem}.{dead}.copy",
        f"{'0' * 64}.{dead}.incomplete",  # another version of the same file
        f".{dead}.tmp",
        f"{stem}.incomplete",
        f"{stem}.0a1b2c3d.incomplete",
        f"{stem}.{ELSEWHERE}.incomplete",
        f"{stem}.copy.incomplete",
        ".0123456789abcdef.tmp",
    ]
    if where:
        gone += [f"{SHORT}.{'0' * 64}.incomplete", f"{SHORT}.{'0' * 40}.copy"]
    mine = new_owner(NAME)
    kept = [f".{mine}.tmp", f"{'1' * 64}.0a1b2c3d.incomplete", f"{'2' * 64}.incomplete", "other.lock"]
    for name in gone + kept:
        (parts / name).write_bytes(b"")
    run(hf_hub_download, REPO, NAME, **where)
    end_owner(mine)
    there = os.listdir(parts)
    assert [name for name in gone if name in there] == []
    assert [name for name in kept if name not in there] == []


def test_texts_that_were_never_moved_are_swept(run, commit, where, cache, dead, parts):
    scratch = where["local_dir"] / ".cache/huggingface" if where else cache / "models--org--model"
    (scratch / f".{dead}.tmp").write_text("x")
    (scratch / ".0123456789abcdef.tmp").write_text("x")
    run(hf_hub_download, REPO, NAME, **where)
    assert left(scratch) == []


def interfered(monkeypatch, hub, do, times=1):
    """Call functions in the middle of the next responses with content."""
    send = type(hub).send
    left = [times]

    class Interfering:
        def __init__(self, sink):
            self.sink, self.count = sink, 0

        def begin(self, response):
            return self.sink.begin(response)

        def write(self, piece):
            self.sink.write(piece)
            self.count += len(piece)
            if self.count >= len(CONTENT) // 2 and left[0]:
                left[0] -= 1
                do()

    def sent(self, request, *, sink=None, **how):
        return send(self, request, sink=Interfering(sink) if sink is not None else None, **how)

    monkeypatch.setattr(type(hub), "send", sent)


@pytest.mark.parametrize("what", ["part", "folder", "everything"])
def test_what_is_deleted_meanwhile_is_fetched_again(run, hub, commit, where, cache, parts, monkeypatch, what, caplog):
    def delete():
        if what == "part":
            for path in parts.glob("*.incomplete"):
                path.unlink()
        else:
            shutil.rmtree(parts if what == "folder" else where.get("local_dir") or cache)

    interfered(monkeypatch, hub, delete)
    assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    assert starts(hub) == [0, 0]
    assert "Starting again" in caplog.text


def test_what_is_deleted_again_and_again_ends_in_an_error(run, hub, commit, where, parts, monkeypatch):
    interfered(monkeypatch, hub, lambda: [path.unlink() for path in parts.glob("*.incomplete")], times=99)
    with pytest.raises(DiskError, match="deletes files"):
        run(hf_hub_download, REPO, NAME, **where)
    assert starts(hub) == [0, 0, 0]


def altered(parts, how):
    for path in parts.glob("*.incomplete"):
        with open(path, "r+b") as file:
            if how == "a byte":
                file.write(b"\x00\x01\x02")
            elif how == "cut":
                file.truncate(10)
            else:
                file.seek(len(CONTENT))
                file.write(b"more")


@pytest.mark.parametrize("how", ["a byte", "cut", "longer"])
def test_what_is_altered_on_the_disk_is_fetched_again(run, hub, commit, where, parts, monkeypatch, how):
    interfered(monkeypatch, hub, lambda: altered(parts, how))
    assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    assert len(starts(hub)) == 2
    assert left(parts) == []


def test_a_disk_that_never_gives_back_what_was_written(run, hub, commit, where, parts, monkeypatch):
    interfered(monkeypatch, hub, lambda: altered(parts, "a byte"), times=99)
    with pytest.raises(DiskError, match="other bytes than were written"):
        run(hf_hub_download, REPO, NAME, **where)
    assert not list(parts.parent.rglob(NAME))


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_what_is_in_the_way_is_told(run, commit, where, cache, kind):
    root = where.get("local_dir") or cache / "models--org--model" / "snapshots" / commit
    if kind == "folder":
        (root / NAME / "deep").mkdir(parents=True)
    else:
        root.parent.mkdir(parents=True, exist_ok=True)
        root.write_text("a file")
    with pytest.raises(DiskError, match="Move it away") as caught:
        run(hf_hub_download, REPO, NAME, **where)
    assert str(root.parent if where else cache) in str(caught.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_is_read_only_and_too_old(run, hub, cache, commit, large):
    run(hf_hub_download, REPO, NAME)
    hub.commit({NAME: large(CONTENT[::-1])})
    folders = [cache, *(path for path in cache.rglob("*") if path.is_dir() and not path.is_symlink())]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with pytest.raises(DiskError, match="local_files_only=True"):
            run(hf_hub_download, REPO, NAME)
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_a_disk_that_has_become_read_only(run, hub, cache, commit, large, monkeypatch):
    run(hf_hub_download, REPO, NAME)
    hub.commit({NAME: large(CONTENT[::-1])})
    opened = Folder.open

    def refused(self, name, flags, mode=0o666):
        if flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
            raise OSError(30, "Read-only file system", name)
        return opened(self, name, flags, mode)

    monkeypatch.setattr(Folder, "open", refused)
    with pytest.raises(DiskError, match=r"Read-only file system.*cache_dir.*local_files_only=True"):
        run(hf_hub_download, REPO, NAME)


def test_a_part_of_another_machine_is_waited_for_while_it_is_fresh(run, commit, where, parts, stem):
    """The download continues without waiting when the other file does not grow."""
    part = parts / f"{stem}.{ELSEWHERE}.incomplete"
    part.write_bytes(CONTENT[:1000])
    at = time.time()
    os.utime(part, (2_000_000_000.0, 2_000_000_000.0))  # as the clock of the test says
    assert content(run(hf_hub_download, REPO, NAME, **where)) == CONTENT
    assert 59 < run.io.waited < 95
    assert time.time() - at < 30
