"""Logs of Spaces."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing

from hub_typed.flows.log_stream import LogStream
from hub_typed.http.io import Io
from hub_typed_api.operations import spaces as operations

__all__ = ["fetch_space_logs"]


async def fetch_space_logs(
    io: Io, repo_id: str, *, build: bool = False, follow: bool = False, tail: int | None = None
) -> AsyncIterator[str]:
    """Fetch the logs of a Space as texts, which end with a line feed as far as the Space wrote one.

    A connection that breaks is opened again, without repeating what was received.

    Args:
        repo_id: Name, ``owner/name``.
        build: Fetch the logs of the build, instead of those of the running Space.
        follow: Continue with new lines until the Hub ends the stream, instead of ending after the stored ones.
        tail: Maximum number of stored lines, the last ones; all if not given.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the Space (403).
        TransportError: The connection broke too often without a line in between.
    """
    log_type = "build" if build else "run"
    log = LogStream(io, lambda lines: operations.stream_space_logs(repo_id, log_type, tail=lines), tail)
    async with aclosing(log.followed() if follow else log.stored()) as events:
        async for event in events:
            yield event.data
