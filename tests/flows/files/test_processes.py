"""Downloads in real processes: concurrent, killed, suspended, and with a full disk."""

from __future__ import annotations

import asyncio
import itertools
import os
import random
import signal
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from filelock import FileLock

from hub_typed import AsyncHfApi, HfApi
from hub_typed.disk.folders import Folder
from hub_typed.http.async_io import AsyncIo
from hub_typed.local import LocalHub
from hub_typed.settings import Settings
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

CONTENT = random.Random(7).randbytes(3_000_000)
LARGE = random.Random(8).randbytes(6_000_000)
PIECE = 100_000


@pytest.fixture(scope="module")
def hub():
    with LocalHub(xet=False) as made:
        api = HfApi(settings=Settings(endpoint=made.endpoint, progress=False), token=made.token)
        api.create_repo(f"{made.user}/model")
        for name, content in (("weights.bin", CONTENT), ("large.bin", LARGE)):
            api.upload_file(path_or_fileobj=content, path_in_repo=name, repo_id=f"{made.user}/model")
        api.close()
        yield made


@pytest.fixture
def intercept(hub):
    """Function that replaces the response of the Hub."""

    def by(answer):
        hub.hub.intercept = answer

    yield by
    hub.hub.intercept = None


@pytest.fixture
def start(hub, tmp_path):
    """Function that starts a process, which downloads the file and prints its path."""
    running = []

    def process(before="", name="weights.bin"):
        program = f"""
            {before}
            from hub_typed import HfApi
            from hub_typed.settings import Settings
            settings = Settings(endpoint={hub.endpoint!r}, cache_dir={str(tmp_path)!r}, progress=False, attempts=2)
            api = HfApi(settings=settings, token={hub.token!r})
            print(api.hf_hub_download({hub.user + "/model"!r}, {name!r}))
        """
        command = [sys.executable, "-c", textwrap.dedent(program).strip()]
        running.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return running[-1]

    yield process
    for one in running:
        one.kill()
        one.communicate()


def is_content(incoming):
    return incoming.method == "GET" and "/resolve/" not in incoming.path and "/api/" not in incoming.path


def slowly(release):
    """Send the content, with a pause before its second half."""

    def pieces():
        half = len(CONTENT) // 2
        for at in range(0, len(CONTENT), PIECE):
            if at >= half:
                release.wait(20)
            yield CONTENT[at : at + PIECE]

    return Answer(status=200, headers={"content-length": str(len(CONTENT))}, body=Source(pieces, len(CONTENT)))


def until(condition):
    for _ in range(2000):
        if condition():
            return
        time.sleep(0.01)
    pytest.fail("it did not come about in 20 s")


def test_a_disk_without_room(start, tmp_path):
    limited = start("import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))")
    _, error = limited.communicate()
    assert "No space left to write the 3000000 bytes of weights.bin" in error
    assert not list(tmp_path.rglob("*.incomplete"))
    path, error = start().communicate()
    assert error == ""
    assert Path(path.strip()).read_bytes() == CONTENT


def test_a_cancelled_task_stops_at_once_and_leaves_no_lock(hub, intercept, tmp_path):
    release = threading.Event()
    intercept(lambda incoming: slowly(release) if is_content(incoming) else None)
    begun = threading.Event()
    settings = Settings(
        endpoint=hub.endpoint, cache_dir=str(tmp_path), progress=lambda event: event.done and begun.set()
    )

    async def main():
        async with AsyncHfApi(settings=settings, token=hub.token) as api:
            task = asyncio.ensure_future(api.hf_hub_download(f"{hub.user}/model", "weights.bin"))
            while not begun.is_set():
                await asyncio.sleep(0.01)
            at = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - at < 1
            (lock,) = tmp_path.rglob("*.lock")
            FileLock(lock).acquire(blocking=False).lock.release()
            assert len(list(tmp_path.rglob("*.incomplete"))) == 1
            release.set()
            intercept(None)
            return await api.hf_hub_download(f"{hub.user}/model", "weights.bin")

    try:
        assert Path(asyncio.run(main())).read_bytes() == CONTENT
    finally:
        release.set()


