"""Progress without a terminal: a line every few seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from hub_typed.progress_bars.display import Display
from hub_typed.progress_bars.layout import Line

__all__: list[str] = []

INTERVAL: Final = 5.0
"""Seconds between two lines."""


class LogLines(Display):
    """Display that writes lines to the standard error."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(INTERVAL, clock)

    def draw(self, lines: Sequence[Line]) -> None:
        if lines:
            self.write(str(lines[0]))

    def write(self, text: str) -> None:
        if sys.stderr is not None:
            with suppress(OSError, ValueError):  # closed, or nobody reads it
                sys.stderr.write(f"{text}\n")
                sys.stderr.flush()
