"""Run jobs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from hub_typed.flows.jobs.hardware import JobHardware
from hub_typed.flows.jobs.job_spec import job_input, job_network
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import JobInfo, Volume
from hub_typed_api.operations import jobs as operations

__all__ = ["rerun_job", "run_job"]


async def run_job(
    io: Io,
    *,
    image: str,
    command: Sequence[str],
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
    ssh: bool = False,
    network_group: str | None = None,
    network_aliases: Iterable[str] | None = None,
    resource_group_id: str | None = None,
    namespace: str | None = None,
) -> JobInfo:
    """Run a command in a container on hardware of the Hub, which is billed while it runs.

    Args:
        image: Docker image, for example ``python:3.12``, or a Space with its image, ``hf.co/spaces/owner/name``.
        command: The command, for example ``["python", "-c", "print(1)"]``.
        env: Environment variables.
        secrets: Secret environment variables, whose values the Hub does not return.
        flavor: Hardware, see `list_jobs_hardware`; ``cpu-basic`` if not given.
        timeout: Longest time to run: seconds, or a text such as ``90s``, ``5m``, ``2h`` or ``1d``.
        attempts: Maximum number of attempts, the first one included; 1 if not given.
        name: Name, stored as the label ``name``; if not given, the image with a hash of the command.
        labels: Labels.
        volumes: Repositories and buckets to mount.
        expose: Ports that are reachable with a token that may read the jobs of the namespace.
        expose_public: Ports that are reachable without a token.
        ssh: Whether the owner can log in over SSH, at ``status.ssh_url`` of the job.
        network_group: Network group to join; its jobs reach each other on all ports.
        network_aliases: Host names of this job in the network group.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        ValueError: An argument is invalid; nothing was run.
        BadRequestError: The Hub does not accept it, for example because there is no such hardware.
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
        ssh=ssh,
        network=job_network(network_group, network_aliases),
    )
    call = operations.run_job(
        namespace or await own_namespace(io),
        docker_image=spec.docker_image,
        space_id=spec.space_id,
        command=spec.command,
        arguments=spec.arguments,
        environment=spec.environment,
        secrets=spec.secrets,
        flavor=spec.flavor,
        timeout_seconds=spec.timeout_seconds,
        attempts=spec.attempts,
        labels=spec.labels,
        volumes=spec.volumes,
        expose=spec.expose,
        ssh=spec.ssh,
        network=spec.network,
        resource_group_id=spec.resource_group_id,
    )
    return of_hub(io, await execute(io, call))


async def rerun_job(io: Io, *, job_id: str, namespace: str | None = None) -> JobInfo:
    """Run a job again, as a new one.

    Args:
        job_id: Id of the job, 24 hexadecimal digits.
        namespace: User or organization that owns it; the account of the token if not given.

    Raises:
        JobNotFoundError: The job does not exist.
        HfHubHTTPError: The token lacks permission (401, 403), or the account cannot pay (402).
    """
    return of_hub(io, await execute(io, operations.duplicate_job(namespace or await own_namespace(io), job_id)))


def of_hub(io: Io, job: JobInfo) -> JobInfo:
    """Let a job know the Hub it is from, for its URL."""
    job.extra = {**(job.extra or {}), "endpoint": str(io.settings.endpoint)}
    return job
