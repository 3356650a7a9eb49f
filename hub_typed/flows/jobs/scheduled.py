"""Scheduled jobs: create, inspect, change and delete them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hub_typed.flows.jobs.hardware import JobHardware
from hub_typed.flows.jobs.job_spec import job_input
from hub_typed.flows.jobs.run import of_hub
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import JobInfo, ScheduledJobInfo, Volume
from hub_typed_api.operations import scheduled_jobs as operations

__all__ = [
    "create_scheduled_job",
    "delete_scheduled_job",
    "inspect_scheduled_job",
    "list_scheduled_jobs",
    "resume_scheduled_job",
    "suspend_scheduled_job",
    "trigger_scheduled_job",
    "update_scheduled_job_labels",
    "update_scheduled_job_schedule",
]


async def create_scheduled_job(
    io: Io,
    *,
    image: str,
    command: Sequence[str],
    schedule: str,
    suspend: bool | None = None,
    concurrency: bool | None = None,
    env: Mapping[str, str] | None = None,
    secrets: Mapping[str, str] | None = None,
    flavor: JobHardware | str | None = None,
    timeout: float | str | None = None,
    attempts: int | None = None,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    volumes: Iterable[Volume] | None = None,
    expose: Iterable[int] | None = None,
    expose_public: Iterable[int] | None = None,
    resource_group_id: str | None = None,
    namespace: str | None = None,
) -> ScheduledJobInfo:
    """Run a command in a container on hardware of the Hub, again and again.

    Args:
        image: Docker image, for example ``python:3.12``, or a Space with its image, ``hf.co/spaces/owner/name``.
        command: The command, for example ``["python", "-c", "print(1)"]``.
        schedule: ``@hourly``, ``@daily``, ``@weekly``, ``@monthly``, ``@yearly``, or a cron expression in UTC.
        suspend: Whether it is initially suspended.
        concurrency: Whether runs may overlap.
        env: Environment variables.
        secrets: Secret environment variables, whose values the Hub does not return.
        flavor: Hardware, see `list_jobs_hardware`; ``cpu-basic`` if not given.
        timeout: Longest time of a run: seconds, or a text such as ``90s``, ``5m``, ``2h`` or ``1d``.
        attempts: Maximum number of attempts per run, the first one included; 1 if not given.
        name: Name, stored as the label ``name``; if not given, the image with a hash of the command.
        labels: Labels.
        volumes: Repositories and buckets to mount.
        expose: Ports that are reachable with a token that may read the jobs of the namespace.
        expose_public: Ports that are reachable without a token.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        ValueError: An argument is invalid; nothing was created.
        BadRequestError: The Hub does not accept it, for example because the schedule is invalid.
        HfHubHTTPError: The token lacks permission (401, 403), or the account cannot pay (402).
    """
    spec = job_input(
        image=image,
        command=command,
        env=env,
        secrets=secrets,
        flavor=flavor,
        timeout=timeout,
        attempts=attempts,
        name=name,
        labels=labels,
        volumes=volumes,
        expose=expose,
        expose_public=expose_public,
        resource_group_id=resource_group_id,
    )
    owner = namespace or await own_namespace(io)
    call = operations.create_scheduled_job(
        owner, job_spec=spec, schedule=schedule, suspend=suspend, concurrency=concurrency
    )
    return await execute(io, call)


async def list_scheduled_jobs(
    io: Io, *, labels: Mapping[str, str] | None = None, timeout: float | None = None, namespace: str | None = None
) -> list[ScheduledJobInfo]:
    """List the scheduled jobs of an account.

    Args:
        labels: Only scheduled jobs with all these labels.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        namespace: User or organization; the account of the token if not given.

    Raises:
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    wanted = dict(labels or {})
    first = next((f"{key}={value}" for key, value in wanted.items()), None)  # the Hub filters by one label
    call = operations.list_scheduled_jobs(namespace or await own_namespace(io), label=first)
    found = await execute(io, call, timeout=timeout)
    return [job for job in found if wanted.items() <= (job.job_spec.labels or {}).items()]


async def inspect_scheduled_job(io: Io, *, scheduled_job_id: str, namespace: str | None = None) -> ScheduledJobInfo:
    """Get a scheduled job.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    return await execute(io, operations.inspect_scheduled_job(namespace or await own_namespace(io), scheduled_job_id))


async def delete_scheduled_job(io: Io, *, scheduled_job_id: str, namespace: str | None = None) -> None:
    """Delete a scheduled job permanently.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    await execute(io, operations.delete_scheduled_job(namespace or await own_namespace(io), scheduled_job_id))


async def suspend_scheduled_job(io: Io, *, scheduled_job_id: str, namespace: str | None = None) -> None:
    """Suspend a scheduled job until it is resumed.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    await execute(io, operations.suspend_scheduled_job(namespace or await own_namespace(io), scheduled_job_id))


async def resume_scheduled_job(io: Io, *, scheduled_job_id: str, namespace: str | None = None) -> None:
    """Resume a suspended scheduled job.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    await execute(io, operations.resume_scheduled_job(namespace or await own_namespace(io), scheduled_job_id))


async def trigger_scheduled_job(io: Io, *, scheduled_job_id: str, namespace: str | None = None) -> JobInfo:
    """Run a scheduled job now; its schedule stays.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        HfHubHTTPError: Another run is in progress, and runs may not overlap (409), or the token lacks permission (401,
            403).
    """
    call = operations.trigger_scheduled_job(namespace or await own_namespace(io), scheduled_job_id)
    return of_hub(io, await execute(io, call))


async def update_scheduled_job_labels(
    io: Io, *, scheduled_job_id: str, labels: Mapping[str, str], namespace: str | None = None
) -> ScheduledJobInfo:
    """Replace all labels of a scheduled job, its name included, which is the label ``name``.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        labels: The new labels; keys and values have at most 100 letters, digits, ``.``, ``_`` and ``-``.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        BadRequestError: A label is invalid.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    call = operations.update_scheduled_job_labels(owner, scheduled_job_id, labels=dict(labels))
    return await execute(io, call)


async def update_scheduled_job_schedule(
    io: Io, *, scheduled_job_id: str, schedule: str, namespace: str | None = None
) -> ScheduledJobInfo:
    """Change when a scheduled job runs.

    Args:
        scheduled_job_id: Id of the scheduled job, not of one of its runs.
        schedule: ``@hourly``, ``@daily``, ``@weekly``, ``@monthly``, ``@yearly``, or a cron expression in UTC.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The scheduled job does not exist.
        BadRequestError: The schedule is invalid.
        HfHubHTTPError: The token lacks permission (401, 403).
    """
    owner = namespace or await own_namespace(io)
    return await execute(io, operations.update_scheduled_job_schedule(owner, scheduled_job_id, schedule=schedule))
