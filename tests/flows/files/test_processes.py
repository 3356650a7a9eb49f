"""Downloads in real processes: concurrent, killed, suspended, and with a full disk."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from hub_typed import AsyncHfApi, HfApi
from hub_typed.local import LocalHub
from hub_typed.settings import Settings
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

CONTENT = random.Random(7).randbytes(3_000_000)
PIECE = 100_000


@pytest.fixture(scope="module")
def hub():
    with LocalHub() as made:
        api = HfApi(settings=Settings(endpoint=made.endpoint, progress=False), token=made.token)
        api.create_repo(f"{made.user}/model")
        api.upload_file(path_or_fileobj=CONTENT, path_in_repo="weights.bin", repo_id=f"{made.user}/model")
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

    def process(before=""):
        program = f"""
            {before}
            from hub_typed import HfApi
            from hub_typed.settings import Settings
            settings = Settings(endpoint={hub.endpoint!r}, cache_dir={str(tmp_path)!r}, progress=False, attempts=2)
            api = HfApi(settings=settings, token={hub.token!r})
            print(api.hf_hub_download({hub.user + "/model"!r}, "weights.bin"))
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
