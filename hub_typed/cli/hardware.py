"""Lists of hardware of Spaces and jobs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hub_typed.cli.output import Output

if TYPE_CHECKING:
    from hub_typed import JobHardwareInfo

__all__ = ["print_hardware"]


def print_hardware(found: Iterable[JobHardwareInfo], output: Output) -> None:
    """Print hardware with its prices."""
    output.rows(
        found,
        {
            "name": lambda one: one.name,
            "description": lambda one: one.pretty_name,
            "cpu": lambda one: one.cpu,
            "ram": lambda one: one.ram,
            "accelerator": lambda one: one.accelerator and f"{one.accelerator.quantity or 1} x {one.accelerator.model}",
            "USD": lambda one: one.unit_cost_usd,
            "per": lambda one: one.unit_label,
        },
        id=lambda one: one.name,
    )
