"""Progress on a terminal and in notebooks, drawn with tqdm."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NoReturn

from hub_typed.progress import EVENT_INTERVAL
from hub_typed.progress_bars.display import Display
from hub_typed.progress_bars.layout import Line, bar_formats
from hub_typed.progress_bars.other_output import OtherOutput

if TYPE_CHECKING:
    from tqdm.std import tqdm

__all__: list[str] = []

INTERVAL: Final = 0.9 * EVENT_INTERVAL
"""Seconds between two drawings; a little less than between two events of a job, so that each of them is drawn."""
STEPS: Final = 1000
"""Total of each bar; the numbers beside it are written by `Line`."""
NOTEBOOK_WIDTH: Final = 120
"""Columns of a line in a notebook, beside its bar."""
DEFAULT_WIDTH: Final = 80


class Screen(Display):
    """Display with one row for the job, and one for each file that moves. The rows are cleared at the end.

    Args:
        in_notebook: Whether to use the bars of notebooks.
    """

    def __init__(self, *, in_notebook: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(INTERVAL, clock)
        self._in_notebook = in_notebook
        self._rows: list[tqdm[NoReturn]] = []
        self._output = OtherOutput()

    def draw(self, lines: Sequence[Line]) -> None:
        if lines and not self._rows and not self._in_notebook:
            self._output.start()
        while len(self._rows) > len(lines):
            self._rows.pop().close()
        if not lines:
            self._output.end()
            return
        width = NOTEBOOK_WIDTH if self._in_notebook else _terminal_width()
        for number, (line, text) in enumerate(zip(lines, bar_formats(lines, width), strict=True)):
            position = round(STEPS * (line.fraction or 0))
            if number == len(self._rows):
                self._rows.append(self._new_row(text, position, width))
                continue
            row = self._rows[number]
            row.bar_format, row.n = text, position
            if not self._in_notebook:
                row.ncols = width
            row.refresh()

    def _new_row(self, text: str, position: int, width: int) -> tqdm[NoReturn]:
        if self._in_notebook:
            from tqdm.auto import tqdm as notebook_bar

            return notebook_bar(total=STEPS, initial=position, bar_format=text, leave=False)
        from tqdm.std import tqdm

        return tqdm(total=STEPS, initial=position, bar_format=text, leave=False, file=sys.stderr, ncols=width)

    def write(self, text: str) -> None:
        from tqdm.std import tqdm

        tqdm.write(text, file=sys.stderr)


def _terminal_width() -> int:
    """Return the columns of the terminal, without the last one: after it, some terminals begin a new line."""
    try:
        return max(os.get_terminal_size(sys.stderr.fileno()).columns or DEFAULT_WIDTH, 20) - 1
    except (OSError, ValueError, AttributeError):
        return DEFAULT_WIDTH - 1
