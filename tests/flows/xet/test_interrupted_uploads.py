"""Ctrl-C and SIGKILL in the middle of uploads to Xet storage, and the next run."""

from __future__ import annotations

import io
import random
import signal
import threading
import time
from pathlib import Path

import attrs
import pytest

from hub_typed import HfApi, Settings
from hub_typed.local.faults import Drip, Stall
from tests.programs import PATIENCE

SOON = 2
"""Seconds, with the end of the interpreter."""
SIZE = 3 << 20
FILES = {f"weights/{number}.bin": b"\0" + random.Random(number).randbytes(SIZE) for number in range(4)}


@pytest.fixture
def local_hub(xet_hub, monkeypatch):
    """The Hub of the programs that a test starts."""
    monkeypatch.delenv("HF_HUB_DISABLE_XET")
    with HfApi() as api:
        api.create_repo("model")
    return xet_hub


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return tmp_path / "folder"


def count(hub, operation):
    return [one.operation for one in hub.hub.requests].count(operation)


def is_complete(api, repo_id, tmp_path):
    for name, content in FILES.items():
        assert Path(api.hf_hub_download(repo_id, name, cache_dir=tmp_path / "cache")).read_bytes() == content


@pytest.mark.parametrize("stuck", ["upload_xorb", "upload_shard"])
def test_ctrl_c_ends_an_upload_soon_and_the_next_run_completes_it(
    start, until, local_hub, folder, tmp_path, kind, stuck
):
    repo_id = f"{local_hub.user}/model"
    rule = local_hub.faults.add(Stall(), operation=f"xet_storage.{stuck}")
    program = start("upload_folder", kind=kind, repo_id=repo_id, folder_path=folder)
    until(lambda: rule.count)
    at = time.monotonic()
    program.send_signal(signal.SIGINT)
    printed, complaint = program.communicate(timeout=PATIENCE)
    assert program.returncode == -signal.SIGINT, complaint
    assert time.monotonic() - at < SOON, complaint
    assert printed == ""
    assert complaint.splitlines()[-1] == "KeyboardInterrupt"
    for noise in ("Exception in thread", "Exception ignored", "never retrieved", "Warning", "panicked"):
        assert noise not in complaint

    local_hub.faults.clear()
    again = start("upload_folder", kind=kind, repo_id=repo_id, folder_path=folder)
    assert again.communicate(timeout=PATIENCE)[1] == ""
    with HfApi() as api:
        is_complete(api, repo_id, tmp_path)


class Slow(io.BytesIO):
    """A file object that is interrupted by Ctrl-C while it is read, and is slow from then on."""

    def __init__(self, content):
        super().__init__(content)
        self.go_on = threading.Event()
        self._is_read = False

    def read(self, size=-1):
        if threading.current_thread() is not threading.main_thread() and not self._is_read:
            self._is_read = True
            signal.raise_signal(signal.SIGINT)
            self.go_on.wait(PATIENCE)
        return super().read(size)


def test_ctrl_c_does_not_wait_for_a_slow_file_object(local_hub):
    source = Slow(b"\0" + bytes(SIZE))
    with HfApi() as api:
        began = time.monotonic()
        try:
            with pytest.raises(KeyboardInterrupt):
                api.upload_file(path_or_fileobj=source, path_in_repo="a.bin", repo_id=f"{local_hub.user}/model")
            assert time.monotonic() - began < SOON
        finally:
            source.go_on.set()
    assert not count(local_hub, "commits.create_commit")


def test_ctrl_c_ends_the_wait_for_the_maximum_rate(local_hub, until):
    """Also the wait of the thread that sends, which outlives the call."""
    timer = threading.Timer(0.3, signal.pthread_kill, (threading.main_thread().ident, signal.SIGINT))
    with HfApi(settings=attrs.evolve(Settings.from_environment(), max_upload_rate=10_000)) as api:
        timer.start()
        with pytest.raises(KeyboardInterrupt):
            api.upload_file(
                path_or_fileobj=FILES["weights/0.bin"], path_in_repo="a.bin", repo_id=f"{local_hub.user}/model"
            )
        until(lambda: not [thread for thread in threading.enumerate() if thread.name == "hub-typed-xet"])


def test_a_killed_upload_of_a_large_folder_is_completed_by_the_next_run(start, until, local_hub, folder, tmp_path):
    repo_id = f"{local_hub.user}/model"
    slow = local_hub.faults.add(Drip(bytes_per_second=1e6, of="request"), operation="xet_storage.upload_xorb")
    arguments = {"repo_id": repo_id, "folder_path": folder, "repo_type": "model", "print_report": False}
    program = start("upload_large_folder", **arguments)
    until(lambda: slow.count)
    time.sleep(0.2)
    program.kill()
    program.communicate()
    assert not count(local_hub, "commits.create_commit")

    local_hub.faults.clear()
    again = start("upload_large_folder", **arguments)
    assert again.communicate(timeout=PATIENCE)[1] == ""
    assert not count(local_hub, "storage.upload")
    with HfApi() as api:
        is_complete(api, repo_id, tmp_path)


def test_a_run_after_one_that_was_killed_before_its_commit_sends_nothing_again(
    start, until, local_hub, folder, tmp_path
):
    repo_id = f"{local_hub.user}/model"
    rule = local_hub.faults.add(Stall(of="request"), operation="commits.create_commit")
    program = start("upload_folder", repo_id=repo_id, folder_path=folder)
    until(lambda: rule.count)
    program.kill()
    program.communicate()

    local_hub.faults.clear()
    before = local_hub.stats.snapshot()
    again = start("upload_folder", repo_id=repo_id, folder_path=folder)
    assert again.communicate(timeout=PATIENCE)[1] == ""
    assert (local_hub.stats.snapshot() - before).received < 100_000
    with HfApi() as api:
        is_complete(api, repo_id, tmp_path)
