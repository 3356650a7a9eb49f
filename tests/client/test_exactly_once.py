"""Commits to a git repository whose responses are lost, and commits of several writers, with both clients."""

from __future__ import annotations

import asyncio
import io
import random
import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias

import attrs
import pytest

from hub_typed import AsyncHfApi, CommitConflictError, CommitOperationAdd, CommitOperationDelete, HfHubHTTPError
from hub_typed.local.git.objects import AuthoredMessage, Put
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed_api.serve import Answer

LARGE = b"\x00\x01" * 3000
BEFORE = {"old.txt": b"old", "logs/1.log": b"1", "logs/d/2.log": b"2", "kept.bin": LARGE + b"kept"}
STATUSES = [500, 502, 503, 504]
SCHEDULES = 12
WRITERS = 50
Effect: TypeAlias = Literal["none", "at once", "late"]


class Lossy:
    """Loses responses of commit requests.

    Attributes:
        script: Effect and status of the next requests; ``None`` for a request that is answered.
        rival: Called after each lost response.
        late: Requests that the Hub has not processed yet.
    """

    def __init__(self, hub: Any) -> None:
        self._answer = hub.answer
        hub.answer = self.answer
        self.script: list[tuple[Effect, int] | None] = []
        self.rival: Callable[[], object] = lambda: None
        self.late: list[IncomingRequest] = []

    def answer(self, incoming: IncomingRequest, admission: Any = None) -> Answer:
        planned = self.script.pop(0) if self.script and "/commit/" in incoming.path else None
        if planned is None:
            return self._answer(incoming, admission)
        effect, status = planned
        if effect == "at once":
            self._answer(incoming, admission)
        elif effect == "late":
            self.late.append(attrs.evolve(incoming, body=io.BytesIO(incoming.body.read())))
        self.rival()
        return Answer(status=status, body=b"lost")

    def process_late(self) -> None:
        """Process the requests that are still to be processed."""
        while self.late:
            self._answer(self.late.pop(0))


def operations() -> list[CommitOperationAdd | CommitOperationDelete]:
    return [
        CommitOperationAdd("a.txt", b"a"),
        CommitOperationAdd("d/w.bin", LARGE),
        CommitOperationDelete("old.txt"),
        CommitOperationDelete("logs/"),
    ]


async def started(side: Any) -> str:
    """Create the repository with its files; the commit that added them."""
    await side.api.create_repo(side.repo)
    added = [CommitOperationAdd(path, content) for path, content in BEFORE.items()]
    return (await side.api.create_commit(side.repo, added, commit_message="before")).oid


async def made_once(side: Any, info: Any, message: str = "m") -> None:
    """Check that the branch has one commit with this message, which has all changes, and is sound for git."""
    commits = await side.api.list_repo_commits(side.repo)
    assert [commit.commit_id for commit in commits if commit.title == message] == [info.oid]
    files = await side.api.list_repo_files(side.repo, revision=info.oid)
    assert {"a.txt", "d/w.bin", "kept.bin"} <= set(files)
    assert not {"old.txt", "logs/1.log", "logs/d/2.log"} & set(files)
    assert info.commit_url == f"{info.repo_url}/commit/{info.oid}"
    check_git(side.hub, side.repo)


def check_git(hub: Any, repo: str) -> None:
    path = hub.hub.store.find("model", repo).path
    checked = subprocess.run(["git", "fsck", "--strict"], cwd=path, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout) == (0, ""), checked.stderr


@pytest.mark.parametrize("effect", ["none", "at once", "late"])
def test_a_commit_whose_response_is_lost_is_created_once(play, effect):
    async def scenario(side):
        await started(side)
        lossy = Lossy(side.hub.hub)
        for status in STATUSES:
            lossy.script = [(effect, status)]
            message = f"with {status}"
            path = f"{status}.txt"
            info = await side.api.upload_file(
                path_or_fileobj=b"%d" % status, path_in_repo=path, repo_id=side.repo, commit_message=message
            )
            lossy.process_late()
            commits = await side.api.list_repo_commits(side.repo)
            assert [commit.commit_id for commit in commits if commit.title == message] == [info.oid]
            assert path in await side.api.list_repo_files(side.repo)
        assert len(commits) == 2 + len(STATUSES)
        check_git(side.hub, side.repo)

    play(scenario)


def test_a_request_that_is_processed_while_it_is_sent_again_creates_one_commit(play):
    async def scenario(side):
        await started(side)
        lossy = Lossy(side.hub.hub)
        lossy.script = [("late", 504)]
        answer = side.hub.hub.answer

        def first_the_late_one(incoming, admission=None):
            if "/commit/" in incoming.path:
                lossy.process_late()
            return answer(incoming, admission)

        side.hub.hub.answer = first_the_late_one
        info = await side.api.create_commit(side.repo, operations(), commit_message="m")
        await made_once(side, info)
        sent = [one.status for one in side.hub.hub.requests if one.operation == "commits.create_commit"]
        assert sent == [200, 200, 412]  # the first one created the files

    play(scenario)


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_random_schedules_of_faults_neither_lose_nor_double_a_commit(play, seed):
    async def scenario(side):
        head = await started(side)
        chance, lossy = random.Random(seed), Lossy(side.hub.hub)

        def interfere() -> None:
            if chance.random() < 0.3:
                lossy.process_late()
            if chance.random() < 0.3:
                commit_as_other(side, f"theirs {chance.random()}")

        lossy.rival = interfere
        lossy.script = [
            chance.choice([None, (chance.choice(["none", "at once", "late"]), chance.choice(STATUSES))])
            for _ in range(chance.randint(1, 4))
        ]
        words = chance.choice([{}, {"parent_commit": head, "on_conflict": "rebase"}])
        info = await side.api.create_commit(side.repo, operations(), commit_message="m", **words)
        lossy.process_late()
        await made_once(side, info)

    play(scenario)


