"""``jobs``: containers on hardware of the Hub."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Annotated, Final, TypeAlias

from cyclopts import App, Parameter
from cyclopts.validators import Number

from hub_typed.cli.commands.job_runs import rerun, run, uv
from hub_typed.cli.commands.job_stats import stats
from hub_typed.cli.commands.scheduled_jobs import scheduled
from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.followed_job import print_log
from hub_typed.cli.hardware import print_hardware
from hub_typed.cli.job_ids import JobId, Namespace, split_job_id, split_job_ids
from hub_typed.cli.job_options import Labels, Name, changed_labels, read_filters
from hub_typed.cli.output import Output
from hub_typed.cli.shared_options import HubOptions
from hub_typed.cli.ssh import IdentityFile, SshDryRun, log_in

if TYPE_CHECKING:
    from hub_typed import JobInfo

__all__ = ["app"]

app: App = App(name="jobs", help="Run, schedule and watch jobs, which are containers on hardware of the Hub.")
app.command(run)
app.command(rerun)
app.command(uv)
app.command(stats)
app.command(scheduled)

ACTIVE: Final = ("RUNNING", "SCHEDULING")
Clear: TypeAlias = Annotated[bool, Parameter(help="Remove all of them.")]


@app.command(name="list", alias=("ls", "ps"))
def list_jobs(
    *,
    show_all: Annotated[bool, Parameter(name=("--all", "-a"), help="Also jobs that have finished.")] = False,
    status: Annotated[
        list[str] | None, Parameter(help="Only jobs in this stage, or in one of several, separated by commas.")
    ] = None,
    label: Annotated[
        list[str] | None, Parameter(name=("--label", "-l"), help="Only jobs with this label, KEY=value; repeatable.")
    ] = None,
    name: Annotated[str | None, Parameter(help="Only jobs with this name.")] = None,
    limit: Annotated[
        int, Parameter(help="Print at most this many; 0 for all.", validator=Number(gte=0), show_default=True)
    ] = 100,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List jobs: those that run or wait, if no stage is given."""
    if show_all and status:
        raise CommandError("--all lists every stage: give --all or --status, not both.")
    stages = [one.strip() for text in status or () for one in text.split(",") if one.strip()]
    with hub.client() as api:
        found = api.list_jobs(
            status=stages or (None if show_all else ACTIVE), labels=read_filters(label, name), namespace=namespace
        )
        output.rows(
            islice(found, limit or None),
            {
                "id": lambda job: job.id,
                "name": lambda job: (job.labels or {}).get("name"),
                "image": lambda job: job.docker_image or job.space_id,
                "command": lambda job: " ".join(job.command or ()),
                "created": lambda job: job.created_at,
                "stage": lambda job: job.status.stage,
                "seconds": lambda job: round(job.durations.running_secs or 0) if job.durations else None,
            },
            id=lambda job: job.id,
        )


