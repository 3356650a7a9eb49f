"""A commit that opens a pull request.

The Hub opens one for each request that it processes, whatever its parent is. So the list of pull requests is read
before the request is sent again; after a timeout, when the Hub may still be at work, it is not sent again.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs

from hub_typed.errors import HubTimeoutError
from hub_typed.flows.commits.commit_request import (
    REQUEST_ERRORS,
    CommitRequest,
    RequestError,
    may_have_effect,
    seconds_to_retry,
    status_of,
)
from hub_typed.flows.commits.pull_request_lookup import find_pull_request
from hub_typed_api.models import CommitAnswer

__all__: list[str] = []

CLOCK_DIFFERENCE: Final = timedelta(minutes=5)
"""Largest expected difference between the clocks of this machine and the Hub."""
LOOKS_AFTER_TIMEOUT: Final = 8
"""How often the list is read after a timeout; with the default settings, within about a minute."""
TIMEOUTS: Final = (408, 504)


@attrs.define(kw_only=True)
class PullRequestCommit(CommitRequest):
    """A commit that opens a pull request, over all attempts.

    Attributes:
        started: Time of the first attempt, in seconds since 1970.
        attempt: Number of the current attempt, from 1.
    """

    started: float
    attempt: int = 1

    async def recover(self, error: RequestError) -> CommitAnswer | None:
        if not self.uncertain:
            raise error
        timed_out = isinstance(error, HubTimeoutError) or status_of(error) in TIMEOUTS
        try:
            for look in range(LOOKS_AFTER_TIMEOUT if timed_out else 1):
                await self.io.sleep(seconds_to_retry(self.io, error, self.attempt + look) or 0.0)
                if (made := await self._find()) is not None:
                    return made
        except REQUEST_ERRORS:
            self.give_up(error)
        if timed_out or not may_have_effect(error) or self.attempt >= self.io.settings.attempts:
            self.give_up(error)
        self.attempt += 1
        return None

    async def _find(self) -> CommitAnswer | None:
        return await find_pull_request(
            self.io,
            self.target,
            self.header.summary,
            self.changes,
            (self.header.parent_commit or "").lower(),
            datetime.fromtimestamp(self.started, UTC) - CLOCK_DIFFERENCE,
        )

    @property
    def advice(self) -> str:
        return (
            f"The pull request may have been opened. Look for {self.header.summary!r} among the titles of "
            f"get_repo_discussions({self.target.repo_id!r}, repo_type={self.target.repo_type!r}) before you commit "
            "again."
        )
