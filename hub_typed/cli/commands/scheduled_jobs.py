"""``jobs scheduled``: jobs that run again and again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.commands.job_runs import Command, Image, Script, ScriptArguments, print_plan, script_label
from hub_typed.cli.failures import CommandError
from hub_typed.cli.job_ids import Namespace, split_job_id
from hub_typed.cli.job_options import JobOptions, Labels, Name, UvOptions, changed_labels, read_filters
from hub_typed.cli.output import Output
from hub_typed.cli.script_header import read_script
from hub_typed.cli.shared_options import HubOptions, OnOff

if TYPE_CHECKING:
    from hub_typed import ScheduledJobInfo

__all__ = ["scheduled"]

scheduled: App = App(name="scheduled", help="Create, list, change and delete scheduled jobs.")
uv: App = App(name="uv", help="Schedule Python scripts, whose dependencies uv installs.")
scheduled.command(uv)

ScheduledJobId: TypeAlias = Annotated[str, Parameter(help="Id of the scheduled job, or namespace/id.")]
Schedule: TypeAlias = Annotated[
    str, Parameter(help="@hourly, @daily, @weekly, @monthly, @yearly, or a cron expression in UTC.")
]
Suspend: TypeAlias = Annotated[OnOff, Parameter(help="Whether it is suspended at first.")]
Concurrency: TypeAlias = Annotated[OnOff, Parameter(help="Whether runs may overlap.")]


@scheduled.command
def run(
    schedule: Schedule,
    image: Image,
    /,
    *command: Command,
    suspend: Suspend = None,
    concurrency: Concurrency = None,
    job: JobOptions = JobOptions(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Schedule a command in a container."""
    if not command:
        raise CommandError("Give the command to run after the image.")
    with hub.client() as api:
        arguments = job.arguments(api)
        if job.dry_run:
            what = {"schedule": schedule, "suspend": suspend, "concurrency": concurrency}
            print_plan({**what, "image": image, "command": command, **job.plan(arguments)}, output)
            return
        made = api.create_scheduled_job(
            image=image, command=command, schedule=schedule, suspend=suspend, concurrency=concurrency, **arguments
        )
    _tell_created(made, output)


