"""Commits of one process to one branch take turns."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time

import pytest

from hub_typed.errors import CancelledError, HfHubHTTPError
from hub_typed.flows.commits import commit_turns
from hub_typed.flows.commits.commit_turns import commit_turn
from hub_typed.flows.commits.create import upload_file
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import Cancellation, current_cancellation
from hub_typed.http.io import drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from tests.flows.commits.branch_hub import BranchHub

TARGET = Target(repo_id="me/repo", repo_type=None, revision=None, create_pr=False)
OTHERS = [
    Target(repo_id="me/repo", repo_type=None, revision="dev", create_pr=False),
    Target(repo_id="me/repo", repo_type="dataset", revision=None, create_pr=False),
    Target(repo_id="me/other", repo_type=None, revision=None, create_pr=False),
]


@pytest.fixture
def hub() -> BranchHub:
    return BranchHub()


@pytest.fixture
def io(hub):
    made = ThreadIo(Settings(endpoint="https://hub.test", backoff=0.0), hub, "hf_token", {"user-agent": "test"})
    yield made
    made.close()


def upload(io, number):
    words = {"path_in_repo": f"{number}", "repo_id": "me/repo", "commit_message": f"{number}"}
    return upload_file(io, path_or_fileobj=b"%d" % number, **words)


def test_concurrent_commits_are_based_on_one_another(hub):
    io = AsyncIo(Settings(endpoint="https://hub.test"), hub, "hf_token", {"user-agent": "test"})
    both_asked = threading.Barrier(2)
    preupload = hub.preupload

    def together(one):
        response = preupload(one)
        both_asked.wait()
        return response

    hub.preupload = together
    create = hub.commit

    def when_both_wait(one):
        until = time.monotonic() + 20
        while not any(len(turns.waiting) == 2 for turns in commit_turns._turns.values()) and not hub.history[1:]:
            assert time.monotonic() < until
            time.sleep(0.001)
        return create(one)

    hub.commit = when_both_wait

    async def commit_both():
        return await asyncio.gather(upload(io, 1), upload(io, 2))

    infos = asyncio.run(commit_both())
    io.close()
    assert {info.oid for info in infos} == set(hub.history[1:])
    assert len(hub.of("commit")) == 2, "the second one knew of the first one"


@pytest.mark.parametrize("other", OTHERS, ids=str)
def test_another_branch_does_not_wait(io, monkeypatch, other):
    monkeypatch.delattr(ThreadIo, "sleep")

    async def nested():
        async with commit_turn(io, TARGET), commit_turn(io, other):
            return True

    assert drive(nested())


def test_a_commit_that_hangs_is_not_waited_for_for_ever(io, monkeypatch):
    monkeypatch.setattr(commit_turns, "LONGEST_WAIT", 0.05)

    async def nested():
        async with commit_turn(io, TARGET), commit_turn(io, TARGET):
            return True

    assert drive(nested())


def test_a_wait_can_be_cancelled(io):
    cancellation = Cancellation()

    async def nested():
        async with commit_turn(io, TARGET):
            threading.Timer(0.05, cancellation.stop).start()
            token = current_cancellation.set(cancellation)
            try:
                async with commit_turn(io, TARGET):
                    pass
            finally:
                current_cancellation.reset(token)

    with pytest.raises(CancelledError):
        drive(nested())


def test_nothing_is_left_of_a_turn(hub, io):
    drive(upload(io, 1))
    hub.fail("commit", hub.answered(403, {"error": "read only"}))
    with pytest.raises(HfHubHTTPError):
        drive(upload(io, 2))
    assert not commit_turns._turns


def test_a_forked_process_does_not_wait_for_the_threads_of_its_parent(io):
    async def take():
        async with commit_turn(io, TARGET):
            pass

    async def fork():
        async with commit_turn(io, TARGET):
            child = multiprocessing.get_context("fork").Process(target=lambda: drive(take()))
            child.start()
            child.join(10)
            return child.exitcode

    assert drive(fork()) == 0
