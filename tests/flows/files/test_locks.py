"""Locks that others hold."""

from __future__ import annotations

import errno
import fcntl

import pytest
from filelock import FileLock, SoftFileLock, Timeout

from hub_typed.flows.files import locks
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.locks import held


@pytest.fixture
def path(tmp_path):
    return tmp_path / "a" / "b.lock"


def free(path):
    lock = FileLock(path)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        return False
    lock.release()
    return True


def test_it_is_held_and_given_back(run, path):
    async def flow(io):
        async with held(io, path):
            return free(path)

    assert run(flow) is False
    assert free(path)
    assert path.exists(), "who removes it takes it from others that wait"


def test_it_is_given_back_after_an_error(run, path):
    async def flow(io):
        async with held(io, path):
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
        async with held(io, path):
            return len(pauses)

    caplog.set_level("INFO", "hub_typed")
    assert run(flow, paused=paused) == 3
    assert caplog.text.count("Waiting for another process") == 1


def without_locks(*_):
    raise OSError(errno.ENOSYS, "Function not implemented")


@pytest.mark.filterwarnings("ignore:flock not supported:UserWarning")
@pytest.mark.parametrize("old", [False, True])
def test_a_disk_without_locks(run, path, monkeypatch, old):
    """Newer versions of filelock help themselves; older ones say so."""
    if old:
        monkeypatch.setattr(locks.FileLock, "acquire", lambda *_, **__: not_implemented())
    else:
        monkeypatch.setattr(fcntl, "flock", without_locks)

    def not_implemented():
        raise NotImplementedError

    async def flow(io):
        async with held(io, path):
            other = SoftFileLock(path)
            with pytest.raises(Timeout):
                other.acquire(blocking=False)

    run(flow)
    SoftFileLock(path).acquire(blocking=False).lock.release()


@pytest.mark.parametrize("symlinks", [True, False])
def test_who_waited_takes_what_the_other_fetched(run, hub, cache, symlinks):
    commit = hub.commit({"x": b"x"})
    run.set(symlinks=symlinks)
    lock = cache / ".locks" / "models--org--model" / "c1b0730e0133447badcfd47fd144e254807b06e1.lock"
    lock.parent.mkdir(parents=True)
    other = FileLock(lock, thread_local=False)
    other.acquire()

    def paused(_):
        repo = cache / "models--org--model"
        there = repo / "blobs" / lock.stem if symlinks else repo / "snapshots" / commit / "x"
        there.parent.mkdir(parents=True)
        there.write_bytes(b"x")
        other.release()

    run(hf_hub_download, "org/model", "x", revision=commit, paused=paused)
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]
