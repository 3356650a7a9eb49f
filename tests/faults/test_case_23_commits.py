"""Case 23: the commit request is answered by an error or not at all, although it may have been applied."""

from __future__ import annotations

import pytest

from hub_typed import CommitOperationAdd, HfHubHTTPError, HubError
from hub_typed.local.faults import ClosedConnection, RateLimited, Reset, Stall, Status, Truncated

FILES = {"a.txt": b"a" * 1000, "b/c.txt": b"c", "large.bin": b"\0\1" * 50_000}
TITLE = "The files"
LOST = {
    "504": Status(504),
    "504 although it was applied": Status(504, applied=True),
    "500 although it was applied": Status(500, applied=True),
    "reset before": Reset(),
    "reset in the body": Reset(after=500),
    "reset after the body": Reset(after=10**9),
    "reset although it was applied": Reset(of="response"),
    "closed although it was applied": Truncated(),
    "half a response": Truncated(20),
    "412": Status(412),
    "409": Status(409),
    "429": RateLimited(0, "retry-after"),
    "closed after the response": ClosedConnection(),
    "a slow response": Stall(0.3),
}


def operations():
    return [CommitOperationAdd(*file) for file in FILES.items()]


async def commits(side):
    """Return the ids of the commits with the title, newest first."""
    return [one.commit_id for one in await side.api.list_repo_commits(side.repo) if one.title == TITLE]


async def attempt(side, **given):
    """Create the commit; return its id, or the error."""
    try:
        made = await side.api.create_commit(side.repo, operations(), commit_message=TITLE, **given)
    except HubError as error:
        return error
    return made.oid


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("case", LOST)
def test_there_is_one_commit_or_an_error_and_a_rerun_completes_it(play, case, times):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(LOST[case], operation="commits.create_commit", times=times)
        first = await attempt(side)
        made = await commits(side)
        assert len(made) <= 1
        assert 1 <= rule.count <= times
        if not isinstance(first, HubError):
            assert made == [first]
        elif made:
            assert "may have been created" in str(first)
        side.hub.faults.clear()
        again = await attempt(side)
        assert await commits(side) == [again], "the commit of the first run counts"
        assert {*FILES} <= {*await side.api.list_repo_files(side.repo)}
        assert side.hub.stats.snapshot().lfs_objects == 1

    play(scenario)


@pytest.mark.parametrize("case", ["429", "closed after the response", "a slow response"])
def test_what_is_not_lost_is_no_error(play, case):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        side.hub.faults.add(LOST[case], operation="commits.create_commit", times=1)
        assert [await attempt(side)] == await commits(side)

    play(scenario)


def test_a_parent_that_is_no_longer_the_head_is_a_conflict(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        parent = (await side.api.model_info(side.repo)).sha
        await side.api.upload_file(path_or_fileobj=b"other", path_in_repo="a.txt", repo_id=side.repo)
        error = await attempt(side, parent_commit=parent)
        assert isinstance(error, HfHubHTTPError)
        assert "412" in str(error)
        assert await commits(side) == []

    play(scenario)


def test_a_pull_request_is_opened_once_or_an_error_says_that_it_may_be_there(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        side.hub.faults.add(Status(504, applied=True), operation="commits.create_commit", times=1)
        result = await attempt(side, create_pr=True)
        opened = [one async for one in side.api.get_repo_discussions(side.repo)]
        assert [(one.title, one.is_pull_request) for one in opened] == [(TITLE, True)]
        assert not isinstance(result, HubError) or "may have been created" in str(result)

    play(scenario)
