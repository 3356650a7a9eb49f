"""Downloads of files in Xet storage: the right bytes, or an error; and without Xet if it fails."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import re
import sys
import threading
import time

import pytest

from hub_typed import AsyncHfApi, HfApi, hf_hub_url
from hub_typed.errors import CancelledError, IntegrityError
from hub_typed.local import LocalHub
from hub_typed.local.faults import Drip, ExpiredTokens, Reset, Stall, Status, Truncated, WrongBytes
from hub_typed.xet import downloads as xet_downloads

LARGE = ["one.bin", "two.bin", "ten.bin", "packed.bin"]


@pytest.fixture
def warnings(caplog):
    """Warnings that say that a file is downloaded without Xet."""
    caplog.set_level(logging.WARNING, "hub_typed")
    return lambda: [text for text in caplog.messages if "without Xet" in text]


def readers():
    return [thread for thread in threading.enumerate() if thread.name == "hub-typed-xet"]


@pytest.mark.parametrize("name", LARGE)
def test_a_file_comes_from_xet_storage(download, files, name):
    assert download.file(name) == files[name]
    assert "storage.download" not in download.operations()
    assert download.operations().count("xet.get_xet_read_token") == 1
    assert {"xet_storage.get_reconstruction", "storage.download_xorb"} <= set(download.xet())


@pytest.mark.parametrize("name", ["small.bin", "notes.txt"])
def test_a_small_file_comes_without_xet(download, files, name):
    assert download.file(name) == files[name]
    assert download.xet() == []


def test_a_snapshot_needs_one_token_and_one_list_of_files(download, files):
    folder = download("snapshot_download", download.repo)
    for name, content in files.items():
        with open(os.path.join(folder, name), "rb") as file:
            assert file.read() == content
    asked = download.operations()
    assert asked.count("xet.get_xet_read_token") == asked.count("tree.list_repo_tree") == 1
    assert "files.resolve_head" not in asked


def test_files_go_to_a_local_folder(download, files, tmp_path):
    download("hf_hub_download", download.repo, "ten.bin", local_dir=tmp_path / "local")
    assert (tmp_path / "local" / "ten.bin").read_bytes() == files["ten.bin"]
    assert download.xet()


def test_the_metadata_of_a_file_say_where_it_is_in_xet_storage(download):
    url = hf_hub_url(download.repo, "one.bin", endpoint=download.hub.endpoint)
    found = download("get_hf_file_metadata", url).xet_file_data
    assert re.fullmatch("[0-9a-f]{64}", found.file_hash)
    assert found.refresh_route.startswith(f"{download.hub.endpoint}/api/models/{download.repo}/xet-read-token/")
    assert download("get_hf_file_metadata", url.replace("one.bin", "notes.txt")).xet_file_data is None


@pytest.mark.parametrize("name", LARGE)
def test_progress_is_reported_as_for_other_files(download, files, name):
    events = []
    download.set(progress=events.append).file(name)
    assert events[0].state == "started"
    assert events[-1].state == "finished"
    assert events[-1].done == events[-1].total == len(files[name])
    assert [one.done for one in events] == sorted(one.done for one in events)


def test_switched_off_by_the_settings(download, files):
    assert download.set(xet=False).file("one.bin") == files["one.bin"]
    assert download.xet() == []


def test_without_the_wheel_files_come_without_xet(download, files, monkeypatch):
    monkeypatch.setitem(sys.modules, "hf_xet", None)
    assert download.file("one.bin") == files["one.bin"]
    assert download.xet() == []


def test_with_a_wheel_that_cannot_be_used_files_come_without_xet(download, files, bad_wheel, warnings):
    assert download.file("one.bin") == files["one.bin"]
    [warning] = warnings()
    assert bad_wheel in warning


def test_an_invalid_environment_does_not_matter_to_a_client_with_settings(download, files, monkeypatch):
    """`hf_xet` would take its proxies from it."""
    monkeypatch.setenv("HF_HUB_DOWNLOAD_TIMEOUT", "soon")
    assert download.file("one.bin") == files["one.bin"]
    assert download.xet() == []


def test_a_hub_without_xet_is_asked_for_nothing_of_it(kind, tmp_path, download, files):
    with LocalHub(xet=False) as hub, HfApi(hub.endpoint, hub.token) as api:
        api.create_repo(f"{hub.user}/model")
        api.upload_file(path_or_fileobj=files["one.bin"], path_in_repo="one.bin", repo_id=f"{hub.user}/model")
        other = type(download)(hub, kind, download.settings, len(hub.hub.requests))
        assert other.file("one.bin") == files["one.bin"]
        assert other.xet() == []


@pytest.mark.parametrize("name", LARGE)
def test_wrong_bytes_are_never_kept(download, fault, name):
    fault(WrongBytes(at=1000), operation="storage.download_xorb")
    with pytest.raises(IntegrityError, match=rf"{name} .*HF_HUB_DISABLE_XET=1"):
        download.file(name)
    assert download.blobs == []


def test_an_expired_token_is_replaced(download, files, fault, warnings):
    fault(ExpiredTokens(), operation="xet_storage.get_reconstruction", times=1)
    assert download.file("one.bin") == files["one.bin"]
    assert download.operations().count("xet.get_xet_read_token") == 2
    assert "storage.download" not in download.operations()
    assert not warnings()


@pytest.mark.parametrize(
    ("how", "operation"),
    [
        (Status(503), "xet_storage.*"),
        (Status(404), "xet_storage.*"),
        (Status(403), "storage.download_xorb"),
        (Status(404), "storage.download_xorb"),
        (Status(500), "storage.download_xorb"),
        (Status(404), "xet.get_xet_read_token"),
        (Reset(of="response", after=100), "storage.download_xorb"),
        (Truncated(at=50_000), "storage.download_xorb"),
        (Reset(), "xet_storage.*"),
        (ExpiredTokens(), "xet_storage.*"),
        (WrongBytes(at=4), "storage.download_xorb"),
    ],
)
@pytest.mark.parametrize("name", ["one.bin", "ten.bin"])
def test_if_the_storage_fails_the_file_comes_without_xet(download, files, fault, warnings, how, operation, name):
    fault(how, operation=operation)
    assert download.file(name) == files[name]
    [warning] = warnings()
    assert name in warning
    assert download.repo in warning
    assert "storage.download" in download.operations()


def test_a_failure_is_repeated_once_without_a_warning(download, files, fault, warnings):
    fault(Status(500), operation="storage.download_xorb", times=2)  # hf_xet repeats it once
    assert download.file("one.bin") == files["one.bin"]
    assert "storage.download" not in download.operations()
    assert not warnings()


def test_a_lost_part_of_a_file_comes_without_xet(download, files, fault, warnings):
    """Transfers of other parts succeed meanwhile."""
    fault(Status(404), operation="storage.download_xorb", skip=3)
    assert download.file("ten.bin") == files["ten.bin"]
    assert len(warnings()) == 1


def test_the_bytes_before_a_failure_are_kept(download, files, fault):
    fault(Status(500), operation="storage.download_xorb", skip=1)
    assert download.file("two.bin") == files["two.bin"]
    plain = [one for one in list(download.hub.hub.requests)[download.seen :] if one.operation == "storage.download"]
    assert 0 < sum(one.sent for one in plain) < len(files["two.bin"])


def test_a_storage_that_knows_only_the_first_version_of_reconstructions_is_used(download, files, fault, warnings):
    fault(Status(404), operation="xet_storage.get_reconstruction")
    assert download.file("ten.bin") == files["ten.bin"]
    assert "xet_storage.get_reconstruction_v1" in download.operations()
    assert not warnings()


@pytest.mark.parametrize("operation", ["xet_storage.*", "storage.download_xorb"])
def test_a_silent_storage_is_left(download, files, fault, warnings, operation):
    fault(Stall(), operation=operation)
    began = time.monotonic()
    assert download.set(download_timeout=0.2).file("one.bin") == files["one.bin"]
    assert time.monotonic() - began < 4
    assert len(warnings()) == 1


def test_a_storage_that_drips_is_left(download, files, fault, warnings, monkeypatch):
    monkeypatch.setattr(xet_downloads, "SLOWEST", 1 << 20)
    fault(Drip(bytes_per_second=1000), operation="storage.download_xorb")
    assert download.set(download_timeout=0.1).file("one.bin") == files["one.bin"]
    [warning] = warnings()
    assert "no bytes of one.bin within" in warning
    assert not readers()


def test_after_two_files_failed_the_storage_is_not_tried_for_a_while(download, files, fault, warnings):
    fault(Status(404), operation="xet_storage.*")
    folder = download("snapshot_download", download.repo, allow_patterns="*.bin", max_workers=1)
    for name in LARGE:
        with open(os.path.join(folder, name), "rb") as file:
            assert file.read() == files[name]
    assert len(warnings()) == 2


def test_the_rate_of_the_settings_is_kept(download, files):
    began = time.monotonic()
    assert download.set(max_download_rate=1e6).file("two.bin") == files["two.bin"]
    assert time.monotonic() - began > len(files["two.bin"]) / 1e6 * 0.7
    assert download.xet()


def test_proxies_that_the_wheel_would_not_use_switch_xet_off(download):
    download.set(proxies={"https": "http://proxy.test:3128"}).file("one.bin")
    assert download.xet() == []
    download("hf_hub_download", download.repo, "two.bin", proxies={"https": "http://proxy.test:3128"})
    assert download.xet() == []


@pytest.mark.parametrize("name", ["one.bin", "ten.bin"])
def test_a_cancelled_task_ends_within_a_second(download, fault, stocked, until, name):
    fault(Stall(), operation="storage.download_xorb")

    async def cancel() -> float:
        async with AsyncHfApi(stocked.endpoint, stocked.token, settings=download.settings) as api:
            task = asyncio.create_task(api.hf_hub_download(download.repo, name))
            while "xet_storage.get_reconstruction" not in download.operations():
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            task.cancel()
            began = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - began

    assert asyncio.run(cancel()) < 1
    until(lambda: not readers())


def test_closing_the_client_ends_a_download_within_a_second(download, fault, stocked, until):
    fault(Stall(), operation="storage.download_xorb")
    api = HfApi(stocked.endpoint, stocked.token, settings=download.settings)
    failures = []

    def work():
        try:
            api.hf_hub_download(download.repo, "ten.bin")
        except CancelledError as error:
            failures.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    until(lambda: "xet_storage.get_reconstruction" in download.operations())
    began = time.monotonic()
    api.close()
    thread.join(5)
    assert time.monotonic() - began < 1
    assert len(failures) == 1
    until(lambda: not readers())


def test_an_aborted_session_does_not_fail_other_downloads(download, fault, stocked, files, until, monkeypatch):
    """A stream that hangs takes the session of the client with it; the others repeat their transfers."""
    fault(Stall(), operation="storage.download_xorb", times=1)

    async def both() -> bytes:
        async with AsyncHfApi(stocked.endpoint, stocked.token, settings=download.settings) as api:
            hanging = asyncio.create_task(api.hf_hub_download(download.repo, "one.bin"))
            while "storage.download_xorb" not in download.operations():
                await asyncio.sleep(0.01)
            stocked.faults.add(Drip(bytes_per_second=2e6), operation="storage.download_xorb", times=1)
            other = asyncio.create_task(api.hf_hub_download(download.repo, "two.bin"))
            await asyncio.sleep(0.05)
            hanging.cancel()
            path = await other
            with pytest.raises(asyncio.CancelledError):
                await hanging
            with open(path, "rb") as file:
                return file.read()

    assert asyncio.run(both()) == files["two.bin"]


@pytest.mark.parametrize("kind", ["sync"])
def test_a_fork_gets_a_session_of_its_own(download, files):
    with HfApi(download.hub.endpoint, download.hub.token, settings=download.settings) as api:
        api.hf_hub_download(download.repo, "one.bin")
        child = os.fork()
        if child == 0:
            status = 1
            try:
                with open(api.hf_hub_download(download.repo, "ten.bin"), "rb") as file:
                    status = 0 if file.read() == files["ten.bin"] else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert "storage.download" not in download.operations()
        api.hf_hub_download(download.repo, "two.bin")


@pytest.mark.parametrize("seed", range(10))
def test_whatever_is_altered_on_the_way_no_wrong_file_appears(stocked, tmp_path, download, files, seed):
    """Ten alterations, for each of two clients and ten seeds: of a xorb, or of a reconstruction."""
    rng = random.Random(f"{seed} {download.kind}")
    outcomes = []
    for number in range(10):
        name = rng.choice(LARGE)
        operation = rng.choice(["storage.download_xorb", "xet_storage.get_reconstruction*"])
        length = len(files[name]) if operation.startswith("storage") else 600
        with_fault = WrongBytes(at=rng.randrange(length), count=rng.choice([1, 1, 2, 50]))
        rule = stocked.faults.add(with_fault, operation=operation, times=rng.choice([1, None]))
        try:
            found = download.set(cache_dir=str(tmp_path / str(number)), download_timeout=1).file(name)
        except IntegrityError:
            assert download.blobs == []
            outcomes.append("refused")
        else:
            assert found == files[name]
            outcomes.append("right")
        finally:
            stocked.faults.remove(rule)
    assert len(outcomes) == 10


def test_a_session_that_is_aborted_when_a_transfer_starts_is_replaced(download, files, monkeypatch):
    """`hf_xet` raises KeyboardInterrupt then, as if the user had pressed Ctrl-C."""
    found = xet_downloads.XetDownloads._group
    aborted = []

    def abort_once(downloads, token):
        group = found(downloads, token)
        if not aborted:
            aborted.append(group.session)
            downloads._sessions.discard(group.session)
        return group

    monkeypatch.setattr(xet_downloads.XetDownloads, "_group", abort_once)
    assert download.file("one.bin") == files["one.bin"]
    assert aborted
    assert "storage.download" not in download.operations()
