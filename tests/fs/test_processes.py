"""Forks, pickles, threads and event loops."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import pickle
import random
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context

import pytest

from hub_typed.flows.files.file_reader import RangeMemory
from hub_typed.fs import HfFileSystemFile, HubFileSystem
from hub_typed.local import LocalHub

BIG = random.Random(1).randbytes(4_000_000)
PATIENCE = 60


@pytest.fixture
def big(fs: HubFileSystem, repo: str) -> str:
    path = f"{repo}/data/big.bin"
    fs.pipe_file(path, BIG)
    return path


@pytest.fixture
def asynchronous(hub: LocalHub) -> HubFileSystem:
    return HubFileSystem(endpoint=hub.endpoint, token=hub.token, asynchronous=True, skip_instance_cache=True)


def in_child(do: Callable[[], object]) -> None:
    """Run a function in a fork of this process."""
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=lambda: queue.put(do()))
    child.start()
    assert queue.get(timeout=PATIENCE)
    child.join(PATIENCE)


def begun(file: HfFileSystemFile) -> HfFileSystemFile:
    """Read until a request runs in the background."""
    while file._ahead._running is None:
        assert file.read(10_000)
        time.sleep(0.002)  # the event loop begins it
    return file


def has_the_rest(file: HfFileSystemFile) -> bool:
    position = file.tell()
    return b"".join(iter(lambda: file.read(70_000), b"")) == BIG[position:]


# --- forks


def test_a_file_system_is_used_after_a_fork(fs, big):
    fs.cat_file(big, 0, 5)
    in_child(lambda: fs.cat_file(big, 5, 10) == BIG[5:10])


def test_after_a_fork_while_a_block_is_requested_both_processes_read_the_rest(fs, big):
    with begun(fs.open(big)) as file:
        in_child(lambda: has_the_rest(file))
        assert has_the_rest(file)


def test_forks_while_other_threads_read(fs, big):
    stopped = False

    def read() -> bool:
        while not stopped:
            with fs.open(big) as file:
                assert has_the_rest(file)
        return True

    with ThreadPoolExecutor(3) as threads:
        results = [threads.submit(read) for _ in range(3)]
        try:
            for _ in range(3):
                in_child(lambda: has_the_rest(fs.open(big)))
        finally:
            stopped = True
        assert all(result.result() for result in results)


# --- pickles


def test_a_pickle_holds_the_arguments_alone(hub, big):
    fs = HubFileSystem(endpoint=hub.endpoint, token=hub.token)
    fs.find(big.rpartition("/")[0])
    data = pickle.dumps(fs)
    assert len(data) < 400
    assert pickle.loads(data) is fs
    assert b"hf_" not in pickle.dumps(HubFileSystem(endpoint=hub.endpoint))
    fs.close()
    HubFileSystem.clear_instance_cache()


def test_methods_and_open_files_are_sent_to_processes(fs, big):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool, begun(fs.open(big)) as file:
        position = file.tell()
        assert list(pool.map(fs.cat_file, [big, big])) == [BIG, BIG]
        assert pool.submit(HfFileSystemFile.read, file, 100).result() == BIG[position : position + 100]


def test_a_closed_file_cannot_be_pickled(fs, big):
    file = fs.open(big)
    file.close()
    with pytest.raises(ValueError, match="is closed"):
        pickle.dumps(file)


def test_another_environment_has_another_instance(monkeypatch):
    first = HubFileSystem()
    assert HubFileSystem() is first
    monkeypatch.setenv("HF_ENDPOINT", "http://hub.localhost")
    assert HubFileSystem().endpoint == "http://hub.localhost"
    HubFileSystem.clear_instance_cache()


# --- threads and event loops


def test_many_threads_read_at_once(fs, repo):
    files = {f"{repo}/{number}.bin": BIG[number * 1000 : number * 1000 + 100_000] for number in range(16)}
    fs.pipe(files)

    def read(path: str) -> bytes:
        with fs.open(path) as file:
            return b"".join(iter(lambda: file.read(3_001), b""))

    with ThreadPoolExecutor(32) as threads:
        assert list(threads.map(read, [*files, *files])) == [*files.values(), *files.values()]
    assert fs.read_ahead_memory.kept == 0


def test_files_that_are_not_closed_keep_nothing_once_they_are_collected(fs, big):
    for _ in range(3):
        begun(fs.open(big))
    assert fs.read_ahead_memory.kept == 0


def test_an_open_file_is_read_after_its_file_system_was_closed(fs, big):
    file = begun(fs.open(big))
    fs.close()
    assert has_the_rest(file)


def test_the_asynchronous_methods_run_in_the_loop_of_the_caller(asynchronous, big):
    async def read() -> bytes:
        whole, part = await asyncio.gather(asynchronous._cat_file(big), asynchronous._cat_file(big, 5, 10))
        assert part == BIG[5:10]
        return whole

    assert asyncio.run(read()) == BIG
    asynchronous.close()


def test_an_asynchronous_file_is_read_on_in_another_loop(asynchronous, big):
    async def begin():
        file = await asynchronous.open_async(big)
        while file._ahead._running is None:
            assert await file.read(10_000)
        return file

    async def go_on(file) -> None:
        position = file.tell()
        while piece := await file.read(70_000):
            assert piece == BIG[position : position + len(piece)]
            position += len(piece)
        assert position == len(BIG)
        await file.close()

    file = asyncio.run(begin())
    asyncio.run(go_on(file))
    asynchronous.close()


def test_two_loops_use_one_file_system(asynchronous, big):
    async def read() -> bool:
        found = await asyncio.gather(*(asynchronous._cat_file(big, at, at + 1000) for at in range(0, 10_000, 1000)))
        return b"".join(found) == BIG[:10_000]

    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(lambda _: asyncio.run(read()), range(4)))
    asynchronous.close()


def test_cancelled_reads_leave_the_position_and_no_task(asynchronous, big):
    chance = random.Random(3)

    async def read() -> None:
        position = 0
        async with await asynchronous.open_async(big) as file:
            for _ in range(30):
                task = asyncio.ensure_future(file.read(100_000))
                await asyncio.sleep(chance.random() * 0.002)
                if chance.random() < 0.5:
                    task.cancel()
                (piece,) = await asyncio.gather(task, return_exceptions=True)
                if isinstance(piece, bytes):
                    assert piece == BIG[position : position + 100_000]
                    position += len(piece)
                assert file.tell() == position
        for _ in range(1000):
            if len(asyncio.all_tasks()) == 1:
                return
            await asyncio.sleep(0.01)
        raise AssertionError(asyncio.all_tasks())

    asyncio.run(read())
    asynchronous.close()


def test_the_memory_of_a_cancelled_read_is_collected_with_its_views():
    memory = RangeMemory(b"12")
    view = memory.getbuffer()[1:]
    memory.close()
    assert bytes(view) == b"2"


def test_names_with_any_letters_are_those_of_files(fs, repo):
    names = [
        "a b",
        "100%",
        "a%20b",
        "a%2Fb",
        "a#b",
        "a?b",
        "a@b",
        "x@main/y",
        "[x]",
        "a*b",
        "ü/ñ",
        "日本",
        "e\u0301",
        "a\\b",
    ]
    files = {f"{repo}/{name}": name.encode() for name in names}
    fs.pipe(files)
    for is_listed in (False, True):
        for path, content in files.items():
            assert fs.cat_file(path) == content
            assert fs.info(f"hf://{path}")["name"] == path
            with fs.open(path) as file:
                assert file.read(1) == content[:1]
        fs.invalidate_cache()
        found = fs.find(repo)
        assert set(files) | {f"{repo}/.gitattributes"} == set(found), is_listed


def test_the_path_of_one_file_is_no_pattern(fs, repo):
    fs.pipe({f"{repo}/a*": b"1", f"{repo}/ab": b"2", f"{repo}/[x]": b"3"})
    fs.rm_file(f"{repo}/a*")
    fs.rm_file(f"{repo}/[x]")
    assert fs.find(repo) == [f"{repo}/.gitattributes", f"{repo}/ab"]


def test_a_lock_that_is_held_during_a_fork_is_not_held_in_the_child(fs, big):
    memory = fs.read_ahead_memory
    with memory._lock:
        in_child(lambda: memory._lock.locked() and has_the_rest(begun(fs.open(big))))
    assert os.getpid() == memory._pid