def commit_as_other(side: Any, path: str) -> None:
    """Commit a file to the branch as someone else."""
    git = side.hub.hub.store.find("model", side.repo).git()
    git.commit("main", git.branch("main"), [Put(path, path.encode())], AuthoredMessage(user="other", message="theirs"))


def test_a_commit_is_rebased_on_commits_to_other_files(play):
    async def scenario(side):
        parent = await started(side)
        for path in ("d/theirs.txt", "theirs.bin"):
            await side.api.upload_file(path_or_fileobj=LARGE + b"t", path_in_repo=path, repo_id=side.repo)
        with pytest.raises(HfHubHTTPError, match="412"):
            await side.api.create_commit(side.repo, operations(), commit_message="m", parent_commit=parent)
        info = await side.api.create_commit(
            side.repo, operations(), commit_message="m", parent_commit=parent[:8], on_conflict="rebase"
        )
        await made_once(side, info)
        assert {"d/theirs.txt", "theirs.bin"} <= set(await side.api.list_repo_files(side.repo))

    play(scenario)


@pytest.mark.parametrize(
    ("theirs", "ours", "paths"),
    [
        ("a.txt", "upload a.txt", ["a.txt"]),
        ("logs/new.log", "delete logs/", ["logs/"]),
        ("logs/d/2.log", "delete logs/", ["logs/"]),
        ("d", "upload d/e.txt", ["d"]),
        ("d/e.txt", "upload d", ["d"]),
        ("logs/1.log", "delete logs/1.log", ["logs/1.log"]),
    ],
)
def test_a_commit_to_files_that_others_changed_is_a_conflict(play, theirs, ours, paths):
    async def scenario(side):
        api, repo = side.api, side.repo
        parent = await started(side)
        head = (await api.upload_file(path_or_fileobj=b"theirs", path_in_repo=theirs, repo_id=repo)).oid
        words = {"parent_commit": parent, "on_conflict": "rebase"}
        verb, path = ours.split()
        if verb == "upload":
            commit = api.upload_file(path_or_fileobj=b"ours", path_in_repo=path, repo_id=repo, **words)
        else:
            delete = api.delete_folder if path.endswith("/") else api.delete_file
            commit = delete(path, repo, **words)
        with pytest.raises(CommitConflictError, match=f"{paths[0]!r}.*parent_commit='{head}'") as caught:
            await commit
        assert (list(caught.value.paths), caught.value.head) == (paths, head)
        assert caught.value.response.status_code == 412
        assert (await api.model_info(repo)).sha == head

    play(scenario)


def test_a_folder_is_uploaded_on_top_of_other_commits(play, tmp_path):
    (tmp_path / "mine.txt").write_bytes(b"mine")

    async def scenario(side):
        parent = await started(side)
        await side.api.delete_file("old.txt", side.repo)
        words = {"repo_id": side.repo, "folder_path": tmp_path, "parent_commit": parent, "on_conflict": "rebase"}
        await side.api.upload_folder(**words)
        assert {"mine.txt", "kept.bin"} <= set(await side.api.list_repo_files(side.repo))
        with pytest.raises(CommitConflictError, match=r"'mine\.txt'"):
            await side.api.upload_folder(**words, delete_patterns="kept*")

    play(scenario)


def test_a_pull_request_whose_response_is_lost_is_opened_once(play):
    async def scenario(side):
        await started(side)
        lossy = Lossy(side.hub.hub)
        script: list[tuple[Effect, int]]
        for number, script in enumerate([[("at once", 504)], [("at once", 500)], [("none", 503)], [("none", 502)]], 1):
            lossy.script = list(script)
            info = await side.api.create_commit(side.repo, operations(), commit_message=f"{number}", create_pr=True)
            assert (info.pr_num, info.pr_url) == (number, f"{info.repo_url}/discussions/{number}")
            refs = await side.api.list_repo_refs(side.repo, include_pull_requests=True)
            assert [one.target_commit for one in refs.pull_requests][-1:] == [info.oid]
            assert len(refs.pull_requests) == number
        check_git(side.hub, side.repo)

    play(scenario)


def test_many_writers_of_one_process_all_commit_once(play):
    async def scenario(side):
        await side.api.create_repo(side.repo)

        async def write(number: int) -> str:
            path, message = f"{number}.txt", f"writer {number}"
            words = {"path_in_repo": path, "repo_id": side.repo, "commit_message": message}
            return (await side.api.upload_file(path_or_fileobj=b"%d" % number, **words)).oid

        if isinstance(side.api, AsyncHfApi):
            oids = await asyncio.gather(*map(write, range(WRITERS)))
        else:
            with ThreadPoolExecutor(WRITERS) as threads:
                oids = list(threads.map(lambda number: asyncio.run(write(number)), range(WRITERS)))
        commits = await side.api.list_repo_commits(side.repo)
        written = {commit.commit_id: commit.title for commit in commits}
        assert [written[oid] for oid in oids] == [f"writer {number}" for number in range(WRITERS)]
        assert len(commits) == WRITERS + 1
        assert side.hub.stats.snapshot().requests["commits.create_commit"] < 2 * WRITERS, "they take turns"
        files = await side.api.list_repo_files(side.repo)
        assert set(files) == {".gitattributes", *(f"{number}.txt" for number in range(WRITERS))}
        check_git(side.hub, side.repo)

    play(scenario)
