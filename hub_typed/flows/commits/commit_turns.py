"""Turns of this process's commits to one branch, so that its threads and tasks do not refuse each other's commits.

Turns only avoid conflicts, each of which sends a commit again; correctness does not depend on them, since every commit
names its parent.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import attrs

from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.http.io import Io

__all__: list[str] = []

POLL: Final = 0.02
"""Seconds between two checks whose turn it is."""
LONGEST_WAIT: Final = 60.0
"""Seconds after which a commit is sent out of turn: the one before it may hang."""


@attrs.frozen
class CommitTurns:
    """Commits of this process to one branch that are waiting or being sent.

    Attributes:
        waiting: One object for each, in order of arrival; the first one has its turn.
        made: Commits that were created, by their parent.
    """

    waiting: deque[object] = attrs.field(factory=deque[object])
    made: dict[str, str] = attrs.field(factory=dict[str, str])

    def newest(self, commit: str) -> str:
        """Return the newest commit known to be based on a commit, or the commit itself."""
        while (following := self.made.get(commit)) is not None:
            commit = following
        return commit

    def record(self, parent: str, commit: str) -> None:
        """Record a commit that was created; without changes, the Hub creates none and returns the parent."""
        if commit != parent:
            self.made[parent] = commit


_Branch: TypeAlias = tuple[str, str, str, str]
_turns: dict[_Branch, CommitTurns] = {}

os.register_at_fork(after_in_child=_turns.clear)  # the waiting threads exist in the parent only


@asynccontextmanager
async def commit_turn(io: Io, target: Target) -> AsyncGenerator[CommitTurns, None]:
    """Wait until no earlier commit of this process to the same branch is being sent, at most `LONGEST_WAIT` seconds."""
    branch = (io.settings.endpoint, target.repo_type, target.repo_id, target.revision)
    turns = _turns.setdefault(branch, CommitTurns())
    mine = object()
    turns.waiting.append(mine)
    try:
        until = io.now() + LONGEST_WAIT
        while turns.waiting[0] is not mine and io.now() < until:
            await io.sleep(POLL)
        yield turns
    finally:
        turns.waiting.remove(mine)
        if not turns.waiting:
            _turns.pop(branch, None)
