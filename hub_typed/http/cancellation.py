"""Cancellation of running requests: sockets are shut down, and nothing new begins."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from hub_typed.errors import CancelledError

__all__ = ["Cancellation"]


class Cancellation:
    """Cancels the work that runs under it: no request is started, sockets are shut down."""

    def __init__(self, parent: Cancellation | None = None, *, seconds: float | None = None) -> None:
        """Create a cancellation.

        Args:
            parent: Stops this one with it.
            seconds: How long the answer that is waited for under it may take; whoever waits sees to that.
        """
        self.seconds = seconds
        self.expired: bool = False
        self._parent = parent
        self._lock = threading.Lock()
        self._stoppers: list[Callable[[], None]] = []
        self._stopped = False
        if parent is not None:
            parent.add(self.stop)

    @property
    def stopped(self) -> bool:
        """Whether it was cancelled."""
        return self._stopped

    def check(self) -> None:
        """Raise if it was cancelled.

        Raises:
            CancelledError: It was.
        """
        if self._stopped:
            raise CancelledError("The work was stopped: something beside it failed, or the caller asked for it.")

    def stop(self) -> None:
        """Cancel all work under it, at once."""
        with self._lock:
            self._stopped = True
            stoppers, self._stoppers = self._stoppers, []
        for stopper in stoppers:
            stopper()

    def expire(self) -> None:
        """Cancel all work under it because its time is over."""
        self.expired = True
        self.stop()

    def after_fork(self) -> None:
        """Replace the lock after a fork; another thread of the parent may have held it."""
        self._lock = threading.Lock()
        if self._parent is not None:
            self._parent.after_fork()

    def add(self, stopper: Callable[[], None]) -> None:
        """Register a callback for the cancellation; it is called at once if that has happened."""
        with self._lock:
            if not self._stopped:
                self._stoppers.append(stopper)
                return
        stopper()

    def remove(self, stopper: Callable[[], None]) -> None:
        """Remove a callback."""
        with self._lock:
            if stopper in self._stoppers:
                self._stoppers.remove(stopper)

    def end(self) -> None:
        """Detach it from its parent."""
        if self._parent is not None:
            self._parent.remove(self.stop)


current_cancellation: ContextVar[Cancellation | None] = ContextVar("hub_typed_cancellation", default=None)


def _in_child() -> None:
    if (cancellation := current_cancellation.get()) is not None:
        cancellation.after_fork()


os.register_at_fork(after_in_child=_in_child)


@contextmanager
def cancellable() -> Generator[Cancellation, None, None]:
    """Create a cancellation for the work inside; it is cancelled together with the surrounding one."""
    cancellation = Cancellation(current_cancellation.get())
    token = current_cancellation.set(cancellation)
    try:
        yield cancellation
    finally:
        current_cancellation.reset(token)
        cancellation.end()
