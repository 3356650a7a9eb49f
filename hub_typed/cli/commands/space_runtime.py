"""Commands of ``spaces`` on how a Space runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

from cyclopts import Parameter

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError
from hub_typed.cli.hardware import print_hardware
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId
from hub_typed.cli.shared_options import HubOptions
from hub_typed.cli.space_options import SleepTime
from hub_typed.cli.text_lines import print_lines
from hub_typed.errors import HubError

if TYPE_CHECKING:
    from hub_typed import SpaceRuntime

__all__ = [
    "change_settings",
    "dev_mode",
    "list_hardware",
    "list_templates",
    "pause",
    "print_logs",
    "print_quota",
    "restart",
    "runtime",
    "wait",
]

POLL: Final = 3.0
"""Seconds between two looks at a Space."""


def runtime(repo_id: RepoId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print how a Space runs: its stage, hardware and storage."""
    with hub.client() as api:
        _print(repo_id, api.get_space_runtime(repo_id), output)


def pause(repo_id: RepoId, /, *, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Stop a Space, which is not billed then, until it is restarted."""
    with hub.client() as api:
        _print(repo_id, api.pause_space(repo_id), output)


def restart(
    repo_id: RepoId,
    /,
    *,
    factory_reboot: Annotated[bool, Parameter(help="Build the Space again, without what builds have cached.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Restart a Space, also one that is paused."""
    with hub.client() as api:
        _print(repo_id, api.restart_space(repo_id, factory_reboot=factory_reboot), output)


def dev_mode(
    repo_id: RepoId,
    /,
    *,
    stop: Annotated[bool, Parameter(help="Disable it.")] = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Enable the dev mode of a Space, where code changes without a restart, or disable it."""
    with hub.client() as api:
        change = api.disable_space_dev_mode if stop else api.enable_space_dev_mode
        _print(repo_id, change(repo_id), output)


def change_settings(
    repo_id: RepoId,
    /,
    *,
    sleep_time: SleepTime = None,
    hardware: Annotated[
        str | None, Parameter(help="Hardware, such as t4-small; `hub-typed spaces hardware` lists it.")
    ] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change the hardware of a Space, which restarts then, or when it sleeps."""
    with hub.client() as api:
        if hardware is not None:
            changed = api.request_space_hardware(repo_id, hardware, sleep_time=sleep_time)
        elif sleep_time is not None:
            changed = api.set_space_sleep_time(repo_id, sleep_time)
        else:
            raise CommandError("Say what to change: --hardware or --sleep-time.")
    _print(repo_id, changed, output)


def list_hardware(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the hardware for Spaces, with prices."""
    with hub.client() as api:
        found = api.list_spaces_hardware()
    print_hardware(found, output)


def list_templates(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """List the templates for new Spaces, for `hub-typed repos create --template`."""
    with hub.client() as api:
        found = api.list_space_templates()
    output.rows(
        found,
        {
            "name": lambda one: one.name,
            "space": lambda one: one.repo_id,
            "sdk": lambda one: one.sdk,
            "private": lambda one: one.preferred_private,
        },
        id=lambda one: one.repo_id,
    )


def print_quota(*, hub: HubOptions = HubOptions(), output: Output = Output()) -> None:
    """Print the quota of GPU time on ZeroGPU hardware, in seconds."""
    with hub.client() as api:
        found = api.get_zero_gpu_quota()
    fields = {
        "quota": found.base,
        "remaining": found.remaining,
        "resets at": found.resets_at,
        "beyond the quota": found.overquota_used,
    }
    output.record(found, {name: value for name, value in fields.items() if value is not None}, id=str(found.remaining))


def wait(
    repo_id: RepoId,
    /,
    *,
    timeout: Annotated[
        str | None, Parameter(help="Longest time, such as 90, 90s, 5m, 2h or 1d; any if not given.")
    ] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Wait until a Space has been built and started; the exit code is 1 if it does not run then."""
    from hub_typed.flows.durations import seconds_of

    with hub.client() as api:
        try:
            found = api.wait_for_space(
                repo_id, timeout=None if timeout is None else seconds_of(timeout), poll_interval=POLL
            )
        except HubError:
            raise
        except TimeoutError as error:
            raise CommandError(str(error), ExitCode.ERROR) from None
    _print(repo_id, found, output)
    if found.stage != "RUNNING":
        reason = f": {found.error_message}" if found.error_message else "; `hub-typed spaces logs` may say why"
        raise CommandError(f"{repo_id} is {found.stage}{reason}.", ExitCode.ERROR)


def print_logs(
    repo_id: RepoId,
    /,
    *,
    build: Annotated[bool, Parameter(help="Logs of the build, instead of those of the running Space.")] = False,
    follow: Annotated[bool, Parameter(name=("--follow", "-f"), help="Go on with new lines, until Ctrl-C.")] = False,
    tail: Annotated[int | None, Parameter(name=("--tail", "-n"), help="Only the last lines, so many.")] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print the logs of a Space."""
    with hub.client() as api:
        for text in api.fetch_space_logs(repo_id, build=build, follow=follow, tail=tail):
            print_lines(text if text.endswith("\n") else f"{text}\n", output)


def _print(repo_id: str, found: SpaceRuntime, output: Output) -> None:
    fields = {
        "space": repo_id,
        "stage": found.stage,
        "hardware": found.hardware,
        "requested hardware": found.requested_hardware,
        "sleep time": found.sleep_time,
        "storage": found.storage,
        "volumes": [one.mount_path for one in found.volumes] if found.volumes else None,
        "dev mode": found.dev_mode,
        "commit": found.sha,
        "error": found.error_message,
    }
    output.record(found, {name: value for name, value in fields.items() if value is not None}, id=found.stage)
