"""Case 10: the Hub or its storage answers 500, 502, 503, 504 or 408, once or thrice."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed import HfHubHTTPError
from hub_typed.local.faults import Reset, Status, Truncated

LARGE = bytes(range(256)) * 400
REPEATED = [
    *("commits.preupload", "lfs.lfs_batch", "storage.upload", "lfs.lfs_verify"),
    *("models.model_info", "files.resolve_*", "storage.download", "tree.list_repo_tree"),
]
"""Operations that may be sent again, since they have the same effect twice; a commit is case 23."""


async def around(side):
    """Upload a file and download it again."""
    api, repo = side.api, side.repo
    await api.upload_file(path_or_fileobj=LARGE, path_in_repo="large.bin", repo_id=repo)
    await api.model_info(repo)
    assert [entry.path async for entry in api.list_repo_tree(repo)] == [".gitattributes", "large.bin"]
    return Path(await api.hf_hub_download(repo, "large.bin")).read_bytes()


@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_what_may_be_sent_again_is_sent_again(play, status, times):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rules = [side.hub.faults.add(Status(status), operation=name, times=times) for name in REPEATED]
        assert await around(side) == LARGE
        assert {rule.operation: rule.count for rule in rules if rule.matched} == {
            rule.operation: times for rule in rules if rule.matched
        }
        assert sum(rule.count for rule in rules) >= 6 * times

    play(scenario)


@pytest.mark.parametrize("fault", [Reset(), Truncated(), Reset(after=10)], ids=["reset", "closed", "in the body"])
def test_so_is_what_had_no_response(play, fault):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rules = [side.hub.faults.add(fault, operation=name, times=2) for name in REPEATED if "download" not in name]
        assert await around(side) == LARGE
        assert sum(rule.count for rule in rules) >= 10

    play(scenario)


def test_it_ends_after_the_attempts_of_the_settings_with_growing_random_waits(play, clock):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        rule = side.hub.faults.add(Status(503), operation="models.model_info")
        api = side.make(attempts=4, backoff=1, longest_backoff=3)
        with pytest.raises(HfHubHTTPError, match="503"):
            await api.model_info(side.repo)
        assert rule.count == 4
        assert len(clock.slept) == 3
        assert all(0 <= slept <= most for slept, most in zip(clock.slept, (1, 2, 3), strict=True))

    play(scenario)


def test_errors_of_the_caller_are_not_sent_again(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)
        for status in (400, 403, 404, 409, 422, 501):
            side.hub.faults.clear()
            rule = side.hub.faults.add(Status(status), operation="models.model_info")
            with pytest.raises(HfHubHTTPError, match=str(status)):
                await side.api.model_info(side.repo)
            assert rule.count == 1

    play(scenario)
