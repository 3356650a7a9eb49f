"""Logs, templates, search and quota of Spaces, and waiting for one, with both clients and both transports."""

from __future__ import annotations

import json

import pytest

from hub_typed import BadRequestError, HfHubHTTPError, RepositoryNotFoundError, TransportError
from hub_typed.flows import log_stream
from hub_typed.local.faults import Reset, Stall
from hub_typed_api.serve import Answer
from tests.client.test_spaces import made


def in_turn(side, end, *answers):
    """Let the Hub answer requests whose path has this end, one after the other."""
    coming = list(answers)
    side.hub.hub.intercept = lambda incoming: coming.pop(0) if incoming.path.endswith(end) else None
    return coming


def test_the_logs_of_a_space_are_its_texts(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        assert [line async for line in api.fetch_space_logs(repo)] == []
        for number in range(3):
            side.hub.write_space_log(repo, f"line {number}\n")
        side.hub.write_space_log(repo, "Step 1\n", build=True)
        assert [line async for line in api.fetch_space_logs(repo)] == ["line 0\n", "line 1\n", "line 2\n"]
        assert [line async for line in api.fetch_space_logs(repo, tail=1)] == ["line 2\n"]
        assert [line async for line in api.fetch_space_logs(repo, build=True, follow=True)] == ["Step 1\n"]
        with pytest.raises(KeyError):
            side.hub.write_space_log("ada/none", "a text")

    play(scenario)


def test_the_logs_move_with_the_space_and_go_with_it(play):
    async def scenario(side):
        api, repo = side.api, await made(side)
        side.hub.write_space_log(repo, "a line")
        await api.move_repo(repo, f"{repo}-moved", repo_type="space")
        assert [line async for line in api.fetch_space_logs(f"{repo}-moved")] == ["a line"]
        await api.delete_repo(f"{repo}-moved", repo_type="space")
        await made(side, "thing-moved")
        assert [line async for line in api.fetch_space_logs(f"{repo}-moved")] == []

    play(scenario)


def test_logs_that_are_followed_go_on_with_new_lines(play):
    async def scenario(side):
        repo = await made(side)
        side.hub.hub.log_patience = 5.0
        side.hub.write_space_log(repo, "stored")
        found = []
        async for line in side.api.fetch_space_logs(repo, follow=True):
            found.append(line)
            if line == "stored":
                side.hub.write_space_log(repo, "new")
                side.hub.hub.log_patience = 0.0
            else:
                break
        assert found == ["stored", "new"]

    play(scenario)


def test_the_stored_lines_end_when_the_hub_falls_silent(play, monkeypatch):
    monkeypatch.setattr(log_stream, "STORED_SILENCE", 0.2)

    async def scenario(side):
        repo = await made(side)
        side.hub.write_space_log(repo, "stored\n")
        side.hub.write_space_log(repo, "lost\n")
        silent = Stall(after=100, of="response")
        side.hub.faults.add(silent, operation="spaces.stream_space_logs")
        assert [line async for line in side.api.fetch_space_logs(repo)] == ["stored\n"]
        assert len([one for one in side.hub.hub.requests if one.operation == "spaces.stream_space_logs"]) == 1

    play(scenario)


@pytest.mark.parametrize("follow", [False, True])
def test_logs_resume_after_a_broken_connection_without_repetition(play, follow):
    async def scenario(side):
        repo = await made(side)
        for number in range(3):
            side.hub.write_space_log(repo, f"line {number}\n")
        broken = Reset(after=150, of="response")
        side.hub.faults.add(broken, operation="spaces.stream_space_logs", times=1)
        assert [line async for line in side.api.fetch_space_logs(repo, follow=follow)] == [
            "line 0\n",
            "line 1\n",
            "line 2\n",
        ]
        sent = [one for one in side.hub.hub.requests if one.operation == "spaces.stream_space_logs"]
        assert len(sent) == 2

    play(scenario)


def test_only_who_may_write_to_a_space_reads_its_logs(play):
    async def scenario(side):
        repo = await made(side)
        with pytest.raises(HfHubHTTPError, match="403"):
            [line async for line in side.api.fetch_space_logs(repo, token=side.hub.add_user("eve"))]
        with pytest.raises(RepositoryNotFoundError):
            [line async for line in side.api.fetch_space_logs("ada/none")]

    play(scenario)


def test_waiting_for_a_space_ends_when_it_neither_builds_nor_starts(play):
    def stage(name):
        return Answer(headers={"content-type": "application/json"}, body=json.dumps({"stage": name}).encode())

    async def scenario(side):
        api, repo = side.api, await made(side)
        assert (await api.wait_for_space(repo)).stage == "RUNNING"
        coming = in_turn(side, "/runtime", *map(stage, ["BUILDING", "RUNNING_APP_STARTING", "BUILD_ERROR", "RUNNING"]))
        assert (await api.wait_for_space(repo, poll_interval=0.001)).stage == "BUILD_ERROR"
        assert len(coming) == 1
        in_turn(side, "/runtime", *[stage("BUILDING")] * 2)
        with pytest.raises(TimeoutError, match=r"is still BUILDING after 0\.001 s") as caught:
            await api.wait_for_space(repo, timeout=0.001, poll_interval=10)
        assert not isinstance(caught.value, TransportError)
        side.hub.hub.intercept = None
        for wrong in ({"timeout": -1}, {"poll_interval": 0}):
            with pytest.raises(ValueError, match=r"negative|not positive"):
                await api.wait_for_space(repo, **wrong)
        with pytest.raises(RepositoryNotFoundError):
            await api.wait_for_space("ada/none")

    play(scenario)


def test_spaces_are_searched_by_what_they_do(play):
    async def scenario(side):
        repo = await made(side, "remove-background")
        await made(side, "other", "docker", "")
        found = [one async for one in side.api.search_spaces("background of a picture", sdk="gradio")]
        assert [one.id for one in found] == [repo]
        assert (found[0].author, found[0].sdk, found[0].runtime.stage) == (side.hub.user, "gradio", "RUNNING")
        assert [one.id async for one in side.api.search_spaces("other", sdk=["docker"])] == []
        running = side.api.search_spaces("other", filter=["docker"], include_non_running=True)
        assert [one.id async for one in running] == [f"{side.hub.user}/other"]

    play(scenario)


def test_a_space_begins_with_the_files_of_its_template(play):
    async def scenario(side):
        api, repo = side.api, f"{side.hub.user}/from-template"
        templates = await api.list_space_templates()
        assert [one.name for one in templates] == ["Greeting", "JupyterLab", "Static page"]
        await api.create_repo(repo, repo_type="space", space_template="Greeting")
        assert await api.file_exists(repo, "app.py", repo_type="space")
        assert (await api.get_space_runtime(repo)).stage == "RUNNING"
        await api.create_repo(f"{repo}-lab", repo_type="space", space_template="templates/jupyterlab")
        assert (await api.space_info(f"{repo}-lab")).private
        with pytest.raises(ValueError, match="is not known: pass one of Greeting"):
            await api.create_repo(repo, repo_type="space", space_template="Nothing")
        with pytest.raises(ValueError, match="has the SDK 'gradio'"):
            await api.create_repo(repo, repo_type="space", space_template="Greeting", space_sdk="docker")

    play(scenario)


def test_the_quota_of_shared_gpus_needs_a_token(play):
    async def scenario(side):
        quota = await side.api.get_zero_gpu_quota()
        assert (quota.base, quota.remaining, quota.resets_at, quota.overquota_used) == (300, 300, None, 0)
        with pytest.raises(HfHubHTTPError, match="401") as caught:
            await side.api.get_zero_gpu_quota(token=False)
        assert not isinstance(caught.value, (RepositoryNotFoundError, BadRequestError))

    play(scenario)
