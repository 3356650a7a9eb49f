"""Xet storage that fails during an upload: the files are stored all the same, or the caller learns why not."""

from __future__ import annotations

import asyncio
import logging
import os
import random
import threading
import time

import pytest

from hub_typed import AsyncHfApi, CommitOperationAdd, HfApi, Settings
from hub_typed.errors import CancelledError
from hub_typed.local.faults import ExpiredTokens, Reset, Stall, Status, Truncated, WrongBytes

LARGE = b"\0" + random.Random(0).randbytes(1 << 20)
SMALL = b"\0" + random.Random(1).randbytes(70_000)
FILES = {"large.bin": LARGE, "small.bin": SMALL}
SOON = 1.0
"""Seconds."""


@pytest.fixture
def warned(caplog):
    """Warnings of the client; the logger of the embedded Hub is another one."""
    caplog.set_level(logging.WARNING, "hub_typed")
    return lambda: [one.getMessage() for one in caplog.records if one.name == "hub_typed"]


LASTING = {
    "xorbs are refused": (Status(400), "upload_xorb"),
    "xorbs are forbidden": (Status(403), "upload_xorb"),
    "the storage is down": (Status(503), "upload_*"),
    "connections break": (Reset(after=1000), "upload_xorb"),
    "tokens expire at once": (ExpiredTokens(), "upload_xorb"),
    "shards are refused": (Status(400), "upload_shard*"),
    "shards have no version": (Status(404), "upload_shard*"),
    "the answer breaks off": (Truncated(at=10), "upload_shard*"),
    "the answer is wrong": (WrongBytes(count=200), "upload_shard*"),
    "the storage hangs": (Stall(), "upload_xorb"),
    "the storage hangs at the end": (Stall(), "upload_shard*"),
    "the storage reads nothing": (Stall(of="request"), "upload_xorb"),
}


@pytest.mark.parametrize("case", LASTING)
def test_files_go_to_lfs_storage_with_one_warning_that_says_why(play_xet, commit, contents, operations, warned, case):
    fault, operation = LASTING[case]
    is_registered = operation == "upload_shard*" and not isinstance(fault, Status)

    async def scenario(side):
        await side.api.create_repo(side.repo)
        side.hub.faults.add(fault, operation=f"xet_storage.{operation}")
        client = side.make(answer_timeout=0.3 if "hangs" in case or "reads" in case else 10, attempts=2)
        additions = [CommitOperationAdd(path, content) for path, content in FILES.items()]
        await client.create_commit(side.repo, additions, commit_message="Add")
        (message,) = warned()
        assert message.startswith(
            f"Uploading files of {side.repo} without Xet: Xet storage: the upload to {side.repo} failed: "
        )
        assert not [word for word in ("Bearer", "signature", side.hub.token) if word in message]
        if isinstance(fault, Stall):
            assert message.endswith("no progress for 0.3 seconds.")
        # Where only the answer is lost, LFS storage has the files already.
        assert operations(side.hub).count("storage.upload") == (0 if is_registered else 2)
        assert await contents(side, *FILES) == FILES

    play_xet(scenario)


def test_with_a_wheel_that_cannot_be_used_files_go_to_lfs_storage(play_xet, commit, contents, warned, bad_wheel):
    async def scenario(side):
        await commit(side, FILES)
        (message,) = warned()
        assert bad_wheel in message
        assert await contents(side, *FILES) == FILES

    play_xet(scenario)


PASSING = {
    "an overloaded storage": (Status(503), "upload_xorb", 1),
    "a broken connection": (Reset(after=1000), "upload_xorb", 1),
    "a token that has expired": (ExpiredTokens(), "upload_xorb", 1),
    "a token that has expired at the end": (ExpiredTokens(), "upload_shard", 1),
    "a refusal": (Status(400), "upload_xorb", 1),
    "a storage of an older version": (Status(404), "upload_shard", None),
    "a storage that knows no chunks": (Status(500), "find_chunk", None),
}


@pytest.mark.parametrize("case", PASSING)
def test_a_passing_failure_is_not_noticed(play_xet, commit, contents, operations, warned, case):
    fault, operation, times = PASSING[case]

    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(fault, operation=f"xet_storage.{operation}", times=times)
        await commit(side, FILES)
        assert rule.count or operation == "find_chunk"
        assert warned() == []
        assert not operations(side.hub).count("storage.upload")
        assert await contents(side, *FILES) == FILES

    play_xet(scenario)


def test_a_storage_that_has_lost_what_hf_xet_remembers_gets_the_files_by_lfs(play_xet, commit, contents, warned):
    async def scenario(side):
        await commit(side, {"large.bin": LARGE})
        await side.api.delete_repo(side.repo)
        side.hub.hub.xet.collect_garbage(set(), older_than=0)
        await commit(side, FILES)
        (message,) = warned()
        assert "which is not stored: upload it first" in message
        assert await contents(side, *FILES) == FILES

    play_xet(scenario)


