"""Logs and metrics of jobs, once or as long as the job runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

import attrs

from hub_typed.errors import NEVER_RETRIED, HfHubHTTPError, HubTimeoutError, TransportError
from hub_typed.flows.jobs.followed_log import FollowedLog
from hub_typed.flows.jobs.stages import TERMINAL_JOB_STAGES
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.event_streams import connected_events, pause_before_reconnecting
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import JobMetrics, LogEvent
from hub_typed_api.operations import jobs as operations
from hub_typed_api.wire import Response, Stream

__all__ = ["fetch_job_logs", "fetch_job_metrics"]

T = TypeVar("T")

STORED_SILENCE: Final = 5.0
"""Seconds without a byte after which the stored lines are complete: the Hub does not say where they end."""
METRICS_SILENCE: Final = 10.0
"""Seconds without a byte after which a job has no metrics any more; there is an event every second."""
PAUSES: Final = (2.0, 4.0, 8.0, 10.0)
"""Seconds before a stream is requested again that ended before the job did; the last one from then on."""
START: Final = "===== Job started"
"""Beginning of a line that the Hub adds to logs."""
_GONE: Final = (406, 500)
"""Statuses of the metrics of a job that has finished; the second one is that of an earlier Hub."""


async def fetch_job_logs(
    io: Io, *, job_id: str, namespace: str | None = None, follow: bool = False, tail: int | None = None
) -> AsyncIterator[str]:
    """Iterate over the lines of the log of a job.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        namespace: User or organization that owns it; the account of the token if not given.
        follow: Also wait for new lines, until the job has finished. Broken connections are continued: each line comes
            once.
        tail: Begin with the last lines, at most so many; with the first line if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
        TransportError: The connection broke; with ``follow``, too often without a line in between.
    """
    job = _Job(io, namespace or await own_namespace(io), job_id)
    lines = job.until_finished(FollowedLog(io, job.owner, job_id, tail).connect) if follow else _stored_log(job, tail)
    async with aclosing(lines) as events:
        async for event in events:
            if not event.data.startswith(START):
                yield event.data


async def fetch_job_metrics(
    io: Io, *, job_id: str, namespace: str | None = None, follow: bool = False
) -> AsyncIterator[JobMetrics]:
    """Iterate over the resource usage of a running job.

    A measurement can also be read like a dictionary: ``metrics["cpu_usage_pct"]``.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        namespace: User or organization that owns it; the account of the token if not given.
        follow: Return a measurement every second, until the job has finished, instead of the current one alone. There
            is none if the job does not run.

    Raises:
        JobNotFoundError: The job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
        TransportError: The connection failed; with ``follow``, too often without a measurement in between.
    """
    job = _Job(io, namespace or await own_namespace(io), job_id)
    connected = job.until_finished(lambda: _metrics(job)) if follow else _metrics(job)
    async with aclosing(connected) as events:
        async for event in events:
            if event is not None:
                yield event
                if not follow:
                    return


@attrs.frozen
class _Job:
    io: Io
    owner: str
    id: str

    async def is_finished(self) -> bool:
        found = await execute(self.io, operations.inspect_job(self.owner, self.id))
        return found.status.stage in TERMINAL_JOB_STAGES

    async def until_finished(self, connect: Callable[[], AsyncGenerator[T | None, None]]) -> AsyncGenerator[T, None]:
        """Iterate over the events of a stream that may end, break or fall silent before the job has finished.

        Args:
            connect: Returns the new events of another connection, and ``None`` for a keep-alive.
        """
        failures = ends = 0
        while True:
            try:
                async with aclosing(connect()) as events:
                    async for event in events:
                        if event is not None:
                            failures = ends = 0
                            yield event
                        elif await self.is_finished():
                            return
            except HubTimeoutError:
                pass
            except NEVER_RETRIED:
                raise
            except TransportError as error:
                failures += 1
                if failures >= self.io.settings.attempts:
                    raise
                await pause_before_reconnecting(self.io, f"job {self.owner}/{self.id}", error, failures)
                continue
            if await self.is_finished():
                return
            await self.io.sleep(PAUSES[min(ends, len(PAUSES) - 1)])
            ends += 1


async def _stored_log(job: _Job, tail: int | None) -> AsyncGenerator[LogEvent, None]:
    """Iterate over the lines that the Hub has when it answers."""
    answers: list[Response] = []
    stream = operations.stream_job_logs(job.owner, job.id, tail=tail)
    connection = _until_silence(job.io, stream, STORED_SILENCE, answers)
    async with aclosing(connection) as events:
        async for event in events:
            if event is not None:
                if _is_later(event, answers[0]):
                    return
                yield event


async def _metrics(job: _Job) -> AsyncGenerator[JobMetrics | None, None]:
    """Iterate over the measurements of one connection; there are none if the job has finished."""
    connection = _until_silence(job.io, operations.stream_job_metrics(job.owner, job.id), METRICS_SILENCE, [])
    try:
        async with aclosing(connection) as events:
            async for event in events:
                yield event
    except HfHubHTTPError as error:
        if error.response.status_code not in _GONE:
            raise


async def _until_silence(
    io: Io, stream: Stream[T], seconds: float, answers: list[Response]
) -> AsyncGenerator[T | None, None]:
    """Iterate over the events of one connection until the server ends it, or sends nothing for a while.

    Args:
        answers: Receives the response before the first event.
    """
    connection = connected_events(io, stream, timeout=seconds, answered=answers.append)
    try:
        async with aclosing(connection) as events:
            async for event in events:
                yield event
    except HubTimeoutError:
        if not answers:
            raise


def _is_later(event: LogEvent, answer: Response) -> bool:
    """Whether a line was written after the answer to the request, whose date is exact to a second."""
    date = answer.headers.get("date")
    if date is None or event.timestamp is None:
        return False
    return event.timestamp > parsedate_to_datetime(date) + timedelta(seconds=1)
