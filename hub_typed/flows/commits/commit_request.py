"""The commit request, sent until it is known what became of the commit."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Final, NoReturn, TypeAlias

import attrs

from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, ProtocolError, SourceChangedError, TransportError
from hub_typed.flows.commits.payload import commit_body
from hub_typed.flows.commits.prepared_changes import Change, Target
from hub_typed.flows.observed_body import observed
from hub_typed.http.io import Io
from hub_typed.http.retry import may_be_done, retry_delay
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed.progress import Transfer
from hub_typed.progress_bars.observers import observer_for
from hub_typed_api.models import CommitAnswer, CommitHeader
from hub_typed_api.operations import commits as commits_api
from hub_typed_api.wire import Response

__all__: list[str] = []

MOST_DOUBLED: Final = 12
"""Number of attempts after which the delay is no longer doubled."""

RequestError: TypeAlias = HfHubHTTPError | ProtocolError | TransportError
REQUEST_ERRORS: Final = (HfHubHTTPError, ProtocolError, TransportError)


@attrs.define(kw_only=True)
class CommitRequest(ABC):
    """A commit request, over all its attempts.

    Attributes:
        header: Message and parent of the commit.
        uncertain: Whether an earlier attempt may have created the commit, or may still do so.
    """

    io: Io
    target: Target
    header: CommitHeader
    changes: Sequence[Change]
    uncertain: bool = False

    async def send(self) -> CommitAnswer:
        """Send the request until the commit exists, or cannot be created.

        Raises:
            HfHubHTTPError: The Hub refused the commit; or all attempts failed, and the message says whether the commit
                may have been created.
            TransportError: The same, without a response.
            ProtocolError: The same, with a response that does not match the spec.
            SourceChangedError: A file changed during the upload.
        """
        try:
            while True:
                try:
                    return await self._send_once()
                except REQUEST_ERRORS as error:
                    self.uncertain = self.uncertain or may_have_effect(error)
                    made = await self.recover(error)
                if made is not None:
                    _log.info("%s: %s exists although its response was lost", self.target.repo_id, made.commit_url)
                    return made
        except SourceChangedError as error:
            if not self.uncertain:
                raise
            raise SourceChangedError(
                f"{self.target.repo_id}: the response for the commit was lost, and the commit could not be sent again, "
                f"because a file changed. {self.advice}"
            ) from error

    def move_to(self, parent: str) -> None:
        """Let further attempts create the commit on top of another one."""
        self.header = attrs.evolve(self.header, parent_commit=parent)

    async def _send_once(self) -> CommitAnswer:
        """Send the request; it is repeated only if a rate limit has refused it."""
        body = commit_body(self.header, self.changes)
        observer = self.io.job or observer_for(self.io.settings, "upload")
        transfer = Transfer(observer, "commit", self.target.repo_id, body.size)
        call = commits_api.create_commit(
            self.target.repo_id,
            repo_type=self.target.repo_type,
            revision=self.target.revision,
            create_pr=self.target.create_pr,
            lines=observed(body, transfer),
        )
        with transfer:
            return await execute(self.io, call)

    @abstractmethod
    async def recover(self, error: RequestError) -> CommitAnswer | None:
        """Wait after a failed attempt, and return the response for the commit if it exists.

        Raises:
            HubError: There should be no further attempt.
        """

    @property
    @abstractmethod
    def advice(self) -> str:
        """What the caller can do if it is not known whether the commit was created."""

    def give_up(self, error: RequestError) -> NoReturn:
        """Raise the error of the last attempt, with `advice` if the commit may have been created."""
        if self.uncertain:
            error.append_to_message(f"\n{self.advice}")
        raise error


def may_have_effect(error: RequestError) -> bool:
    """Whether the Hub may have processed the request, or may still do so, although it failed."""
    return isinstance(error, ProtocolError) or (not isinstance(error, NEVER_RETRIED) and may_be_done(error))


def status_of(error: RequestError) -> int:
    """Return the HTTP status of an error; 0 if there was no response, or an invalid one."""
    return error.response.status_code if isinstance(error, HfHubHTTPError) else 0


def seconds_to_retry(io: Io, error: RequestError, attempt: int) -> float | None:
    """Return the seconds before the next attempt; ``None`` if the Hub requested a longer delay than the settings allow.

    Args:
        attempt: Number of the failed attempt, from 1.
    """
    response = None
    if isinstance(error, HfHubHTTPError):
        response = Response(status=error.response.status_code, headers=error.response.headers)
    return retry_delay(response, min(attempt, MOST_DOUBLED), io.settings, io.random(), io.now())