def open_below(folder):
    """Paths of the open files below a folder."""
    descriptors = os.listdir("/proc/self/fd")
    found = []
    for descriptor in descriptors:
        with suppress(OSError):
            found.append(os.readlink(f"/proc/self/fd/{descriptor}"))
    return [path for path in found if path.startswith(str(folder))]


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the open files are not listed")
@pytest.mark.parametrize("where", ["cache", "local_dir"])
@pytest.mark.parametrize("call", range(8))
def test_a_task_cancelled_while_it_opens_a_folder_leaves_none_open(hub, tmp_path, monkeypatch, where, call):
    entered, release = threading.Event(), threading.Event()
    calls = itertools.count()
    root = Folder.root

    def slow(path, *, make=False):
        folder = root(path, make=make)
        if next(calls) == call:
            entered.set()
            release.wait(10)
        return folder

    monkeypatch.setattr(Folder, "root", slow)
    settings = Settings(endpoint=hub.endpoint, cache_dir=str(tmp_path / "cache"), progress=False)
    local_dir = tmp_path / "mine" if where == "local_dir" else None

    async def main():
        async with AsyncHfApi(settings=settings, token=hub.token) as api:
            task = asyncio.ensure_future(api.snapshot_download(f"{hub.user}/model", local_dir=local_dir))
            while not (entered.is_set() or task.done()):
                await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.sleep(0)
            release.set()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(main())
    assert entered.is_set()
    assert open_below(tmp_path) == []


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="the open files are not listed")
def test_a_task_cancelled_before_a_thread_closes_its_folders_leaves_none_open(hub, tmp_path, monkeypatch):
    run_blocking = AsyncIo.run_blocking

    async def cancelled(self, do):
        if getattr(do, "__name__", "") == "close":
            raise asyncio.CancelledError
        return await run_blocking(self, do)

    monkeypatch.setattr(AsyncIo, "run_blocking", cancelled)
    settings = Settings(endpoint=hub.endpoint, cache_dir=str(tmp_path), progress=False)

    async def main():
        async with AsyncHfApi(settings=settings, token=hub.token) as api:
            with pytest.raises(asyncio.CancelledError):
                await api.snapshot_download(f"{hub.user}/model", allow_patterns=".gitattributes")

    asyncio.run(main())
    assert open_below(tmp_path) == []


def test_a_silent_connection_is_left_and_resumed(hub, intercept, tmp_path):
    release = threading.Event()
    starts = []

    def answer(incoming):
        if is_content(incoming):
            starts.append(incoming.headers.get("range"))
            return slowly(release) if len(starts) == 1 else None
        return None

    intercept(answer)
    settings = Settings(
        endpoint=hub.endpoint, cache_dir=str(tmp_path), progress=False, download_timeout=0.3, backoff=0.01
    )
    try:
        with HfApi(settings=settings, token=hub.token) as api:
            path = api.hf_hub_download(f"{hub.user}/model", "weights.bin")
    finally:
        release.set()
    assert Path(path).read_bytes() == CONTENT
    assert len(starts) == 2
    assert starts[1].startswith("bytes=")


# Large files, in ranges

RANGES = """
            import hub_typed.flows.files.fetch as fetch, hub_typed.disk.range_plan as plan
            fetch.MIN_RANGED_SIZE, plan.SHORTEST, plan.LONGEST = 1_000_000, 500_000, 500_000
"""


@pytest.fixture
def requested(intercept):
    """Ranges requested of the content; `gate` holds back those from the middle of the file on."""

    class Requested:
        def __init__(self):
            self.ranges = []
            self.gate = threading.Event()
            self.held = 0

        def answer(self, incoming):
            if is_content(incoming):
                start = int(incoming.headers.get("range", "bytes=0-").removeprefix("bytes=").partition("-")[0])
                self.ranges.append(start)
                if start >= len(LARGE) // 2 and not self.gate.is_set():
                    self.held += 1
                    self.gate.wait(20)

        def wait_until_half_is_there(self, folder):
            until(lambda: self.held >= 2)
            second_half = b" 6000000 3000000-6000000\n"
            until(lambda: any(second_half in map_file.read_bytes() for map_file in folder.rglob("*-map")))

    made = Requested()
    intercept(made.answer)
    yield made
    made.gate.set()


