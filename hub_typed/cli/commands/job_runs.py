"""Commands of ``jobs`` that run jobs."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Annotated, TypeAlias, cast

from cyclopts import App, Parameter

from hub_typed.cli.failures import CommandError
from hub_typed.cli.followed_job import tell_started
from hub_typed.cli.job_ids import JobId, Namespace, split_job_id
from hub_typed.cli.job_options import JobOptions, NetworkOptions, UvOptions
from hub_typed.cli.output import Output
from hub_typed.cli.script_header import read_script
from hub_typed.cli.shared_options import HubOptions

__all__ = ["Command", "Image", "Script", "ScriptArguments", "print_plan", "rerun", "run", "script_label", "uv"]

Detach: TypeAlias = Annotated[
    bool, Parameter(name=("--detach", "-d"), help="Let it run in the background, without printing its log.")
]
Image: TypeAlias = Annotated[str, Parameter(help="Docker image, or hf.co/spaces/owner/name for that of a Space.")]
Command: TypeAlias = Annotated[
    str,
    Parameter(
        help="The command. Options that this command has, too, are its own unless they follow --.",
        allow_leading_hyphen=True,
    ),
]
Script: TypeAlias = Annotated[
    str, Parameter(help="Path or URL of a Python script, or a command that a dependency installs.")
]
ScriptArguments: TypeAlias = Annotated[
    str,
    Parameter(
        help="Arguments of the script. Options that this command has, too, are its own unless they follow --.",
        allow_leading_hyphen=True,
    ),
]


def run(
    image: Image,
    /,
    *command: Command,
    job: JobOptions = JobOptions(),
    network: NetworkOptions = NetworkOptions(),
    detach: Detach = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Run a command in a container, and print its log until it has finished."""
    if not command:
        raise CommandError("Give the command to run after the image.")
    with hub.client() as api:
        arguments, reached = job.arguments(api), network.arguments()
        if job.dry_run:
            print_plan({"image": image, "command": command, **job.plan(arguments), **reached}, output)
            return
        started = api.run_job(image=image, command=command, **arguments, **reached)
        tell_started(api, started, output, detach=detach)


def rerun(
    job_id: JobId,
    /,
    *,
    detach: Detach = False,
    namespace: Namespace = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Run a job again, as a new one, and print its log until it has finished."""
    one, owner = split_job_id(job_id, namespace)
    with hub.client() as api:
        tell_started(api, api.rerun_job(job_id=one, namespace=owner), output, detach=detach)


uv: App = App(name="uv", help="Run Python scripts, whose dependencies uv installs.")


@uv.command(name="run")
def run_script(
    script: Script,
    /,
    *script_args: ScriptArguments,
    job: JobOptions = JobOptions(),
    script_options: UvOptions = UvOptions(),
    network: NetworkOptions = NetworkOptions(),
    detach: Detach = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Run a Python script with uv, and print its log until it has finished.

    Options that are not given may come from the table `[tool.hf-jobs]` of the script's header.
    """
    with hub.client() as api, read_script(script) as (copy, header):
        arguments, reached = job.arguments(api, header), network.arguments(header)
        prepared = script_options.arguments(header)
        if job.dry_run:
            plan = {**prepared, **job.plan(arguments, header), **reached}
            print_plan({"script": script, "arguments": script_args, **plan}, output)
            return
        arguments["name"] = arguments["name"] or script_label(script, script_args)
        started = api.run_uv_job(copy, script_args=script_args, **prepared, **arguments, **reached)
    with hub.client() as api:
        tell_started(api, started, output, detach=detach)


def script_label(script: str, script_args: tuple[str, ...]) -> str:
    """Return the name of a job whose script may be a copy."""
    from hub_typed.flows.jobs.job_spec import script_name

    return script_name(script, script_args)


def print_plan(plan: Mapping[str, object], output: Output) -> None:
    """Print a job that is not run."""
    given = {name: value for name, value in plan.items() if value not in (None, [], (), {}, False)}
    output.record(given, {name: _text(value) for name, value in given.items()}, id=plan.get("name") or "")
    output.note("Nothing was run.")


def _text(value: object) -> object:
    match value:
        case dict():
            return [f"{key}={one}" for key, one in cast("dict[str, str]", value).items()]
        case tuple():
            return shlex.join(cast("tuple[str, ...]", value))
        case _:
            return value
