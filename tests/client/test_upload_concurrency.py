"""How many files and parts are sent at the same time."""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import pytest

from hub_typed import CommitOperationAdd
from hub_typed.local import LocalHub

PART = 1000
LARGE = os.urandom(6 * PART)


class Counter:
    """Counts the bodies that a Hub receives at the same time.

    Attributes:
        most: The largest number so far.
    """

    def __init__(self, hub: LocalHub) -> None:
        self.most = 0
        self._now = 0
        self._lock = threading.Lock()
        self._answer = hub.hub.answer
        hub.hub.answer = self.answer

    def answer(self, incoming: Any, admission: Any = None) -> Any:
        if incoming.method != "PUT":
            return self._answer(incoming, admission)
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        time.sleep(0.005)
        try:
            return self._answer(incoming, admission)
        finally:
            with self._lock:
                self._now -= 1


@pytest.mark.parametrize("num_threads", [1, 2, 3, 4, 8])
@pytest.mark.parametrize("large", [1, 5])
def test_no_more_bodies_are_sent_at_once_than_threads_are_allowed(play, monkeypatch, num_threads, large):
    monkeypatch.setattr("hub_typed.flows.commits.lfs_files.GROUP_BYTES", 14 * PART)
    contents = [b"\0%d" % number + LARGE[: PART // 2] for number in range(12)]
    contents += [b"\0%d" % number + LARGE for number in range(large)]

    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)
        counter = Counter(side.hub)
        additions = [CommitOperationAdd(f"{number}.bin", data) for number, data in enumerate(contents)]
        await side.api.create_commit(side.repo, additions, commit_message="All", num_threads=num_threads)
        assert counter.most <= num_threads
        assert counter.most >= min(num_threads, 2)

    play(scenario)


def test_the_parts_of_one_file_are_sent_by_all_threads_that_are_allowed(play):
    async def scenario(side):
        side.hub.hub.lfs.part_size = PART
        await side.api.create_repo(side.repo)
        counter = Counter(side.hub)
        addition = CommitOperationAdd("weights.bin", b"\0" + LARGE)
        await side.api.create_commit(side.repo, [addition], commit_message="All", num_threads=4)
        assert 2 < counter.most <= 4

    play(scenario)
