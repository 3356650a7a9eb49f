"""Case 25: Ctrl-C, cancelled tasks, forks with open connections, many threads, and a cursor that does not move."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest

from hub_typed import AsyncHfApi, HfApi, HubError, Settings
from hub_typed.errors import CancelledError
from hub_typed.local.faults import ClosedConnection, Drip, Reset, Stall, Status, Truncated
from hub_typed_api.serve import Answer

LARGE = b"\0\1" * 4_000_000
REPO = "local-user/thing"
SILENT = {
    "the body is not read": (Stall(after=1000, of="request"), "storage.upload"),
    "the body is read slowly": (Drip(10_000, of="request"), "storage.upload"),
    "the storage does not answer": (Stall(), "storage.upload"),
    "the commit is not answered": (Stall(), "commits.create_commit"),
    "the batch is not answered": (Stall(of="request"), "lfs.lfs_batch"),
}


@pytest.fixture
def hub(local_hub):
    with HfApi() as api:
        api.create_repo(REPO)
    return local_hub


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "folder"
    made.mkdir()
    for number in range(3):
        (made / f"{number}.bin").write_bytes(bytes([0, number]) + LARGE)
    return made


HASHING = "a file is hashed"
CASES = [*SILENT, HASHING]


def hang(hub, folder, case):
    """Let the upload of a folder hang, and return a function that tells whether it does."""
    if case == HASHING:
        os.truncate(folder / "0.bin", 30 << 30)
        return lambda: any(one.operation == "commits.preupload" for one in hub.hub.requests.copy())
    fault, operation = SILENT[case]
    rule = hub.faults.add(fault, operation=operation)
    return lambda: rule.count


def recover(hub, folder):
    """Let the next upload of the folder succeed."""
    hub.faults.clear()
    os.truncate(folder / "0.bin", len(LARGE))


def check_upload(folder):
    with HfApi() as api:
        api.upload_folder(repo_id=REPO, folder_path=folder)
        assert {f"{number}.bin" for number in range(3)} <= {*api.list_repo_files(REPO)}


@pytest.fixture
def leaves_nothing(until, folder):
    """Check that a test leaves no thread and no file behind."""
    cached = {*Path(os.environ["HF_HOME"]).rglob("*")}  # other tests use it, too
    threads, files = {*threading.enumerate()}, {*folder.rglob("*")}
    yield
    ended = time.monotonic()
    until(lambda: not [one for one in {*threading.enumerate()} - threads if not one.daemon])
    assert time.monotonic() - ended < 1
    assert {*folder.rglob("*")} == files
    assert not [path for path in {*Path(os.environ["HF_HOME"]).rglob("*")} - cached if path.is_file()]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_ctrl_c_ends_an_upload_that_waits(hub, start, until, folder, kind, case):
    hangs = hang(hub, folder, case)
    running = start("upload_folder", kind=kind, repo_id=REPO, folder_path=folder)
    until(hangs)
    time.sleep(0.1)
    began = time.monotonic()
    running.send_signal(signal.SIGINT)
    _, told = running.communicate(timeout=30)
    assert time.monotonic() - began < 2, "of which the interpreter needs the larger part"
    assert running.returncode == -signal.SIGINT
    assert told.splitlines()[-1] == "KeyboardInterrupt"
    recover(hub, folder)
    check_upload(folder)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.usefixtures("leaves_nothing")
def test_ctrl_c_leaves_nothing_behind(hub, until, folder, kind, case):
    hangs, pressed = hang(hub, folder, case), []

    def press():
        until(hangs)
        time.sleep(0.1)
        pressed.append(time.monotonic())
        os.kill(os.getpid(), signal.SIGINT)

    async def upload_asynchronously():
        async with AsyncHfApi() as api:
            await api.upload_folder(repo_id=REPO, folder_path=folder)

    def upload():
        with HfApi() as api:
            api.upload_folder(repo_id=REPO, folder_path=folder)

    user = threading.Thread(target=press)
    user.start()
    with pytest.raises(KeyboardInterrupt):
        upload() if kind == "sync" else asyncio.run(upload_asynchronously())
    assert time.monotonic() - pressed[0] < 1
    user.join()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("leaves_nothing")
def test_a_cancelled_upload_ends_at_once_and_leaves_nothing_behind(hub, folder, case):
    hangs = hang(hub, folder, case)

    async def main():
        async with AsyncHfApi() as api:
            task = asyncio.ensure_future(api.upload_folder(repo_id=REPO, folder_path=folder))
            while not hangs():
                await asyncio.sleep(0.005)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert time.monotonic() - began < 1
            recover(hub, folder)
            await api.upload_folder(repo_id=REPO, folder_path=folder)

    asyncio.run(main())
    check_upload(folder)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("leaves_nothing")
def test_a_closed_client_ends_its_uploads_at_once(hub, until, folder, case):
    hangs = hang(hub, folder, case)
    api = HfApi()
    with ThreadPoolExecutor(1) as thread:
        upload = thread.submit(api.upload_folder, repo_id=REPO, folder_path=folder)
        until(hangs)
        time.sleep(0.1)
        began = time.monotonic()
        api.close()
        with pytest.raises(CancelledError, match="cancelled"):
            upload.result(30)
        assert time.monotonic() - began < 1
        recover(hub, folder)
        api.upload_folder(repo_id=REPO, folder_path=folder)
    api.close()


@pytest.mark.parametrize("case", CASES)
@pytest.mark.usefixtures("leaves_nothing")
def test_a_closed_asynchronous_client_ends_its_uploads_at_once(hub, folder, case):
    hangs = hang(hub, folder, case)

    async def main():
        api = AsyncHfApi()
        upload = asyncio.ensure_future(api.upload_folder(repo_id=REPO, folder_path=folder))
        while not hangs():
            await asyncio.sleep(0.005)
        await asyncio.sleep(0.1)
        began = time.monotonic()
        await api.aclose()
        with pytest.raises(CancelledError, match="cancelled"):
            await upload
        assert time.monotonic() - began < 1
        recover(hub, folder)
        await api.upload_folder(repo_id=REPO, folder_path=folder)
        await api.aclose()

    asyncio.run(main())


def test_a_child_gets_connections_of_its_own(hub):
    with HfApi() as api:
        assert api.model_info(REPO).id == REPO
        child = os.fork()
        if child == 0:  # pragma: no cover
            status = 1
            try:
                status = int(any(api.model_info(REPO).id != REPO for _ in range(5)))
            finally:
                os._exit(status)
        for _ in range(5):
            assert api.model_info(REPO).id == REPO
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


FAULTS = [Status(503), Reset(), Reset(of="response"), Truncated(10), Stall(0.05), ClosedConnection()]


def test_many_threads_share_a_client_in_spite_of_faults(hub):
    rules = [
        hub.faults.add(fault, operation="models.model_info", probability=0.05, seed=seed)
        for seed, fault in enumerate(FAULTS)
    ]
    settings = attrs.evolve(Settings.from_environment(), attempts=20, backoff=0.001)
    with HfApi(settings=settings) as api, ThreadPoolExecutor(32) as threads:
        found = list(threads.map(lambda _: api.model_info(REPO).id, range(300)))
    assert found == [REPO] * 300
    assert sum(rule.count for rule in rules) > 20


def test_a_cursor_that_does_not_move_is_an_error(play):
    async def scenario(side):
        asked = []

        def again(incoming):
            if incoming.path != "/api/models":
                return None
            asked.append(incoming.query)
            link = f'<{incoming.origin}/api/models?cursor=2>; rel="next"'
            return Answer(headers={"content-type": "application/json", "link": link}, body=b'[{"id": "a/b"}]')

        side.hub.hub.intercept = again
        with pytest.raises(HubError, match="the pages form a loop"):
            _ = [one async for one in side.api.list_models()]
        assert len(asked) == 2

    play(scenario)
