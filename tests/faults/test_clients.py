"""Faults as clients see them: alike with both clients, on sockets and in process."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from hub_typed import CommitOperationAdd, HfHubHTTPError, HubTimeoutError, IntegrityError, TransportError
from hub_typed.local.faults import (
    ClosedConnection,
    Drip,
    ExpiredUrls,
    RateLimited,
    Reset,
    Stall,
    Status,
    Truncated,
    WrongBytes,
)

LARGE = bytes(range(256)) * 4000
ONCE = {"attempts": 1}


async def prepared(side, **settings):
    """Return a client that makes one attempt, for a repository with a small and a large file."""
    await side.api.create_repo(side.repo)
    added = [CommitOperationAdd("small.txt", b"small"), CommitOperationAdd("large.bin", LARGE)]
    await side.api.create_commit(side.repo, added, commit_message="add")
    side.hub.stats.reset()
    return side.make(**{"attempts": 1, "read_timeout": 0.5, **settings})


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_an_error_takes_the_place_of_the_response(play, status):
    async def scenario(side):
        api = await prepared(side)
        rule = side.hub.faults.add(Status(status, "out of order"), operation="models.model_info", times=1)
        with pytest.raises(HfHubHTTPError, match=f"{status}.*out of order"):
            await api.model_info(side.repo)
        assert (await api.model_info(side.repo)).id == side.repo
        assert rule.count == 1

    play(scenario)


def test_an_error_may_hide_that_the_request_was_applied(play):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(Status(504, applied=True), operation="discussions.create_discussion", times=1)
        with pytest.raises(HfHubHTTPError, match="504"):
            await api.create_discussion(side.repo, title="Hello")
        assert [one.title async for one in api.get_repo_discussions(side.repo)] == ["Hello"]

    play(scenario)


@pytest.mark.parametrize("form", ["ratelimit", "retry-after", "retry-after-date"])
def test_a_rate_limit_says_how_long_to_wait(play, form):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(RateLimited(1000, form), operation="models.model_info", times=1)
        with pytest.raises(HfHubHTTPError, match="requested a delay of") as caught:
            await api.model_info(side.repo)
        assert caught.value.context.retry_after == pytest.approx(1000, abs=9)

    play(scenario)


def test_expired_urls_are_renewed(play):
    async def scenario(side):
        api = await prepared(side)
        rule = side.hub.faults.add(ExpiredUrls(), operation="storage.upload", times=1)
        await api.upload_file(path_or_fileobj=LARGE[1:], path_in_repo="other.bin", repo_id=side.repo)
        assert rule.count == 1
        assert [one.status for one in side.hub.hub.requests if one.operation == "storage.upload"] == [403, 200]

    play(scenario)


@pytest.mark.parametrize("after", [0, 1, 600_000])
def test_a_reset_request_has_no_effect_and_its_bytes_are_counted(play, after):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(Reset(after), operation="storage.upload", times=1)
        with pytest.raises(TransportError):
            await api.upload_file(path_or_fileobj=LARGE[1:], path_in_repo="other.bin", repo_id=side.repo)
        (broken,) = [one for one in side.hub.hub.requests if one.operation == "storage.upload"]
        assert (broken.status, broken.received) == (0, after)
        assert side.hub.hub.lfs.size(hashlib.sha256(LARGE[1:]).hexdigest()) is None

    play(scenario)


def test_a_request_that_would_be_refused_is_reset_as_well(play):
    async def scenario(side):
        await prepared(side)
        side.hub.faults.add(Reset(after=10), operation="refs.create_tag")
        with pytest.raises(TransportError):
            await side.make(token=False, attempts=1).create_tag(side.repo, tag="v1")

    play(scenario)


@pytest.mark.parametrize("fault", [Reset(of="response"), Truncated()], ids=["reset", "closed"])
def test_the_response_of_a_request_that_was_applied_may_be_lost(play, fault):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(fault, operation="discussions.create_discussion", times=1)
        with pytest.raises(TransportError):
            await api.create_discussion(side.repo, title="Hello")
        assert [one.title async for one in api.get_repo_discussions(side.repo)] == ["Hello"]

    play(scenario)


@pytest.mark.parametrize("fault", [Reset(5, of="response"), Truncated(5)], ids=["reset", "closed"])
def test_a_response_that_breaks_off_is_no_response(play, fault):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(fault, operation="models.model_info", times=1)
        with pytest.raises(TransportError):
            await api.model_info(side.repo)
        assert (await api.model_info(side.repo)).id == side.repo

    play(scenario)


@pytest.mark.parametrize("fault", [Reset(300_000, of="response"), Truncated(300_000)], ids=["reset", "closed"])
def test_a_download_goes_on_where_it_broke_off(play, fault):
    async def scenario(side):
        api = await prepared(side, attempts=3)
        side.hub.faults.add(fault, operation="storage.download", times=1)
        path = await api.hf_hub_download(side.repo, "large.bin")
        assert Path(path).read_bytes() == LARGE
        sent = [one.sent for one in side.hub.hub.requests if one.operation == "storage.download"]
        assert sent == [300_000, len(LARGE) - 300_000]

    play(scenario)


@pytest.mark.parametrize(
    "fault",
    [Stall(), Stall(2), Stall(after=3), Stall(of="request"), Drip(0.5)],
    ids=["for ever", "too long", "after three bytes", "request", "a byte in two seconds"],
)
def test_silence_is_a_time_out(play, fault):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(fault, operation="models.model_info", times=1)
        with pytest.raises(HubTimeoutError):
            await api.model_info(side.repo)

    play(scenario)


@pytest.mark.parametrize("fault", [Stall(0.1), Stall(0.1, of="request"), Drip(50_000), Drip(50_000, of="request")])
def test_a_short_pause_does_no_harm(play, fault):
    async def scenario(side):
        api = await prepared(side)
        rule = side.hub.faults.add(fault, operation="models.model_info")
        assert (await api.model_info(side.repo)).id == side.repo
        assert rule.count == 1

    play(scenario)


def test_wrong_bytes_are_found(play):
    async def scenario(side):
        api = await prepared(side)
        side.hub.faults.add(WrongBytes(at=1000, count=3), operation="storage.download")
        with pytest.raises(IntegrityError, match=hashlib.sha256(LARGE).hexdigest()):
            await api.hf_hub_download(side.repo, "large.bin")

    play(scenario)


def test_a_connection_that_was_closed_meanwhile_is_replaced(play):
    async def scenario(side):
        api = await prepared(side, attempts=2)
        side.hub.faults.add(ClosedConnection())
        for _ in range(3):
            assert (await api.model_info(side.repo)).id == side.repo

    play(scenario)


def test_faults_of_one_repository_spare_the_others(play):
    async def scenario(side):
        api = await prepared(side)
        await api.create_repo(f"{side.hub.user}/other")
        side.hub.faults.add(Status(500), path=f"/api/models/{side.repo}*")
        with pytest.raises(HfHubHTTPError, match="500"):
            await api.model_info(side.repo)
        assert (await api.model_info(f"{side.hub.user}/other")).id == f"{side.hub.user}/other"

    play(scenario)
