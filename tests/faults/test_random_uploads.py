"""Random schedules of faults over uploads of folders: the repository has the folder, in exactly one commit.

Or the upload ends in an error of the library, and the next one, without faults, completes it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from hub_typed import AsyncHfApi, CommitOperationAdd, HfApi, HubError, Settings
from hub_typed.local import LocalHub
from hub_typed.local.faults import ExpiredUrls, Fault, RateLimited, RateLimitForm, Reset, Stall, Status, Truncated
from tests.faults.conftest import Clock

SHARDS, SCHEDULES = 8, 32
"""Tests, and schedules of each of them."""
SOCKET_SCHEDULES = 24
PART = 1000
ATTEMPTS = 5
LONGEST_WAIT = 10
"""Of the clients, in seconds."""
TITLE = "The folder"
OPERATIONS = {
    "commits.preupload": 2,
    "lfs.lfs_batch": 3,
    "storage.upload": 4,
    "storage.upload_part": 6,
    "storage.complete": 4,
    "lfs.lfs_verify": 2,
    "commits.create_commit": 6,
    "commits.list_repo_commits": 2,
    "tree.get_paths_info": 1,
    "discussions.get_repo_discussions": 1,
    "*": 2,
}
SIGNED = ("storage.upload", "storage.upload_part", "storage.complete", "lfs.lfs_verify")
STATUSES = (500, 502, 503)
FORMS: tuple[RateLimitForm, ...] = ("ratelimit", "retry-after", "retry-after-date")


@attrs.frozen
class Schedule:
    """What one upload is about.

    Attributes:
        before: Files of the repository before it.
        files: Files of the folder.
        arguments: Of `upload_folder`; ``None`` for `upload_large_folder`.
    """

    before: dict[str, bytes]
    files: dict[str, bytes]
    arguments: dict[str, Any] | None

    @property
    def expected(self) -> dict[str, bytes]:
        kept = {} if self.arguments and "delete_patterns" in self.arguments else self.before
        return kept | self.files


def random_files(chance: random.Random) -> dict[str, bytes]:
    """Some regular files, LFS files, and LFS files in parts; two may be the same."""
    sizes = {f"text/{number}.txt": chance.randint(0, 3 * PART) for number in range(chance.randint(0, 3))}
    sizes |= {f"{number}.bin": chance.randint(1, PART) for number in range(chance.randint(0, 2))}
    sizes |= {f"parts/{number}.bin": chance.randint(PART + 1, 5 * PART) for number in range(chance.randint(0, 2))}
    made = {path: content(chance, path, size) for path, size in sizes.items()}
    if made and chance.random() < 0.2:
        path = chance.choice(list(made))
        made[f"copy/{path}"] = made[path]
    return made or {"a.txt": b"a"}


def content(chance: random.Random, path: str, size: int) -> bytes:
    return b"a" * size if path.endswith(".txt") else b"\0" + chance.randbytes(size - 1)


def random_schedule(chance: random.Random) -> Schedule:
    files = random_files(chance)
    before = {"old/1.txt": b"1", "2.bin" if chance.random() < 0.3 else "2.txt": b"\0002"}
    before |= {path: chance.choice([data, data + b"before"]) for path, data in files.items() if chance.random() < 0.2}
    if all(before.get(path) == data for path, data in files.items()):
        files["new.txt"] = b"new"
    arguments: dict[str, Any] | None = {"commit_message": TITLE}
    kind = chance.random()
    if kind < 0.3:
        arguments["delete_patterns"] = "*"
    elif kind < 0.5:
        arguments["create_pr"] = True
    elif kind < 0.7:
        arguments = None
    return Schedule(before, files, arguments)


def brief_fault(chance: random.Random) -> Fault:
    """A fault that an upload survives if there are only a few."""
    kinds: list[Callable[[], Fault]] = [
        lambda: Status(chance.choice(STATUSES)),
        lambda: Status(chance.choice([*STATUSES, 504]), applied=True),
        lambda: RateLimited(chance.choice([0, 5]), chance.choice(FORMS)),
        lambda: Reset(chance.randint(0, 2 * PART)),
        lambda: Reset(chance.choice([0, 20]), of="response"),
        lambda: Truncated(chance.choice([0, 20])),
    ]
    return chance.choice(kinds)()


def long_fault(chance: random.Random) -> Fault:
    """A fault that lasts longer than the client waits, or that it survives once."""
    kinds: list[Callable[[], Fault]] = [
        ExpiredUrls,
        lambda: Stall(after=chance.randint(0, PART), of=chance.choice(["request", "response"])),
        lambda: RateLimited(LONGEST_WAIT + 1, chance.choice(FORMS)),
        lambda: Status(504),  # after which no pull request is opened again
    ]
    return chance.choice(kinds)()


def add_rules(chance: random.Random, hub: LocalHub) -> bool:
    """Add rules to a Hub, and return whether the upload must succeed in spite of them."""
    are_few = chance.random() < 0.4
    for _ in range(chance.randint(1, ATTEMPTS - 1)):
        (operation,) = chance.choices(list(OPERATIONS), list(OPERATIONS.values()))
        if are_few:
            hub.faults.add(brief_fault(chance), operation=operation, skip=chance.choice([0, 0, 1, 3]), times=1)
        else:
            hub.faults.add(
                long_fault(chance) if chance.random() < 0.2 else brief_fault(chance),
                operation=operation,
                skip=chance.choice([0, 0, 1, 3, 6]),
                times=chance.choice([1, 1, 2, 4, 6, 9, None]),
                probability=chance.choice([1, 1, 0.5]),
                seed=chance.randrange(1000),
            )
    if are_few and chance.random() < 0.3:
        hub.faults.add(ExpiredUrls(), operation=chance.choice(SIGNED), skip=chance.choice([0, 1, 3]), times=1)
    return are_few


def call(api: HfApi | AsyncHfApi, method: str, *args: Any, **words: Any) -> Any:
    """Call a method of either client."""
    result = getattr(api, method)(*args, **words)
    return asyncio.run(result) if isinstance(api, AsyncHfApi) else result


def contents(hub: LocalHub, repo: str, revision: str) -> dict[str, bytes]:
    """The files of a revision, as the Hub has stored them."""
    git = hub.hub.store.find("model", repo).git()
    found = {}
    for entry in git.tree(git.commit_at(revision), recursive=True):
        if entry.kind == "file" and entry.path != ".gitattributes":
            oid = entry.pointer and entry.pointer.sha256
            found[entry.path] = hub.hub.lfs.path(oid).read_bytes() if oid else git.read(entry)
    return found


class World:
    """A Hub, and the clients of one test."""

    def __init__(self, hub: LocalHub, kind: str, cache: Path, *, sockets: bool) -> None:
        self.hub = hub
        self.sockets = sockets
        self._make = HfApi if kind == "sync" else AsyncHfApi
        self.cache = cache
        self.patient = self._client(backoff=0.01)

    def _client(self, **settings: Any) -> HfApi | AsyncHfApi:
        settings |= {"cache_dir": str(self.cache), "longest_wait": LONGEST_WAIT, "progress": False}
        known = attrs.evolve(Settings.from_environment(), **settings)
        if self.sockets:
            return self._make(self.hub.endpoint, self.hub.token, settings=known)
        return self._make("http://hub.localhost", self.hub.token, settings=known, transport=self.hub.transport)

    def hasty(self) -> HfApi | AsyncHfApi:
        """A client that waits for nothing."""
        if not self.sockets:
            return self._client(backoff=0.0)
        return self._client(
            backoff=0.0, attempts=3, read_timeout=0.2, write_timeout=0.2, answer_timeout=0.2, deadline=2.0
        )


def play(world: World, chance: random.Random, repo: str, folder: Path) -> None:
    """Upload a folder in spite of faults, and check what has become of it."""
    hub, schedule = world.hub, random_schedule(chance)
    for path, data in schedule.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    call(world.patient, "create_repo", repo)
    additions = [CommitOperationAdd(path, data) for path, data in schedule.before.items()]
    before = call(world.patient, "create_commit", repo, additions, commit_message="Before").oid

    def upload(api: HfApi | AsyncHfApi) -> None:
        if schedule.arguments is None:
            call(api, "upload_large_folder", repo, folder, repo_type="model", print_report=False)
        else:
            call(api, "upload_folder", repo_id=repo, folder_path=folder, **schedule.arguments)

    must_succeed = add_rules(chance, hub) and not world.sockets  # whose time-outs may be too short for a busy machine
    failure = None
    try:
        upload(world.hasty())
    except HubError as error:
        if must_succeed:
            raise
        failure = error
    hub.faults.clear()
    git = hub.hub.store.find("model", repo).git()
    if schedule.arguments and "create_pr" in schedule.arguments:
        made = [name for name, _ in git.refs("refs/pr/")]
        if failure is not None:
            assert len(made) <= 1
            if not made:
                upload(world.patient)
            made = [name for name, _ in git.refs("refs/pr/")]
        assert made == ["refs/pr/1"]
        assert contents(hub, repo, "refs/pr/1") == schedule.expected
        assert contents(hub, repo, "main") == schedule.before
        return
    if failure is not None:
        upload(world.patient)
    assert contents(hub, repo, "main") == schedule.expected
    commits = list(git.history(git.commit_at("main")))
    mine = commits[: [str(one.id) for one in commits].index(before)]
    if schedule.arguments is not None:
        assert [one.message for one in mine] == [TITLE]
    else:
        changed = [path for one in mine for path in files_changed(git, one) if path != ".gitattributes"]
        assert len(changed) == len({*changed})


def files_changed(git: Any, commit: Any) -> list[str]:
    """The files that a commit adds or changes."""
    (parent,) = commit.parents
    return [delta.new_file.path for delta in commit.tree.diff_to_tree(parent.tree).deltas]


def check_schedules(world: World, clock: Clock, name: str, numbers: range, root: Path) -> None:
    world.hub.hub.lfs.part_size = PART
    for number in numbers:
        seed = f"{name} {number}"
        clock.slept.clear()  # the Hub has another clock, which must not be too far behind
        try:
            play(world, random.Random(seed), f"{world.hub.user}/{number}", root / str(number))
        except BaseException as error:
            error.add_note(f"seed {seed!r}")
            raise


@pytest.fixture
def hub() -> Iterator[LocalHub]:
    with LocalHub() as made:
        yield made


@pytest.mark.parametrize("shard", range(SHARDS))
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_random_faults_neither_lose_nor_double_a_folder(hub, kind, shard, clock, tmp_path):
    world = World(hub, kind, tmp_path / "cache", sockets=False)
    check_schedules(world, clock, kind, range(shard * SCHEDULES, (shard + 1) * SCHEDULES), tmp_path)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_random_faults_of_sockets_neither_lose_nor_double_a_folder(hub, kind, clock, tmp_path):
    world = World(hub, kind, tmp_path / "cache", sockets=True)
    check_schedules(world, clock, f"sockets {kind}", range(SOCKET_SCHEDULES), tmp_path)
