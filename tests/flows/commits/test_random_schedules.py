"""Random schedules of faults and concurrent commits: each commit is created exactly once, or its error is true."""

from __future__ import annotations

import asyncio
import random
from typing import Any

import pytest

from hub_typed.flows.commits.create import create_commit
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.io import drive
from hub_typed.http.thread_io import ThreadIo
from hub_typed.settings import Settings
from tests.flows.commits.branch_hub import AMBIGUOUS, ATTEMPTS, BranchHub, Fault, check, operations
from tests.flows.commits.conftest import answered

SCHEDULES = 500
REFUSED = [answered(429, {"error": "slow down"}, retry_after="0"), answered(409, {"error": "busy"})]


def random_fault(chance: random.Random) -> Fault | None:
    kind = chance.random()
    if kind < 0.15:
        return None
    if kind < 0.3:
        return Fault(chance.choice(REFUSED))
    effect: Any = chance.choice(["none", "at once", "late"])
    return Fault(chance.choice(AMBIGUOUS), effect, chance.randint(1, 8))


def schedule(chance: random.Random, hub: BranchHub) -> bool:
    """Give a Hub faults and rivals; whether the commit may fail."""
    harmless = chance.random() < 0.6
    hub.commit_faults = [random_fault(chance) for _ in range(chance.randint(1, ATTEMPTS - 1 if harmless else 12))]
    if not harmless:
        for kind in ("commits", "paths", "preupload"):
            hub.fail(kind, *[answered(503)] * chance.choice([0, 0, 1, 4, 9]))
    paths = ["a.txt", "w.bin", "theirs", "kept.txt"] if harmless else ["a.txt", "theirs"]
    rivals = chance.sample(range(2, 30), chance.choice([0, 0, 1, 3, 8]))
    hub.rivals = {number: {chance.choice(paths): f"{number:040}"} for number in rivals}
    return not harmless


def io_of(world: str, hub: BranchHub) -> Any:
    settings = Settings(endpoint="https://hub.test", backoff=0.0, concurrency=4, attempts=ATTEMPTS, progress=False)
    return (ThreadIo if world == "threads" else AsyncIo)(settings, hub, "hf_token", {"user-agent": "test"})


def make(world: str, hub: BranchHub, **words: Any) -> Any:
    io = io_of(world, hub)
    flow = create_commit(io, "me/repo", operations(), commit_message="m", **words)
    try:
        return drive(flow) if world == "threads" else asyncio.run(flow)
    finally:
        io.close()


@pytest.mark.parametrize("world", ["threads", "asyncio"])
def test_random_schedules_of_faults_neither_lose_nor_double_a_commit(world):
    for seed in range(SCHEDULES):
        chance, hub = random.Random(f"{world} {seed}"), BranchHub()
        may_fail = schedule(chance, hub)
        words: dict[str, Any] = chance.choice(
            [{}, {}, {"parent_commit": hub.head.id}, {"parent_commit": hub.head.id[:9], "on_conflict": "rebase"}]
        )
        try:
            check(hub, lambda hub=hub, words=words: make(world, hub, **words), may_fail=may_fail or bool(words))
        except BaseException as error:
            error.add_note(f"{world}, seed {seed}")
            raise
