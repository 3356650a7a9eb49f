"""Other output of the program while bars are on the terminal: it is written above them."""

from __future__ import annotations

import io
import os
import sys
import threading
from typing import TextIO

__all__: list[str] = []


class OtherOutput:
    """Puts lines that the program prints or logs to the terminal above the bars, as long as there are any.

    The method ``write`` of the stream itself is replaced, so that this holds for all who have a reference to it.
    """

    def __init__(self) -> None:
        self._streams: list[TextIO] = []

    def start(self) -> None:
        """Begin, if the output goes to a terminal."""
        self._streams = [stream for stream in (sys.stdout, sys.stderr) if _is_terminal(stream)]
        for stream in self._streams:
            writer = vars(stream).setdefault("write", _LineWriter(stream))
            if isinstance(writer, _LineWriter):
                writer.users += 1

    def end(self) -> None:
        """Write what is left, and restore the streams."""
        streams, self._streams = self._streams, []
        for stream in streams:
            writer = vars(stream).get("write")
            if isinstance(writer, _LineWriter):
                writer.users -= 1
                if not writer.users:
                    del vars(stream)["write"]
                    writer.flush()


class _LineWriter:
    """Method ``write`` of a stream. Lines are written above the bars as soon as they are complete.

    Attributes:
        users: Number of displays with bars.
    """

    def __init__(self, stream: TextIO) -> None:
        self.users = 0
        self._stream = stream
        self._write = stream.write
        self._incomplete: dict[int, str] = {}  # by thread

    def __call__(self, text: str) -> int:
        if "\r" in text or _is_drawing():
            return self._write(text)
        from tqdm.std import tqdm

        thread = threading.get_ident()
        lines, end, rest = (self._incomplete.pop(thread, "") + text).rpartition("\n")
        if rest:
            self._incomplete[thread] = rest
        if end:
            with tqdm.external_write_mode(file=self._stream):
                self._write(lines + end)
        return len(text)

    def flush(self) -> None:
        """Write the lines that are not complete."""
        while self._incomplete:
            self._write(self._incomplete.popitem()[1])


def _is_terminal(stream: TextIO | None) -> bool:
    return isinstance(stream, io.TextIOWrapper) and not stream.closed and stream.isatty()


def _locks() -> list[object]:
    """Return the locks of tqdm, as far as it was used."""
    bars = getattr(sys.modules.get("tqdm.std"), "tqdm", None)
    found: list[object] = getattr(getattr(bars, "_lock", None), "locks", [])
    return found


def _is_drawing() -> bool:
    """Return whether this thread holds the lock of tqdm, as it does while it draws a bar."""
    return any(is_owned() for lock in _locks() if callable(is_owned := getattr(lock, "_is_owned", None)))


def _after_fork() -> None:
    """Restore the streams, and reset the locks of tqdm, which other threads of the parent may have held."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(getattr(stream, "__dict__", {}).get("write"), _LineWriter):
            del vars(stream)["write"]
    locks = _locks()
    locks[:] = [threading.RLock() if isinstance(lock, type(threading.RLock())) else lock for lock in locks]


os.register_at_fork(after_in_child=_after_fork)
