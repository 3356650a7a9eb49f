"""Locks held by other processes."""

from __future__ import annotations

import errno
import fcntl
import os

import pytest
from filelock import FileLock, Timeout

from hub_typed.disk.lock_files import LockFile
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.locking import acquire_lock


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a" / "b.lock"


def lock(io, path, **watched):
    return acquire_lock(io, path.parent.parent, (path.parent.name, path.name), **watched)


def free(path):
    other = FileLock(path)
    try:
        other.acquire(blocking=False)
    except Timeout:
        return False
    other.release()
    return True


def test_it_is_held_and_given_back(run, path):
    async def flow(io):
        async with lock(io, path):
            return free(path)

    assert run(flow) is False
    assert path.exists(), "who removes it takes it from others that wait"
    assert free(path)


def test_a_lock_whose_file_others_removed_is_taken_on_the_next_file(path):
    path.parent.mkdir()
    first, second = (LockFile.of(path.parent.parent, (path.parent.name, path.name)) for _ in range(2))
    assert first.try_acquire()
    assert not second.try_acquire()
    path.unlink()  # as some versions of filelock do before they release it
    first.release()
    assert second.try_acquire()
    assert path.exists()
    assert not free(path)
    second.release()
    assert free(path)


def test_it_is_given_back_after_an_error(run, path):
    async def flow(io):
        async with lock(io, path):
            raise KeyError

    with pytest.raises(KeyError):
        run(flow)
    assert free(path)


def test_it_is_waited_for_without_blocking_a_thread(run, path, caplog):
    other = FileLock(path, thread_local=False)
    path.parent.mkdir()
    other.acquire()
    pauses = []

    def paused(seconds):
        pauses.append(seconds)
        if len(pauses) == 3:
            other.release()

    async def flow(io):
        async with lock(io, path):
            return len(pauses)

    caplog.set_level("INFO", "hub_typed")
    assert run(flow, paused=paused) == 3
    assert caplog.text.count("Waiting for another process") == 1


@pytest.mark.parametrize(
    "number",
    [errno.ENOSYS, errno.ENOLCK, errno.EOPNOTSUPP, errno.EPERM, errno.EIO, errno.EINVAL],
    ids=errno.errorcode.get,
)
def test_a_disk_without_locks_is_done_without_them(run, path, monkeypatch, number):
    def refused(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refused)

    async def flow(io):
        async with lock(io, path):
            return io.waited

    assert run(flow) == 0
    assert not path.exists(), "a client that goes by the file alone would wait for it for ever"


def test_the_mark_of_a_client_without_locks_is_not_waited_for(run, path, monkeypatch):
    """The file names a holder on a machine that no longer exists."""
    path.parent.mkdir()
    path.write_text("4242\nanother-machine\n")
    monkeypatch.setattr(fcntl, "flock", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSYS, "none")))

    async def flow(io):
        async with lock(io, path):
            return io.waited

    assert run(flow) == 0
    assert path.read_text() == "4242\nanother-machine\n", "it is that of others"


def test_who_does_not_move_is_not_waited_for_longer_than_a_minute(run, path, caplog):
    path.parent.mkdir()
    other = FileLock(path)
    other.acquire()

    async def flow(io):
        async with lock(io, path, is_done=lambda: False, other_writers=lambda locked: ["part", 7]):
            return io.waited

    assert 60 <= run(flow) < 62
    assert "continuing without the lock" in caplog.text
    other.release()


def test_who_moves_is_waited_for(run, path):
    path.parent.mkdir()
    other = FileLock(path, thread_local=False)
    other.acquire()
    size = [0]

    def paused(_):
        size[0] += 1
        if size[0] == 1300:  # twice as long as for one that does not move
            other.release()

    async def flow(io):
        async with lock(io, path, is_done=lambda: False, other_writers=lambda locked: [] if locked else list(size)):
            return io.waited

    assert run(flow, paused=paused) >= 129


def test_what_is_there_is_not_waited_for(run, path):
    path.parent.mkdir()
    other = FileLock(path)
    other.acquire()
    polls = []

    async def flow(io):
        async with lock(io, path, is_done=lambda: len(polls) == 5, other_writers=lambda locked: []):
            return len(polls)

    assert run(flow, paused=polls.append) == 5
    other.release()


def test_who_writes_without_a_lock_is_waited_for_as_long_as_it_moves(run, path, monkeypatch):
    monkeypatch.setattr(fcntl, "flock", lambda *_: None)
    asked = []

    def others(locked):
        asked.append(locked)
        return [] if len(asked) == 20 else [len(asked)]

    async def flow(io):
        async with lock(io, path, is_done=lambda: False, other_writers=others):
            return io.waited

    assert run(flow) > 0
    assert not any(asked), "a lock that everybody gets is none"


@pytest.mark.parametrize("planted", ["link", "dangling link", "folder", "pipe", "folder that is a link"])
def test_what_is_planted_in_place_of_a_lock_is_left_alone(run, path, tmp_path, planted):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("precious")
    if planted == "folder that is a link":
        path.parent.symlink_to(outside)
    else:
        path.parent.mkdir()
    if planted == "link":
        path.symlink_to(outside / "file")
    elif planted == "dangling link":
        path.symlink_to(outside / "new")
    elif planted == "folder":
        path.mkdir()
    elif planted == "pipe":
        os.mkfifo(path)

    async def flow(io):
        async with lock(io, path):
            return io.waited

    assert run(flow) == 0
    assert os.listdir(outside) == ["file"]
    assert (outside / "file").read_text() == "precious"


@pytest.mark.parametrize("symlinks", [True, False])
def test_who_waited_takes_what_the_other_fetched(run, hub, cache, symlinks):
    commit = hub.commit({"x": b"x"})
    run.set(symlinks=symlinks)
    path = cache / ".locks" / "models--org--model" / "c1b0730e0133447badcfd47fd144e254807b06e1.lock"
    path.parent.mkdir(parents=True)
    other = FileLock(path, thread_local=False)
    other.acquire()

    def paused(_):
        repo = cache / "models--org--model"
        there = repo / "blobs" / path.stem if symlinks else repo / "snapshots" / commit / "x"
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(b"x")
        other.release()

    run(hf_hub_download, "org/model", "x", revision=commit, paused=paused)
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]
