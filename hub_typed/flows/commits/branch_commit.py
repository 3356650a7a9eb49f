"""A commit to a branch, created exactly once.

Each request names the parent of the commit, which the Hub compares with the head of the branch. So of several requests
with one parent, at most one creates a commit, even if one of them takes effect late; and the history of the branch
tells whether one of them has.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from hub_typed.flows.commits.commit_lookup import commits_since, read_head
from hub_typed.flows.commits.commit_request import (
    REQUEST_ERRORS,
    CommitRequest,
    RequestError,
    may_have_effect,
    seconds_to_retry,
    status_of,
)
from hub_typed.logs.logger import log as _log
from hub_typed_api.models import CommitAnswer

__all__: list[str] = []

CONFLICTS: Final = (409, 412)
"""Statuses of a commit that was refused because of another one."""
MAX_CONFLICT_SECONDS: Final = 600.0
"""Seconds after which a commit is no longer sent again on a branch that others move all the time."""


@attrs.define(kw_only=True)
class BranchCommit(CommitRequest):
    """A commit to a branch, over all attempts; its header always has a parent.

    Attributes:
        required: Id of the parent that the caller requires, or its beginning; empty if any will do.
        rebases: Whether to rebase the commit if the branch has moved since the required parent.
        paths: Paths that the commit must have to itself to be rebased; those of folders end with a slash.
        started: Time of the first attempt, in seconds since 1970.
        failures: Failed attempts since the branch last moved.
        conflicts: How often the branch moved between two attempts.
    """

    required: str
    rebases: bool
    paths: Sequence[str]
    started: float
    failures: int = 0
    conflicts: int = 0

    @property
    def parent(self) -> str:
        """Id of the parent of the current attempt, or its beginning."""
        return (self.header.parent_commit or "").lower()

    async def recover(self, error: RequestError) -> CommitAnswer | None:
        may_follow = self.uncertain or self.rebases or not self.required
        if not (may_have_effect(error) or (status_of(error) in CONFLICTS and may_follow)):
            self.give_up(error)
        self.failures += 1
        delay = seconds_to_retry(self.io, error, self.failures + self.conflicts)
        await self.io.sleep(delay or 0.0)
        made = await self._follow_branch(error)
        if made is None:
            if delay is None or self.failures >= self.io.settings.attempts:
                self.give_up(error)
            _log.info("%s: the commit is sent again, based on %s", self.target.repo_id, self.parent)
        return made

    async def _follow_branch(self, error: RequestError) -> CommitAnswer | None:
        """Return the response for the commit if the branch contains it; otherwise move on to the head of the branch."""
        if not self.uncertain:
            await self._move_to(await read_head(self.io, self.target), error)
            return None
        from hub_typed.flows.commits.lost_commit import find_commit

        try:
            since = await commits_since(self.io, self.target, self.parent)
            title = self.header.summary
            made = await find_commit(self.io, self.target, title, self.changes, self.parent, since or ())
        except REQUEST_ERRORS:
            return None  # sending it again is safe: the Hub accepts only one commit with this parent
        if since is None:  # the history was rewritten
            self.give_up(error)
        if made is None and since:
            self.uncertain = False  # no attempt with this parent can have an effect any more
            await self._move_to(since[0].commit_id, error)
        return made

    async def _move_to(self, head: str, error: RequestError) -> None:
        """Base the next attempt on the head of the branch, if the caller allows it.

        Otherwise the parent stays, and the error is that of the Hub: if it has not sent it yet, the next one.
        """
        if head.startswith(self.parent):
            return
        if self.required and not self.rebases:
            if status_of(error) in CONFLICTS:
                self.give_up(error)
            return
        if self.required:
            from hub_typed.flows.commits.conflicts import check_disjoint

            await check_disjoint(self.io, self.target, self.paths, parent=self.required, head=head, error=error)
        if self.io.now() - self.started > MAX_CONFLICT_SECONDS:
            self.give_up(error)
        self.move_to(head)
        self.conflicts += 1
        self.failures = 0

    @property
    def advice(self) -> str:
        target = self.target
        options = f", repo_type={target.repo_type!r}" if target.repo_type != "model" else ""
        options += f", revision={target.revision!r}" if target.revision != "main" else ""
        return (
            f"The commit may have been created: it was if list_repo_commits({target.repo_id!r}{options}) has "
            f"{self.header.summary!r} above its parent {self.parent}. If not, commit again; nothing is uploaded twice."
        )
