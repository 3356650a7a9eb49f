"""Inspect, list, change and cancel jobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping

from hub_typed.flows.jobs.job_spec import exposed_ports
from hub_typed.flows.jobs.run import of_hub
from hub_typed.flows.jobs.stages import JobStage
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import JobInfo
from hub_typed_api.operations import jobs as operations

__all__ = ["cancel_job", "inspect_job", "list_jobs", "update_job_expose", "update_job_labels"]


async def list_jobs(
    io: Io,
    *,
    status: Iterable[JobStage | str] | JobStage | str | None = None,
    labels: Mapping[str, str] | None = None,
    timeout: float | None = None,
    namespace: str | None = None,
) -> AsyncIterator[JobInfo]:
    """List the jobs of an account, the newest first.

    Args:
        status: Only jobs in this stage, or in one of these.
        labels: Only jobs with all these labels.
        timeout: Seconds to wait for the response of each request; the deadline from the settings if not given.
        namespace: User or organization; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    stages = [status] if isinstance(status, str) else status
    listed = operations.list_jobs(
        namespace or await own_namespace(io),
        stage=None if stages is None else [str(stage).upper() for stage in stages],
        label=None if labels is None else [f"{key}={value}" for key, value in labels.items()],
    )
    async for job in items(io, listed, timeout=timeout):
        yield of_hub(io, job)


async def inspect_job(io: Io, *, job_id: str, namespace: str | None = None) -> JobInfo:
    """Get a job and its status.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    return of_hub(io, await execute(io, operations.inspect_job(namespace or await own_namespace(io), job_id)))


async def cancel_job(io: Io, *, job_id: str, namespace: str | None = None) -> None:
    """Cancel a job.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    await execute(io, operations.cancel_job(namespace or await own_namespace(io), job_id))


async def update_job_labels(io: Io, *, job_id: str, labels: Mapping[str, str], namespace: str | None = None) -> JobInfo:
    """Replace all labels of a job, its name included, which is the label ``name``.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        labels: The new labels; keys and values have at most 100 letters, digits, ``.``, ``_`` and ``-``.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        BadRequestError: A label is invalid.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return of_hub(io, await execute(io, operations.update_job_labels(owner, job_id, labels=dict(labels))))


async def update_job_expose(
    io: Io,
    *,
    job_id: str,
    expose: Iterable[int] | None = None,
    expose_public: Iterable[int] | None = None,
    namespace: str | None = None,
) -> JobInfo:
    """Replace the exposed ports of a running job; those not given are closed.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        expose: Ports that are reachable with a token that may read the jobs of the namespace.
        expose_public: Ports that are reachable without a token.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        BadRequestError: A port is invalid, or the job does not run.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    ports = exposed_ports(expose, expose_public)
    call = operations.update_job_expose(owner, job_id, ports=ports.ports, ports_public=ports.ports_public)
    return of_hub(io, await execute(io, call))
