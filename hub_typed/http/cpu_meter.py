"""Time of the processor that an item of `Io.each` takes, whatever threads work for it."""

from __future__ import annotations

from contextvars import ContextVar

__all__: list[str] = []


class CpuMeter:
    """Seconds of the processor that other threads than its own worker take for an item.

    Args:
        outer: Meter of the item that this one is a part of.
    """

    def __init__(self, outer: CpuMeter | None = None) -> None:
        self.seconds: float = 0.0
        self._outer = outer

    def add(self, seconds: float) -> None:
        """Add seconds, for the outer item, too."""
        self.seconds += seconds
        if self._outer is not None:
            self._outer.add(seconds)


current_meter: ContextVar[CpuMeter | None] = ContextVar("hub_typed_meter", default=None)
"""Meter of the item that is being worked on."""
