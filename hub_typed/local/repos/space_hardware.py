"""Hardware of Spaces, with its prices on the Hub. No Space is executed here, so none is charged."""

from __future__ import annotations

from typing import NamedTuple

from hub_typed_api.models import JobAccelerator, JobHardwareInfo

__all__ = ["HARDWARE"]


class _Machine(NamedTuple):
    """One row of the list: the price is in dollars per hour, 0 for free hardware; the memory in GB."""

    name: str
    title: str
    cpus: int
    ram: int
    price: float
    accelerator: str | None = None
    quantity: int = 1
    vram: int = 0


_MACHINES = (
    _Machine("cpu-basic", "CPU Basic", 2, 16, 0),
    _Machine("cpu-upgrade", "CPU Upgrade", 8, 32, 0.03),
    _Machine("t4-small", "Nvidia T4 - small", 4, 15, 0.40, "T4", 1, 16),
    _Machine("t4-medium", "Nvidia T4 - medium", 8, 30, 0.60, "T4", 1, 16),
    _Machine("l4x1", "1x Nvidia L4", 8, 30, 0.80, "L4", 1, 24),
    _Machine("l4x4", "4x Nvidia L4", 48, 186, 3.80, "L4", 4, 96),
    _Machine("l40sx1", "1x Nvidia L40S", 8, 62, 1.80, "L40S", 1, 48),
    _Machine("l40sx4", "4x Nvidia L40S", 48, 382, 8.30, "L40S", 4, 192),
    _Machine("l40sx8", "8x Nvidia L40S", 192, 1534, 23.50, "L40S", 8, 384),
    _Machine("a10g-small", "Nvidia A10G - small", 4, 15, 1.00, "A10G", 1, 24),
    _Machine("a10g-large", "Nvidia A10G - large", 12, 46, 1.50, "A10G", 1, 24),
    _Machine("a10g-largex2", "2x Nvidia A10G - large", 24, 92, 3.00, "A10G", 2, 48),
    _Machine("a10g-largex4", "4x Nvidia A10G - large", 48, 184, 5.00, "A10G", 4, 96),
    _Machine("a100-large", "Nvidia A100 - large", 12, 142, 2.50, "A100", 1, 80),
)
"""A selection of the Hub's hardware."""


def _info(machine: _Machine) -> JobHardwareInfo:
    micro = round(machine.price * 1_000_000 / 60)
    accelerator = None
    if machine.accelerator is not None:
        accelerator = JobAccelerator(
            type="gpu",
            model=machine.accelerator,
            quantity=str(machine.quantity),
            vram=f"{machine.vram} GB",
            manufacturer="Nvidia",
        )
    return JobHardwareInfo(
        name=machine.name,
        pretty_name=machine.title,
        cpu=f"{machine.cpus} vCPU",
        ram=f"{machine.ram} GB",
        accelerator=accelerator,
        unit_cost_micro_usd=micro,
        unit_cost_usd=micro / 1_000_000,
        unit_label="minute",
    )


HARDWARE = tuple(map(_info, _MACHINES))
