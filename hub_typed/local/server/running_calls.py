"""Calls of a Hub that are running, so that nobody replaces its data beneath them."""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager

from hub_typed.local.incoming_request import IncomingRequest

__all__ = ["RunningCalls"]

TIMEOUT = 10.0
"""Seconds that running calls get to come to their end."""


class RunningCalls:
    """Either calls run, any number of them, or they are paused."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._running: list[IncomingRequest] = []
        self._is_paused = False

    @contextmanager
    def call(self, request: IncomingRequest) -> Generator[None]:
        """Run a call, after the pause if there is one."""
        with self._changed:
            self._wait_for_end_of_pause()
            self._running.append(request)
        try:
            yield
        finally:
            with self._changed:
                self._running = [one for one in self._running if one is not request]
                self._changed.notify_all()

    @contextmanager
    def paused(self) -> Generator[None]:
        """Let new calls wait; begins when no call runs.

        Raises:
            RuntimeError: A call still runs after `TIMEOUT` seconds.
        """
        with self._changed:
            self._wait_for_end_of_pause()
            self._is_paused = True
        try:
            with self._changed:
                if not self._changed.wait_for(lambda: not self._running, TIMEOUT):
                    first = self._running[0]
                    raise RuntimeError(
                        f"The embedded Hub still handles {first.method} {first.path} after {TIMEOUT:g} s: wait for it, "
                        "or close the client that sends it"
                    )
            yield
        finally:
            with self._changed:
                self._is_paused = False
                self._changed.notify_all()

    def _wait_for_end_of_pause(self) -> None:
        self._changed.wait_for(lambda: not self._is_paused)
