"""Programs on a terminal, and what is to be seen there."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import sys
import termios
from dataclasses import dataclass

import pyte


@dataclass(frozen=True)
class Frame:
    """What a terminal showed at a time: the lines of the screen, and those that were scrolled out at the top."""

    lines: list[str]

    def __contains__(self, text: str) -> bool:
        return any(text in line for line in self.lines)


def play(program: str, *, columns: int, rows: int = 30) -> list[Frame]:
    """Run a program on a terminal; return what was to be seen after each piece of its output, and at the end."""
    child, terminal = pty.fork()
    if not child:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        os.environ.pop("HF_HUB_DISABLE_PROGRESS_BARS", None)
        os.execv(sys.executable, [sys.executable, "-c", program])
    screen = pyte.HistoryScreen(columns, rows, history=1000)
    stream = pyte.ByteStream(screen)
    frames: list[Frame] = []
    try:
        while piece := _read(terminal):
            stream.feed(piece)
            frames.append(Frame(_lines(screen)))
    finally:
        os.close(terminal)
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "\n".join(frames[-1].lines)
    return frames


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 1 << 16)
    except OSError:  # the program has ended
        return b""


def _lines(screen: pyte.HistoryScreen) -> list[str]:
    scrolled = ["".join(line[column].data for column in range(screen.columns)) for line in screen.history.top]
    return [line.rstrip() for line in (*scrolled, *screen.display) if line.strip()]
