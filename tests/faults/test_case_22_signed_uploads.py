"""Case 22: signed uploads whose URLs expire, whose parts break off or fail, and whose completion fails."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest

from hub_typed import HubError
from hub_typed.local.faults import ExpiredUrls, Reset, Status, Truncated

PART = 200_000
CONTENT = os.urandom(5 * PART - 7)
PARTS = 5


async def upload(side):
    """Upload a file of five parts."""
    side.hub.hub.lfs.part_size = PART
    await side.api.create_repo(side.repo, exist_ok=True)
    await side.api.upload_file(path_or_fileobj=CONTENT, path_in_repo="weights.bin", repo_id=side.repo)


async def check(side):
    """Check that the file is there, in one commit."""
    assert Path(await side.api.hf_hub_download(side.repo, "weights.bin")).read_bytes() == CONTENT
    assert len(await side.api.list_repo_commits(side.repo)) == 2


def sent(side):
    """Return the bytes of all parts that the storage has read."""
    return sum(one.received for one in side.hub.hub.requests if one.operation == "storage.upload_part")


def accepted(side):
    """Return the paths of the parts that the storage has taken."""
    asked = [one for one in side.hub.hub.requests if one.operation == "storage.upload_part"]
    return [one.path for one in asked if one.status == 200]


@pytest.mark.parametrize("skip", [0, 2, 4])
def test_expired_urls_are_renewed(play, skip):
    async def scenario(side):
        rule = side.hub.faults.add(ExpiredUrls(), operation="storage.upload_part", skip=skip, times=1)
        await upload(side)
        await check(side)
        assert rule.count == 1
        assert len(set(accepted(side))) == PARTS
        assert len(accepted(side)) <= PARTS + skip, "parts that the storage had were sent again at most once"
        assert side.hub.stats.snapshot().requests["lfs.lfs_batch"] == 2

    play(scenario)


@pytest.mark.parametrize("operation", ["storage.complete", "lfs.lfs_verify"])
def test_no_part_is_sent_again_if_the_last_url_expires(play, operation):
    async def scenario(side):
        rule = side.hub.faults.add(ExpiredUrls(), operation=operation, times=1)
        await upload(side)
        await check(side)
        assert rule.count == 1
        assert sent(side) == len(CONTENT)

    play(scenario)


@pytest.mark.parametrize("operation", ["storage.complete", "storage.upload_part"])
def test_urls_that_always_expire_end_in_an_error(play, operation):
    async def scenario(side):
        rule = side.hub.faults.add(ExpiredUrls(), operation=operation)
        with pytest.raises(HubError, match=r"403.*Request has expired"):
            await upload(side)
        assert rule.count < 30
        side.hub.faults.clear()
        await upload(side)
        await check(side)

    play(scenario)


@pytest.mark.parametrize(
    ("fault", "again"),
    [(Reset(after=70_000), 70_000), (Reset(after=PART), PART), (Status(500), PART), (Truncated(), PART)],
    ids=["reset", "reset at its end", "500", "lost response"],
)
def test_a_part_that_fails_is_sent_again_alone(play, fault, again):
    async def scenario(side):
        rule = side.hub.faults.add(fault, operation="storage.upload_part", path="*/2", times=2)
        await upload(side)
        await check(side)
        assert rule.count == 2
        assert sent(side) == len(CONTENT) + 2 * again

    play(scenario)


@pytest.mark.parametrize("fault", [Status(500), Reset()], ids=["500", "reset"])
def test_a_completion_that_fails_is_sent_again(play, fault):
    async def scenario(side):
        rule = side.hub.faults.add(fault, operation="storage.complete", times=1)
        await upload(side)
        await check(side)
        assert rule.count == 1
        assert sent(side) == len(CONTENT)

    play(scenario)


@pytest.mark.parametrize(
    "fault", [Status(504, applied=True), Reset(of="response"), Truncated()], ids=["504", "reset", "closed"]
)
def test_no_part_is_sent_again_after_a_completion_whose_response_was_lost(play, fault):
    """A second completion finds no parts any more, as at S3; the file is there."""

    async def scenario(side):
        side.hub.faults.add(fault, operation="storage.complete", times=1)
        with suppress(HubError):
            await upload(side)
        await upload(side)
        await check(side)
        assert sent(side) == len(CONTENT)

    play(scenario)


def test_a_large_folder_is_complete_although_a_file_of_it_failed_at_first(play, tmp_path):
    """The next attempt uploads what the failed one has not."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "weights.bin").write_bytes(CONTENT[:PART])

    async def scenario(side):
        rule = side.hub.faults.add(Status(503), operation="storage.upload", times=6)
        await side.api.upload_large_folder(side.repo, tmp_path / "folder", repo_type="model", print_report=False)
        assert rule.count == 6
        assert Path(await side.api.hf_hub_download(side.repo, "weights.bin")).read_bytes() == CONTENT[:PART]

    play(scenario)


def test_parts_that_the_storage_has_dropped_are_sent_again_even_if_their_urls_expired_before(play):
    async def scenario(side):
        rule = side.hub.faults.add(Status(500), operation="storage.upload_part", path="*/5")
        with pytest.raises(HubError, match="500"):
            await upload(side)
        side.hub.faults.remove(rule)
        for folder in side.hub.hub.lfs.root.rglob("*.parts"):
            shutil.rmtree(folder)
        side.hub.faults.add(ExpiredUrls(), operation="storage.complete", times=1)
        await upload(side)
        await check(side)

    play(scenario)


def test_a_completion_that_is_refused_is_no_commit(play):
    async def scenario(side):
        side.hub.faults.add(Status(400, "InvalidPart"), operation="storage.complete")
        with pytest.raises(HubError, match=r"400.*InvalidPart"):
            await upload(side)
        assert len(await side.api.list_repo_commits(side.repo)) == 1
        side.hub.faults.clear()
        await upload(side)
        await check(side)

    play(scenario)