@pytest.mark.parametrize("status", [400, 403, 404, 500, 501])
def test_a_hub_that_gives_no_token_gets_the_files_by_lfs(play_xet, commit, contents, operations, warned, status):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        side.hub.faults.add(Status(status), operation="xet.get_xet_write_token")
        await commit(side, FILES)
        assert operations(side.hub).count("storage.upload") == 2
        assert warned() == []

    play_xet(scenario)


def test_an_error_of_the_observer_is_raised_and_ends_the_upload(play_xet, commit, operations):
    def observe(event):
        if event.kind == "upload" and event.state == "advanced":
            raise RuntimeError("enough")

    async def scenario(side):
        await side.api.create_repo(side.repo)
        client = side.make(progress=observe)
        with pytest.raises(RuntimeError, match="enough"):
            await client.create_commit(side.repo, [CommitOperationAdd("a.bin", LARGE)], commit_message="Add")
        assert not operations(side.hub).count("commits.create_commit")

    play_xet(scenario)


def test_after_two_failed_uploads_the_storage_is_not_tried_for_a_while(play_xet, operations, warned):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(Status(400), operation="xet_storage.upload_xorb")
        client = side.make()

        async def upload(number):
            addition = CommitOperationAdd(f"{number}.bin", SMALL + bytes([number]))
            await client.create_commit(side.repo, [addition], commit_message="Add")

        for number in range(3):
            await upload(number)
        assert len(warned()) == 2
        assert operations(side.hub).count("storage.upload") == 3
        assert rule.count == 4  # two attempts each

    play_xet(scenario)


def test_the_events_of_a_failed_upload_end_with_its_failure(play_xet):
    events = []

    async def scenario(side):
        await side.api.create_repo(side.repo)
        side.hub.faults.add(Status(400), operation="xet_storage.upload_shard*")
        client = side.make(progress=events.append)
        await client.create_commit(side.repo, [CommitOperationAdd("a.bin", SMALL)], commit_message="Add")
        ends = [(event.kind, event.state) for event in events if event.state in ("finished", "failed")]
        assert ends == [
            ("upload", "failed"),
            ("upload", "failed"),
            ("hash", "finished"),
            ("upload", "finished"),
            ("commit", "finished"),
        ]

    play_xet(scenario)


@pytest.fixture
def hanging(xet_hub):
    """A Hub whose storage never answers, and a function that waits until it has been asked."""
    with HfApi(xet_hub.endpoint, xet_hub.token) as api:
        api.create_repo("thing")
    rule = xet_hub.faults.add(Stall(), operation="xet_storage.upload_xorb")

    def reached():
        end = time.monotonic() + 10
        while not rule.count and time.monotonic() < end:
            time.sleep(0.005)
        assert rule.count

    return reached


def adding(hub):
    return {
        "repo_id": f"{hub.user}/thing",
        "operations": [CommitOperationAdd(path, content) for path, content in FILES.items()],
        "commit_message": "Add",
    }


def test_a_cancelled_task_ends_its_upload_at_once(xet_hub, hanging):
    async def course():
        settings = Settings(endpoint=xet_hub.endpoint)
        async with AsyncHfApi(token=xet_hub.token, settings=settings) as api:
            running = asyncio.ensure_future(api.create_commit(**adding(xet_hub)))
            await asyncio.to_thread(hanging)
            began = time.monotonic()
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
            assert time.monotonic() - began < SOON

    asyncio.run(course())


def test_a_closed_client_ends_its_uploads_at_once_and_can_upload_again(xet_hub, hanging, monkeypatch):
    failures = []
    with HfApi(token=xet_hub.token, settings=Settings(endpoint=xet_hub.endpoint)) as api:

        def upload():
            try:
                api.create_commit(**adding(xet_hub))
            except CancelledError as error:
                failures.append(error)

        thread = threading.Thread(target=upload)
        thread.start()
        hanging()
        began = time.monotonic()
        api.close()
        thread.join(10)
        assert time.monotonic() - began < SOON
        assert len(failures) == 1
        xet_hub.faults.clear()
        api.create_commit(**adding(xet_hub))
        assert [one.operation for one in xet_hub.hub.requests].count("xet_storage.upload_shard") == 1


def test_a_child_process_uploads_after_a_fork(xet_hub):
    with HfApi(token=xet_hub.token, settings=Settings(endpoint=xet_hub.endpoint)) as api:
        api.create_repo("thing")
        api.create_commit(**adding(xet_hub))
        child = os.fork()
        if child == 0:
            status = 1
            try:
                api.upload_file(
                    path_or_fileobj=LARGE + b"more", path_in_repo="child.bin", repo_id=f"{xet_hub.user}/thing"
                )
                status = 0
            finally:
                os._exit(status)
        assert os.waitpid(child, 0)[1] == 0
        assert api.file_exists(f"{xet_hub.user}/thing", "child.bin")
        assert [one.operation for one in xet_hub.hub.requests].count("xet_storage.upload_shard") == 2