@app.command
def inspect(
    *job_ids: Annotated[str, Parameter(help="Ids of jobs, or namespace/id.")],
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print jobs in detail."""
    ids, owner = split_job_ids(job_ids, namespace)
    if not ids:
        raise CommandError("Name the jobs to inspect.")
    with hub.client() as api:
        found = [api.inspect_job(job_id=one, namespace=owner) for one in ids]
    if output.shape == "json":
        output.rows(found, {}, id=lambda job: job.id)
        return
    for job in found:
        output.record(job, _fields(job), id=job.id)


def _fields(job: JobInfo) -> dict[str, object]:
    return {
        "id": job.id,
        "name": (job.labels or {}).get("name"),
        "stage": job.status.stage,
        "message": job.status.message,
        "image": job.docker_image or job.space_id,
        "command": " ".join(job.command or ()),
        "hardware": job.flavor,
        "owner": job.owner.name,
        "created": job.created_at,
        "started": job.started_at,
        "finished": job.finished_at,
        "environment": sorted(job.environment or ()),
        "secrets": sorted(job.secrets or ()),
        "labels": [f"{key}={value}" for key, value in (job.labels or {}).items()],
        "volumes": [f"{one.type}s/{one.source}:{one.mount_path}" for one in job.volumes or ()],
        "ports": job.expose,
        "public ports": job.expose_public,
        "ssh": job.status.ssh_url,
        "network": job.network and job.network.group,
        "url": job.url,
    }


@app.command
def logs(
    job_id: JobId,
    /,
    *,
    follow: Annotated[
        bool, Parameter(name=("--follow", "-f"), help="Go on with new lines, until the job has finished.")
    ] = False,
    tail: Annotated[
        int | None, Parameter(name=("--tail", "-n"), help="Only the last lines, so many.", validator=Number(gte=0))
    ] = None,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print the log of a job."""
    one, owner = split_job_id(job_id, namespace)
    with hub.client() as api:
        print_log(api, one, owner, output, follow=follow, tail=tail)


@app.command
def wait(
    *job_ids: Annotated[str, Parameter(help="Ids of jobs of one namespace, or namespace/id.")],
    timeout: Annotated[
        str | None, Parameter(help="Longest time, such as 90, 90s, 5m, 2h or 1d; any if not given.")
    ] = None,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Wait until jobs have finished; the exit code is 1 if one has not completed."""
    from hub_typed.flows.durations import seconds_of

    ids, owner = split_job_ids(job_ids, namespace)
    if not ids:
        raise CommandError("Name the jobs to wait for.")
    with hub.client() as api:
        found = api.wait_for_job(ids, timeout=None if timeout is None else seconds_of(timeout), namespace=owner)
    output.rows(
        found,
        {
            "id": lambda job: job.id,
            "stage": lambda job: job.status.stage,
            "message": lambda job: job.status.message,
        },
        id=lambda job: job.id,
    )
    if failed := [f"{job.id} is {job.status.stage}" for job in found if job.status.stage != "COMPLETED"]:
        raise CommandError(
            f"{len(failed)} of {len(found)} jobs have not completed: {', '.join(failed)}.", ExitCode.ERROR
        )


@app.command
def cancel(
    job_id: JobId, /, *, namespace: Namespace = None, hub: HubOptions = HubOptions(), output: Output = Output()
) -> None:
    """Cancel a job."""
    one, owner = split_job_id(job_id, namespace)
    with hub.client() as api:
        api.cancel_job(job_id=one, namespace=owner)
    output.done(f"Canceled {job_id}.", id=one, job_id=one)


@app.command
def labels(
    job_id: JobId,
    /,
    *,
    name: Name = None,
    label: Labels = None,
    clear: Clear = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the labels of a job; --name alone only changes its name."""
    one, owner = split_job_id(job_id, namespace)
    given = changed_labels(label, name, clear=clear)
    with hub.client() as api:
        current = api.inspect_job(job_id=one, namespace=owner).labels if name is not None and not label else None
        job = api.update_job_labels(job_id=one, labels={**(current or {}), **given}, namespace=owner)
    found = job.labels or {}
    output.done(f"{job_id} has the labels {found}.", id=job.id, job_id=job.id, labels=found)


@app.command
def expose(
    job_id: JobId,
    /,
    *ports: Annotated[int, Parameter(help="Ports that are reachable with a token.")],
    public: Annotated[
        list[int] | None, Parameter(help="Port that is reachable without a token; may be repeated.")
    ] = None,
    clear: Clear = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the exposed ports of a running job."""
    if clear == bool(ports or public):
        raise CommandError("Give ports, --public ports, or --clear to close all.")
    one, owner = split_job_id(job_id, namespace)
    with hub.client() as api:
        job = api.update_job_expose(job_id=one, expose=ports, expose_public=public, namespace=owner)
    exposed, open_to_all = job.expose or [], job.expose_public or []
    message = f"{job_id} exposes {', '.join(map(str, exposed)) or 'no ports'}."
    output.done(message, id=job.id, job_id=job.id, ports=exposed, public_ports=open_to_all)


@app.command
def hardware(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the hardware for jobs, with prices."""
    with hub.client() as api:
        print_hardware(api.list_jobs_hardware(), output)


@app.command
def ssh(
    job_id: JobId,
    /,
    *,
    identity_file: IdentityFile = None,
    dry_run: SshDryRun = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Log in to a job that was started with --ssh, as soon as it runs."""
    one, owner = split_job_id(job_id, namespace)
    with hub.client() as api:
        job = api.inspect_job(job_id=one, namespace=owner)
        if job.status.ssh_url is None:
            raise CommandError(f"{job_id} has no SSH access: run it with --ssh.", ExitCode.ERROR)
        if job.status.stage != "RUNNING":
            output.note(f"Waiting until {job_id} runs.")
            job = api.wait_for_job(one, stages=["RUNNING"], namespace=owner)
    if job.status.stage != "RUNNING" or job.status.ssh_url is None:
        raise CommandError(f"{job_id} does not run any more: it is {job.status.stage}.", ExitCode.ERROR)
    log_in(job.status.ssh_url, identity_file, output, dry_run=dry_run)
