"""Logs and metrics of jobs, once or as long as the job runs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import Final, TypeVar

import attrs

from hub_typed.errors import HfHubHTTPError, HubTimeoutError
from hub_typed.flows.jobs.stages import TERMINAL_JOB_STAGES
from hub_typed.flows.log_stream import LogStream
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.event_streams import connected_events, reconnected_events
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import JobMetrics
from hub_typed_api.operations import jobs as operations
from hub_typed_api.wire import Response

__all__ = ["fetch_job_logs", "fetch_job_metrics"]

T = TypeVar("T")

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
        TransportError: The connection broke too often without a line in between.
    """
    job = _Job(io, namespace or await own_namespace(io), job_id)
    log = LogStream(io, lambda lines: operations.stream_job_logs(job.owner, job_id, tail=lines), tail)
    lines = job.until_finished(log.connect) if follow else log.stored()
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
    connected = job.until_finished(job.metrics) if follow else job.metrics()
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
        ends = 0
        while True:
            connections = reconnected_events(self.io, f"job {self.owner}/{self.id}", lambda: self._living(connect()))
            async with aclosing(connections) as events:
                async for event in events:
                    ends = 0
                    yield event
            if await self.is_finished():
                return
            await self.io.sleep(PAUSES[min(ends, len(PAUSES) - 1)])
            ends += 1

    async def _living(self, connection: AsyncGenerator[T | None, None]) -> AsyncGenerator[T, None]:
        """Iterate over the events of a connection until it has none any more, or is silent after the end of the job."""
        try:
            async with aclosing(connection) as events:
                async for event in events:
                    if event is not None:
                        yield event
                    elif await self.is_finished():
                        return
        except HubTimeoutError:
            pass  # the caller looks whether the job has finished

    async def metrics(self) -> AsyncGenerator[JobMetrics | None, None]:
        """Iterate over the measurements of one connection; there are none if the job has finished."""
        answers: list[Response] = []
        stream = operations.stream_job_metrics(self.owner, self.id)
        connection = connected_events(self.io, stream, timeout=METRICS_SILENCE, answered=answers.append)
        try:
            async with aclosing(connection) as events:
                async for event in events:
                    yield event
        except HubTimeoutError:
            if not answers:
                raise
        except HfHubHTTPError as error:
            if error.response.status_code not in _GONE:
                raise
