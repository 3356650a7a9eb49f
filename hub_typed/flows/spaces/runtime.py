"""How a Space runs: its stage, hardware and dev mode."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.logs.warnings import warn
from hub_typed_api.models import SpaceFlavor, SpaceRuntime
from hub_typed_api.operations import space_settings, spaces

__all__ = [
    "INTERMEDIATE_SPACE_STAGES",
    "SpaceHardware",
    "SpaceStage",
    "SpaceStorage",
    "disable_space_dev_mode",
    "enable_space_dev_mode",
    "request_space_hardware",
    "wait_for_space",
]


class SpaceStage(StrEnum):
    """Stages of a Space; responses contain strings, which equal one of these or are newer."""

    NO_APP_FILE = "NO_APP_FILE"
    CONFIG_ERROR = "CONFIG_ERROR"
    BUILDING = "BUILDING"
    BUILD_ERROR = "BUILD_ERROR"
    APP_STARTING = "APP_STARTING"
    RUNNING = "RUNNING"
    RUNNING_BUILDING = "RUNNING_BUILDING"
    RUNNING_APP_STARTING = "RUNNING_APP_STARTING"
    RUNTIME_ERROR = "RUNTIME_ERROR"
    SLEEPING = "SLEEPING"
    STOPPED = "STOPPED"
    PAUSED = "PAUSED"
    DELETING = "DELETING"


INTERMEDIATE_SPACE_STAGES: Final = frozenset(
    {SpaceStage.BUILDING, SpaceStage.RUNNING_BUILDING, SpaceStage.APP_STARTING, SpaceStage.RUNNING_APP_STARTING}
)
"""Stages that a Space leaves without further requests."""


class SpaceHardware(StrEnum):
    """Hardware of Spaces; newer hardware can be passed by name, as a string."""

    CPU_BASIC = "cpu-basic"
    CPU_UPGRADE = "cpu-upgrade"
    ZERO_A10G = "zero-a10g"
    T4_SMALL = "t4-small"
    T4_MEDIUM = "t4-medium"
    L4X1 = "l4x1"
    L4X4 = "l4x4"
    L40SX1 = "l40sx1"
    L40SX4 = "l40sx4"
    L40SX8 = "l40sx8"
    A10G_SMALL = "a10g-small"
    A10G_LARGE = "a10g-large"
    A10G_LARGEX2 = "a10g-largex2"
    A10G_LARGEX4 = "a10g-largex4"
    A100_LARGE = "a100-large"
    A100X4 = "a100x4"
    A100X8 = "a100x8"
    RTX_PRO_6000 = "rtx-pro-6000"
    RTX_PRO_6000X2 = "rtx-pro-6000x2"
    RTX_PRO_6000X4 = "rtx-pro-6000x4"
    RTX_PRO_6000X8 = "rtx-pro-6000x8"
    V5E_1X1 = "v5e-1x1"
    V5E_2X2 = "v5e-2x2"
    V5E_2X4 = "v5e-2x4"


class SpaceStorage(StrEnum):
    """Sizes of the persistent storage of a Space."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


async def request_space_hardware(
    io: Io, repo_id: str, hardware: SpaceFlavor, *, sleep_time: int | None = None
) -> SpaceRuntime:
    """Request hardware for a Space.

    The Space restarts on the new hardware. Until then, ``hardware`` of the result is the old one, and
    ``requested_hardware`` the new one. Paid hardware is billed while the Space runs.

    Args:
        repo_id: Name, ``owner/name``.
        hardware: Name of the hardware, for example ``t4-medium``.
        sleep_time: Seconds of idleness before the Space sleeps, -1 for never; free hardware has a fixed one.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The hardware does not exist, or the Space is static.
    """
    warn_of_ignored_sleep_time(repo_id, hardware, sleep_time)
    return await execute(io, space_settings.request_space_hardware(repo_id, hardware, sleep_time=sleep_time))


def warn_of_ignored_sleep_time(repo_id: str, hardware: str | None, sleep_time: int | None) -> None:
    """Warn about a sleep time given for free hardware, which has a fixed one."""
    if hardware == SpaceHardware.CPU_BASIC and sleep_time is not None:
        warn(f"{repo_id}: on {hardware} a Space always sleeps after 48 hours, so the sleep time is ignored.")


async def enable_space_dev_mode(io: Io, repo_id: str) -> SpaceRuntime:
    """Enable the dev mode of a Space, which allows SSH access and code changes while it runs.

    The dev mode requires a paid account.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The Space is static.
    """
    return await execute(io, space_settings.set_space_dev_mode(repo_id, enabled=True))


async def disable_space_dev_mode(io: Io, repo_id: str) -> SpaceRuntime:
    """Disable the dev mode of a Space.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The Space is static.
    """
    return await execute(io, space_settings.set_space_dev_mode(repo_id, enabled=False))


async def wait_for_space(
    io: Io, repo_id: str, *, timeout: float | None = None, poll_interval: float = 1.0
) -> SpaceRuntime:
    """Wait until a Space is neither being built nor starting, and return its runtime, whose ``stage`` tells the result.

    Args:
        repo_id: Name, ``owner/name``.
        timeout: Maximum seconds to wait; unlimited if not given.
        poll_interval: Seconds between two requests.

    Raises:
        ValueError: ``timeout`` is negative, or ``poll_interval`` is not positive.
        TimeoutError: The Space is still being built or starting after ``timeout`` seconds.
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
    """
    if timeout is not None and timeout < 0:
        raise ValueError(f"timeout={timeout:g} is negative: pass seconds, or None for no limit.")
    if poll_interval <= 0:
        raise ValueError(f"poll_interval={poll_interval:g} is not positive: pass the seconds between two requests.")
    until = None if timeout is None else io.now() + timeout
    while True:
        runtime = await execute(io, spaces.get_space_runtime(repo_id))
        if runtime.stage not in INTERMEDIATE_SPACE_STAGES:
            return runtime
        left = poll_interval if until is None else until - io.now()
        if left <= 0:
            raise TimeoutError(f"{repo_id}: the Space is still {runtime.stage} after {timeout:g} s.")
        await io.sleep(min(poll_interval, left))
