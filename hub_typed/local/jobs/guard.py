"""A process that ends the jobs of a Hub whose own process is killed."""

from __future__ import annotations

import subprocess
import sys
import threading
from contextlib import suppress
from typing import Final

__all__ = ["Guard"]

_PROGRAM: Final = """
import os, signal, sys
groups = set()
for line in sys.stdin:
    (groups.add if line[0] == "+" else groups.discard)(int(line[1:]))
for group in groups:
    try:
        os.killpg(group, signal.SIGKILL)
    except OSError:
        pass
"""
"""Reads which process groups there are, and kills them at the end of its input, which the system closes."""


class Guard:
    """Kills process groups when this process ends, however it ends; starts with the first group."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None

    def add(self, group: int) -> None:
        """Kill a process group when this process ends."""
        self._tell(f"+{group}\n")

    def discard(self, group: int) -> None:
        """Do not kill a process group, which has ended: its number may become that of another one."""
        self._tell(f"-{group}\n")

    def close(self) -> None:
        """Kill the process groups that remain, and end the guard."""
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):
                process.communicate()

    def _tell(self, line: str) -> None:
        with self._lock:
            if self._process is None:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", "-c", _PROGRAM],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    text=True,
                    start_new_session=True,  # Ctrl+C ends the Hub, not the guard before it
                )
            stream = self._process.stdin
            assert stream is not None
            with suppress(OSError):  # somebody has killed the guard
                stream.write(line)
                stream.flush()