@pytest.mark.parametrize("how", ["kill", "interrupt"])
def test_ranges_of_a_process_that_ended_are_kept(start, requested, tmp_path, how):
    first = start(RANGES, "large.bin")
    requested.wait_until_half_is_there(tmp_path)
    ended = time.monotonic()
    first.send_signal(signal.SIGKILL if how == "kill" else signal.SIGINT)
    first.communicate()
    assert time.monotonic() - ended < 5
    assert not list(tmp_path.rglob("*.incomplete")), "other clients would take the gaps for bytes"
    requested.ranges.clear()
    requested.gate.set()
    path, error = start(RANGES, "large.bin").communicate()
    assert error == ""
    assert Path(path.strip()).read_bytes() == LARGE
    assert min(requested.ranges) == len(LARGE) // 2
    assert not list(tmp_path.rglob("*.ranges*"))


def test_a_disk_without_room_for_ranges(start, tmp_path):
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))"
    limited = start(f"{RANGES}            {limit}", "large.bin")
    _, error = limited.communicate()
    assert "No space left to write the 6000000 bytes of large.bin" in error
    assert not list(tmp_path.rglob("*.ranges*"))


@pytest.fixture
def short_ranges(monkeypatch):
    monkeypatch.setattr("hub_typed.flows.files.fetch.MIN_RANGED_SIZE", 1_000_000)
    monkeypatch.setattr("hub_typed.disk.range_plan.SHORTEST", 500_000)
    monkeypatch.setattr("hub_typed.disk.range_plan.LONGEST", 500_000)


@pytest.mark.usefixtures("short_ranges")
def test_a_cancelled_task_keeps_its_ranges(hub, requested, tmp_path):
    settings = Settings(endpoint=hub.endpoint, cache_dir=str(tmp_path), progress=False)

    async def main():
        async with AsyncHfApi(settings=settings, token=hub.token) as api:
            task = asyncio.ensure_future(api.hf_hub_download(f"{hub.user}/model", "large.bin"))
            await asyncio.to_thread(requested.wait_until_half_is_there, tmp_path)
            at = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - at < 1
            requested.ranges.clear()
            requested.gate.set()
            return await api.hf_hub_download(f"{hub.user}/model", "large.bin")

    assert Path(asyncio.run(main())).read_bytes() == LARGE
    assert min(requested.ranges) == len(LARGE) // 2


@pytest.mark.usefixtures("short_ranges")
def test_a_silent_range_is_left_and_the_others_go_on(hub, intercept, tmp_path):
    release = threading.Event()
    starts = []

    def half(body):
        def pieces():
            yield body[:200_000]
            release.wait(20)
            yield body[200_000:]

        return Source(pieces, len(body))

    def answer(incoming):
        if is_content(incoming):
            starts.append(incoming.headers.get("range"))
            if starts.count("bytes=1000000-1499999") == 1 and starts[-1] == "bytes=1000000-1499999":
                headers = {"content-range": "bytes 1000000-1499999/6000000", "content-length": "500000"}
                return Answer(status=206, headers=headers, body=half(LARGE[1_000_000:1_500_000]))
        return None

    intercept(answer)
    settings = Settings(
        endpoint=hub.endpoint, cache_dir=str(tmp_path), progress=False, download_timeout=0.5, backoff=0.01
    )
    try:
        with HfApi(settings=settings, token=hub.token) as api:
            path = api.hf_hub_download(f"{hub.user}/model", "large.bin")
    finally:
        release.set()
    assert Path(path).read_bytes() == LARGE
    assert "bytes=1200000-1499999" in starts, "it is resumed at its last byte"


def test_too_many_open_files_are_reported_with_advice(start):
    process = start(
        """
            import os, resource
            from hub_typed.disk import files, folders
            from hub_typed.flows.files import cache, fetch, snapshot
            from hub_typed.http import tcp
            resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/proc/self/fd")) + 3,) * 2)
        """
    )
    _, error = process.communicate()
    assert "DiskError" in error
    assert "Raise the limit of open files" in error
