"""Run and schedule Python scripts with uv, which installs what they need."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hub_typed.flows.jobs.hardware import JobHardware
from hub_typed.flows.jobs.job_spec import has_name, script_name
from hub_typed.flows.jobs.run import run_job
from hub_typed.flows.jobs.scheduled import create_scheduled_job
from hub_typed.flows.jobs.uploaded_scripts import upload_scripts
from hub_typed.flows.namespaces import own_namespace
from hub_typed.http.io import Io
from hub_typed_api.models import JobInfo, ScheduledJobInfo, Volume

__all__ = ["DEFAULT_UV_IMAGE", "create_scheduled_uv_job", "run_uv_job"]

DEFAULT_UV_IMAGE: Final = "ghcr.io/astral-sh/uv:python3.12-bookworm"
"""Image of jobs that run scripts: Debian with Python and uv."""


async def run_uv_job(
    io: Io,
    script: str,
    *,
    script_args: Sequence[str] | None = None,
    dependencies: Iterable[str] | None = None,
    python: str | None = None,
    image: str | None = None,
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
    """Run a Python script with uv on hardware of the Hub, which is billed while it runs.

    Local files, the script and those among its arguments, are uploaded to the private bucket ``jobs-artifacts`` of the
    namespace, and mounted at ``/data``, which the script may write to.

    Args:
        script: Path or URL of a script, or a command that a dependency installs.
        script_args: Arguments of the script. Local files among them become their paths in the job.
        dependencies: Packages to install, beside those that the script declares.
        python: Version of Python; that of the image, or what the script requires, if not given.
        image: Docker image with uv; one with Python 3.12 if not given.
        env: Environment variables.
        secrets: Secret environment variables, whose values the Hub does not return.
        flavor: Hardware, see `list_jobs_hardware`; ``cpu-basic`` if not given.
        timeout: Longest time to run: seconds, or a text such as ``90s``, ``5m``, ``2h`` or ``1d``.
        attempts: Maximum number of attempts, the first one included; 1 if not given.
        name: Name, stored as the label ``name``; if not given, the script with a hash of its arguments.
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
        FileNotFoundError: A path of a script or configuration file does not exist.
        XetUnavailableError: There are local files, and this client cannot use Xet storage, for example because
            ``hub-typed[xet]`` is not installed.
        BadRequestError: The Hub does not accept it, for example because there is no such hardware.
        HfHubHTTPError: The token lacks permission (401, 403), or the account cannot pay (402).
    """
    owner = namespace or await own_namespace(io)
    mounted = list(volumes or ())
    arguments = list(script_args or ())
    command, added = await _uv_command(io, owner, script, arguments, dependencies, python, mounted)
    return await run_job(
        io,
        image=image or DEFAULT_UV_IMAGE,
        command=command,
        env=env,
        secrets=secrets,
        flavor=flavor,
        timeout=timeout,
        attempts=attempts,
        name=name if has_name(name, labels) else script_name(script, arguments),
        labels=labels,
        volumes=mounted + added,
        expose=expose,
        expose_public=expose_public,
        ssh=ssh,
        network_group=network_group,
        network_aliases=network_aliases,
        resource_group_id=resource_group_id,
        namespace=owner,
    )


async def create_scheduled_uv_job(
    io: Io,
    script: str,
    *,
    script_args: Sequence[str] | None = None,
    schedule: str,
    suspend: bool | None = None,
    concurrency: bool | None = None,
    dependencies: Iterable[str] | None = None,
    python: str | None = None,
    image: str | None = None,
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
    """Run a Python script with uv on hardware of the Hub, again and again.

    Local files are uploaded as by `run_uv_job`, once, when the scheduled job is created.

    Args:
        script: Path or URL of a script, or a command that a dependency installs.
        script_args: Arguments of the script. Local files among them become their paths in the job.
        schedule: ``@hourly``, ``@daily``, ``@weekly``, ``@monthly``, ``@yearly``, or a cron expression in UTC.
        suspend: Whether it is initially suspended.
        concurrency: Whether runs may overlap.
        dependencies: Packages to install, beside those that the script declares.
        python: Version of Python; that of the image, or what the script requires, if not given.
        image: Docker image with uv; one with Python 3.12 if not given.
        env: Environment variables.
        secrets: Secret environment variables, whose values the Hub does not return.
        flavor: Hardware, see `list_jobs_hardware`; ``cpu-basic`` if not given.
        timeout: Longest time of a run: seconds, or a text such as ``90s``, ``5m``, ``2h`` or ``1d``.
        attempts: Maximum number of attempts per run, the first one included; 1 if not given.
        name: Name, stored as the label ``name``; if not given, the script with a hash of its arguments.
        labels: Labels.
        volumes: Repositories and buckets to mount.
        expose: Ports that are reachable with a token that may read the jobs of the namespace.
        expose_public: Ports that are reachable without a token.
        resource_group_id: Resource group of the organization, 24 hexadecimal digits.
        namespace: User or organization that will own it; the account of the token if not given.

    Raises:
        ValueError: An argument is invalid; nothing was created.
        FileNotFoundError: A path of a script or configuration file does not exist.
        XetUnavailableError: There are local files, and this client cannot use Xet storage, for example because
            ``hub-typed[xet]`` is not installed.
        BadRequestError: The Hub does not accept it, for example because the schedule is invalid.
        HfHubHTTPError: The token lacks permission (401, 403), or the account cannot pay (402).
    """
    owner = namespace or await own_namespace(io)
    mounted = list(volumes or ())
    arguments = list(script_args or ())
    command, added = await _uv_command(io, owner, script, arguments, dependencies, python, mounted)
    return await create_scheduled_job(
        io,
        image=image or DEFAULT_UV_IMAGE,
        command=command,
        schedule=schedule,
        suspend=suspend,
        concurrency=concurrency,
        env=env,
        secrets=secrets,
        flavor=flavor,
        timeout=timeout,
        attempts=attempts,
        name=name if has_name(name, labels) else script_name(script, arguments),
        labels=labels,
        volumes=mounted + added,
        expose=expose,
        expose_public=expose_public,
        resource_group_id=resource_group_id,
        namespace=owner,
    )


async def _uv_command(
    io: Io,
    owner: str,
    script: str,
    arguments: Sequence[str],
    dependencies: Iterable[str] | None,
    python: str | None,
    volumes: Sequence[Volume],
) -> tuple[list[str], list[Volume]]:
    """Upload the local files of a command, and return it with the paths they have in the job, and their volume."""
    places, added = await upload_scripts(io, owner, [script, *arguments], volumes)
    options = [option for dependency in dependencies or () for option in ("--with", dependency)]
    if python is not None:
        options += ["--python", python]
    return ["uv", "run", *options, *(places.get(one, one) for one in (script, *arguments))], added
