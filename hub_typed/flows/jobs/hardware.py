"""Hardware of jobs."""

from __future__ import annotations

from enum import StrEnum

from hub_typed.flows.decorators import positional_token
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import JobHardwareInfo
from hub_typed_api.operations import jobs as operations

__all__ = ["JobHardware", "list_jobs_hardware"]


class JobHardware(StrEnum):
    """Hardware of jobs; newer hardware can be passed by name, as a string."""

    CPU_BASIC = "cpu-basic"
    CPU_UPGRADE = "cpu-upgrade"
    CPU_PERFORMANCE = "cpu-performance"
    CPU_XL = "cpu-xl"
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
    H200 = "h200"
    H200X2 = "h200x2"
    H200X4 = "h200x4"
    H200X8 = "h200x8"
    RTX_PRO_6000 = "rtx-pro-6000"
    RTX_PRO_6000X2 = "rtx-pro-6000x2"
    RTX_PRO_6000X4 = "rtx-pro-6000x4"
    RTX_PRO_6000X8 = "rtx-pro-6000x8"


@positional_token
async def list_jobs_hardware(io: Io) -> list[JobHardwareInfo]:
    """List the hardware available for jobs, with prices.

    Raises:
        HfHubHTTPError: The Hub returned an error.
    """
    return await execute(io, operations.list_jobs_hardware())
