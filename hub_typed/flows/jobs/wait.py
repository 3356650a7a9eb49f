"""Wait until jobs reach a stage."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.flows.decorators import one_or_several
from hub_typed.flows.jobs.manage import inspect_job
from hub_typed.flows.jobs.stages import TERMINAL_JOB_STAGES, JobStage
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed_api.models import JobInfo

__all__ = ["wait_for_job"]


@one_or_several("job_id")
async def wait_for_job(
    io: Io,
    job_id: str | list[str],
    *,
    timeout: float | None = None,
    poll_interval: float = 1.0,
    stages: Iterable[JobStage | str] | None = None,
    namespace: str | None = None,
) -> JobInfo | list[JobInfo]:
    """Wait until a job, or each of several jobs, has finished or reached a stage.

    A failed job is no error: check ``status.stage`` of the result.

    Args:
        job_id: Id of the job, or a list of ids, for which a list in the same order is returned.
        timeout: Seconds to wait for all jobs; unlimited if not given.
        poll_interval: Seconds between two requests.
        stages: Stages to wait for. A job that has finished is never waited for.
        namespace: User or organization that owns them; the account of the token if not given.

    Raises:
        ValueError: ``timeout`` is negative, or ``poll_interval`` is not above 0.
        TimeoutError: A job has not reached a stage after ``timeout`` seconds.
        JobNotFoundError: A job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    if timeout is not None and timeout < 0:
        raise ValueError(f"The timeout is {timeout}, but must be 0 or more seconds.")
    if poll_interval <= 0:
        raise ValueError(f"poll_interval is {poll_interval}, but must be above 0 seconds.")
    awaited = {*map(str, stages or ()), *TERMINAL_JOB_STAGES}
    owner = namespace or await own_namespace(io)
    until = None if timeout is None else io.now() + timeout

    async def wait(one: str) -> JobInfo:
        while (job := await inspect_job(io, job_id=one, namespace=owner)).status.stage not in awaited:
            remaining = poll_interval if until is None else until - io.now()
            if remaining <= 0:
                raise TimeoutError(f"The job {owner}/{one} is still {job.status.stage} after {timeout} seconds.")
            await io.sleep(min(poll_interval, remaining))
        return job

    return await wait(job_id) if isinstance(job_id, str) else [await wait(one) for one in job_id]
