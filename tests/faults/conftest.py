"""A virtual clock for tests of clients that wait."""

from __future__ import annotations

import time

import pytest

from hub_typed.http.async_io import AsyncIo
from hub_typed.http.thread_io import ThreadIo


class Clock:
    """A clock that sleeps advance at once.

    Attributes:
        slept: Seconds of each sleep.
    """

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> float:
        return time.time() + sum(self.slept)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of all clients, which never really sleep."""
    made = Clock()

    async def sleep(io: object, seconds: float) -> None:
        made.slept.append(seconds)

    for kind in (ThreadIo, AsyncIo):
        monkeypatch.setattr(kind, "sleep", sleep)
        monkeypatch.setattr(kind, "now", lambda io: made.now())
    return made
