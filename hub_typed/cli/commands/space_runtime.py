"""Commands of ``spaces`` on how a Space runs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
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

if TYPE_CHECKING:
    from hub_typed import HfApi, SpaceRuntime
    from hub_typed_api.models import LogEvent

__all__ = ["change_settings", "dev_mode", "list_hardware", "pause", "print_logs", "restart", "runtime", "wait"]

CHANGING: Final = ("BUILDING", "APP_STARTING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")
"""Stages that a Space leaves by itself."""
POLL: Final = 3.0
"""Seconds between two looks at a Space."""
SILENCE: Final = 2.0
"""Seconds without a line after which the stored lines of a log are complete: the Hub does not say where they end."""
FIRST_LINE: Final = 10.0
"""The same, before the first line."""
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}


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
    seconds = _seconds(timeout)
    until = None if seconds is None else time.monotonic() + seconds
    with hub.client() as api:
        while (found := api.get_space_runtime(repo_id)).stage in CHANGING:
            if until is not None and time.monotonic() + POLL > until:
                raise CommandError(f"{repo_id} is still {found.stage} after {timeout}.", ExitCode.ERROR)
            time.sleep(POLL)
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
        lines = _stream(api, repo_id, "build" if build else "run", tail)
        for event in lines if follow else _until_silence(lines):
            print_lines(event.data if event.data.endswith("\n") else f"{event.data}\n", output)


def _stream(api: HfApi, repo_id: str, log_type: str, tail: int | None) -> Iterator[LogEvent]:
    from hub_typed_api.operations import spaces

    return api.stream(spaces.stream_space_logs(repo_id, log_type, tail=tail))


def _until_silence(events: Iterator[LogEvent]) -> Iterator[LogEvent]:
    """Yield events until none comes for a while."""
    executor = ThreadPoolExecutor(1)
    patience = FIRST_LINE
    try:
        while True:
            received = executor.submit(next, events, None)
            if not futures.wait([received], timeout=patience).done or (event := received.result()) is None:
                return
            yield event
            patience = SILENCE
    finally:
        executor.shutdown(wait=False)  # the client ends the call that waits


def _seconds(text: str | None) -> float | None:
    if text is None:
        return None
    match = re.fullmatch(r"(\d+)([smhd]?)", text)
    if match is None:
        raise CommandError(f"The timeout {text!r} is invalid: pass for example 90, 90s, 5m, 2h or 1d.")
    return float(match[1]) * _SECONDS[match[2]]


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
