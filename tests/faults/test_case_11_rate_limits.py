"""Case 11: the Hub answers 429 in each of its forms."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest

from hub_typed import CommitOperationAdd, HfHubHTTPError
from hub_typed.local.faults import RateLimited

FORMS = ["ratelimit", "retry-after", "retry-after-date"]


@pytest.mark.parametrize("form", FORMS)
def test_the_requested_wait_is_kept(play, clock, form):
    async def scenario(side):
        rule = side.hub.faults.add(RateLimited(30, form), operation="repos.create_repo", times=1)
        await side.api.create_repo(side.repo)
        assert rule.count == 1
        assert sum(clock.slept) == pytest.approx(30, abs=5)

    play(scenario)


def test_even_a_commit_is_sent_again(play, clock):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(RateLimited(30), operation="commits.*", times=2)
        await side.api.upload_file(path_or_fileobj=b"x", path_in_repo="x.txt", repo_id=side.repo)
        assert rule.count == 2
        titles = [one.title for one in await side.api.list_repo_commits(side.repo)]
        assert titles == ["Upload x.txt with huggingface_hub", "initial commit"]

    play(scenario)


@pytest.mark.parametrize("seconds", [330, 10**9])
@pytest.mark.parametrize("form", FORMS)
def test_a_wait_above_the_limit_is_an_error_that_names_it(play, clock, form, seconds):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(RateLimited(seconds, form), operation="models.model_info")
        with pytest.raises(HfHubHTTPError, match=r"longer than the 300 s allowed; Settings\(longest_wait") as caught:
            await side.api.model_info(side.repo)
        assert caught.value.context.retry_after == pytest.approx(seconds, abs=20)
        assert rule.count == 1
        assert clock.slept == []

    play(scenario)


def test_all_requests_of_a_client_wait_together(play):
    times = []

    async def scenario(side):
        await side.api.create_repo(side.repo)
        files = [CommitOperationAdd(f"{number}.txt", b"%d" % number) for number in range(30)]
        await side.api.create_commit(side.repo, files, commit_message="m")
        rule = side.hub.faults.add(RateLimited(0), operation="files.resolve_file", skip=5, times=1)

        def note(incoming):
            if "/resolve/" in incoming.path:
                times.append(time.monotonic())

        side.hub.hub.intercept = note
        await side.api.snapshot_download(side.repo, max_workers=4)
        assert rule.count == 1
        gaps = [later - earlier for earlier, later in pairwise(times)]
        (pause,) = [number for number, gap in enumerate(gaps, 1) if gap > 0.7]
        # What was under way was sent; a worker may also begin one or two more before that of the refusal can run.
        assert pause <= 5 + 3 * 4

    play(scenario)
