"""Calls at regular times, while nothing else happens."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from typing import Final

__all__: list[str] = []

TICK: Final = 1.0
"""Seconds between two calls."""


class Ticker:
    """Thread that calls a method again and again, until it is stopped.

    Args:
        do: The method. The thread also ends when its object is gone, or cannot write any more.
    """

    def __init__(self, do: Callable[[], None]) -> None:
        self._do = weakref.WeakMethod(do)
        self._stopped = threading.Event()
        threading.Thread(target=self._run, name="hub-typed-progress", daemon=True).start()

    def _run(self) -> None:
        while not self._stopped.wait(TICK):
            if not self._call():
                return

    def _call(self) -> bool:
        do = self._do()
        if do is None:
            return False
        try:
            do()
        except (OSError, ValueError):  # the terminal is closed
            return False
        return True

    def stop(self) -> None:
        """Let the thread end; a call on the way is not waited for."""
        self._stopped.set()