@uv.command(name="run")
def run_script(
    schedule: Schedule,
    script: Script,
    /,
    *script_args: ScriptArguments,
    suspend: Suspend = None,
    concurrency: Concurrency = None,
    job: JobOptions = JobOptions(),
    script_options: UvOptions = UvOptions(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Schedule a Python script, which is uploaded once, now."""
    with hub.client() as api, read_script(script) as (copy, header):
        if header.network_group or header.network_aliases:
            raise CommandError(f"{script} asks for a network group, which scheduled jobs cannot join.")
        arguments, prepared = job.arguments(api, header), script_options.arguments(header)
        if job.dry_run:
            what = {"schedule": schedule, "suspend": suspend, "concurrency": concurrency, "script": script}
            print_plan({**what, "arguments": script_args, **prepared, **job.plan(arguments, header)}, output)
            return
        arguments["name"] = arguments["name"] or script_label(script, script_args)
        made = api.create_scheduled_uv_job(
            copy,
            script_args=script_args,
            schedule=schedule,
            suspend=suspend,
            concurrency=concurrency,
            **prepared,
            **arguments,
        )
    _tell_created(made, output)


def _tell_created(made: ScheduledJobInfo, output: Output) -> None:
    place, name = f"{made.owner.name}/{made.id}", (made.job_spec.labels or {}).get("name")
    output.done(f"Scheduled {place}.", id=made.id, scheduled_job_id=made.id, name=name, schedule=made.schedule)


@scheduled.command(name="list", alias=("ls", "ps"))
def list_scheduled(
    *,
    show_all: Annotated[bool, Parameter(name=("--all", "-a"), help="Also suspended ones.")] = False,
    status: Annotated[
        list[Literal["active", "suspended"]] | None, Parameter(help="Only these: active, suspended.")
    ] = None,
    label: Annotated[
        list[str] | None, Parameter(name=("--label", "-l"), help="Only those with this label, KEY=value; repeatable.")
    ] = None,
    name: Annotated[str | None, Parameter(help="Only those with this name.")] = None,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List scheduled jobs: the active ones, if nothing else is asked for."""
    if show_all and status:
        raise CommandError("--all lists active and suspended ones: give --all or --status, not both.")
    wanted = {"active", "suspended"} if show_all else set(status or ("active",))
    with hub.client() as api:
        found = api.list_scheduled_jobs(labels=read_filters(label, name), namespace=namespace)
    output.rows(
        [one for one in found if ("suspended" if one.suspend else "active") in wanted],
        {
            "id": lambda one: one.id,
            "name": lambda one: (one.job_spec.labels or {}).get("name"),
            "schedule": lambda one: one.schedule,
            "image": lambda one: one.job_spec.docker_image or one.job_spec.space_id,
            "command": lambda one: " ".join(one.job_spec.command or ()),
            "last run": lambda one: one.status and one.status.last_job and one.status.last_job.at,
            "next run": lambda one: one.status and one.status.next_job_run_at,
            "suspended": lambda one: bool(one.suspend),
        },
        id=lambda one: one.id,
    )


@scheduled.command
def inspect(
    *scheduled_job_ids: Annotated[str, Parameter(help="Ids of scheduled jobs, or namespace/id.")],
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print scheduled jobs in detail."""
    if not scheduled_job_ids:
        raise CommandError("Name the scheduled jobs to inspect.")
    with hub.client() as api:
        ids = [split_job_id(one, namespace) for one in scheduled_job_ids]
        found = [api.inspect_scheduled_job(scheduled_job_id=one, namespace=owner) for one, owner in ids]
    if output.shape == "json":
        output.rows(found, {}, id=lambda one: one.id)
        return
    for one in found:
        output.record(one, _fields(one), id=one.id)


def _fields(one: ScheduledJobInfo) -> dict[str, object]:
    spec, status = one.job_spec, one.status
    return {
        "id": one.id,
        "name": (spec.labels or {}).get("name"),
        "schedule": one.schedule,
        "suspended": bool(one.suspend),
        "concurrency": bool(one.concurrency),
        "image": spec.docker_image or spec.space_id,
        "command": " ".join(spec.command or ()),
        "hardware": spec.flavor,
        "owner": one.owner.name,
        "created": one.created_at,
        "last job": status and status.last_job and status.last_job.id,
        "next run": status and status.next_job_run_at,
        "labels": [f"{key}={value}" for key, value in (spec.labels or {}).items()],
    }


@scheduled.command
def delete(
    scheduled_job_id: ScheduledJobId,
    /,
    *,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a scheduled job."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    with hub.client() as api:
        api.delete_scheduled_job(scheduled_job_id=one, namespace=owner)
    output.done(f"Deleted {scheduled_job_id}.", id=one, scheduled_job_id=one)


@scheduled.command
def suspend(
    scheduled_job_id: ScheduledJobId,
    /,
    *,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Suspend a scheduled job until it is resumed."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    with hub.client() as api:
        api.suspend_scheduled_job(scheduled_job_id=one, namespace=owner)
    output.done(f"Suspended {scheduled_job_id}.", id=one, scheduled_job_id=one)


@scheduled.command
def resume(
    scheduled_job_id: ScheduledJobId,
    /,
    *,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Resume a suspended scheduled job."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    with hub.client() as api:
        api.resume_scheduled_job(scheduled_job_id=one, namespace=owner)
    output.done(f"Resumed {scheduled_job_id}.", id=one, scheduled_job_id=one)


@scheduled.command
def reschedule(
    scheduled_job_id: ScheduledJobId,
    schedule: Schedule,
    /,
    *,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change when a scheduled job runs."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    with hub.client() as api:
        found = api.update_scheduled_job_schedule(scheduled_job_id=one, schedule=schedule, namespace=owner)
    message = f"{scheduled_job_id} runs {found.schedule}."
    output.done(message, id=found.id, scheduled_job_id=found.id, schedule=found.schedule)


@scheduled.command
def trigger(
    scheduled_job_id: ScheduledJobId,
    /,
    *,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Run a scheduled job now; its schedule stays."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    with hub.client() as api:
        job = api.trigger_scheduled_job(scheduled_job_id=one, namespace=owner)
    output.done(f"Started {job.owner.name}/{job.id}: {job.url}", id=job.id, job_id=job.id, url=job.url)


@scheduled.command
def labels(
    scheduled_job_id: ScheduledJobId,
    /,
    *,
    name: Name = None,
    label: Labels = None,
    clear: Annotated[bool, Parameter(help="Remove all of them.")] = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the labels of a scheduled job; --name alone only changes its name."""
    one, owner = split_job_id(scheduled_job_id, namespace)
    given = changed_labels(label, name, clear=clear)
    with hub.client() as api:
        current: dict[str, str] | None = None
        if name is not None and not label:
            current = api.inspect_scheduled_job(scheduled_job_id=one, namespace=owner).job_spec.labels
        merged = {**(current or {}), **given}
        job = api.update_scheduled_job_labels(scheduled_job_id=one, labels=merged, namespace=owner)
    found = job.job_spec.labels or {}
    output.done(f"{scheduled_job_id} has the labels {found}.", id=job.id, scheduled_job_id=job.id, labels=found)
