"""Cancellation of running work: sockets are shut down, and no new request starts."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from contextvars import ContextVar

from hub_typed.errors import CancelledError

__all__ = ["Cancellation"]


class Cancellation:
    """Cancels all work that runs under it: sockets are shut down, and no new request starts."""

    def __init__(self, parent: Cancellation | None = None, *, seconds: float | None = None) -> None:
        """Create a cancellation.

        Args:
            parent: Cancellation that also stops this one.
            seconds: Time limit of the response; enforced by the transport.
        """
        self.seconds = seconds
        self.expired: bool = False
        self._parent = parent
        self._lock = threading.Lock()
        self._callbacks: list[Callable[[], None]] = []
        self._stopped = False
        if parent is not None:
            parent.add(self.stop)

    @property
    def stopped(self) -> bool:
        """Whether the work was cancelled."""
        return self._stopped

    def check(self) -> None:
        """Raise if the work was cancelled.

        Raises:
            CancelledError: The work was cancelled.
        """
        if self._stopped:
            raise CancelledError(
                "The work was cancelled: by the caller, by closing the client, or because concurrent work failed."
            )

    def stop(self) -> None:
        """Cancel the work immediately."""
        with self._lock:
            self._stopped = True
            callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def expire(self) -> None:
        """Cancel the work because its time limit is exceeded."""
        self.expired = True
        self.stop()

    def after_fork(self) -> None:
        """Replace the lock after a fork, since another thread of the parent may have held it."""
        self._lock = threading.Lock()
        if self._parent is not None:
            self._parent.after_fork()

    def add(self, callback: Callable[[], None]) -> None:
        """Register a callback; it is called immediately if the work is already cancelled."""
        with self._lock:
            if not self._stopped:
                self._callbacks.append(callback)
                return
        callback()

    def remove(self, callback: Callable[[], None]) -> None:
        """Remove a callback."""
        with self._lock:
            if callback in self._callbacks:
                self._callbacks.remove(callback)

    def end(self) -> None:
        """Detach from the parent."""
        if self._parent is not None:
            self._parent.remove(self.stop)


current_cancellation: ContextVar[Cancellation | None] = ContextVar("hub_typed_cancellation", default=None)


def pause(seconds: float, cancellation: Cancellation | None) -> None:
    """Sleep for some seconds.

    Raises:
        CancelledError: The work was cancelled.
    """
    if cancellation is None:
        time.sleep(seconds)
        return
    woken = threading.Event()
    cancellation.add(woken.set)
    woken.wait(seconds)
    cancellation.remove(woken.set)
    cancellation.check()


def _in_child() -> None:
    if (cancellation := current_cancellation.get()) is not None:
        cancellation.after_fork()


os.register_at_fork(after_in_child=_in_child)


class RunningWork:
    """Work that a client does at present, in any thread of this process."""

    def __init__(self) -> None:
        self._cancellations: set[Cancellation] = set()  # add() and discard() are atomic
        self._pid = os.getpid()

    @contextmanager
    def cancellable(self, seconds: float | None = None) -> Generator[Cancellation, None, None]:
        """Create a cancellation for the enclosed work; see `cancellable`."""
        self._reset_after_fork()
        with cancellable(seconds) as cancellation:
            self._cancellations.add(cancellation)
            try:
                yield cancellation
            finally:
                self._cancellations.discard(cancellation)

    def stop(self) -> None:
        """Cancel all of it."""
        self._reset_after_fork()
        for cancellation in tuple(self._cancellations):
            cancellation.stop()

    def _reset_after_fork(self) -> None:
        """After a fork, forget the work of the parent, whose sockets are shared."""
        if self._pid != os.getpid():
            self._cancellations, self._pid = set(), os.getpid()


@contextmanager
def cancellable(seconds: float | None = None) -> Generator[Cancellation, None, None]:
    """Create a cancellation for the enclosed work, which the surrounding cancellation also stops.

    Args:
        seconds: Time limit of the response.
    """
    cancellation = Cancellation(current_cancellation.get(), seconds=seconds)
    token = current_cancellation.set(cancellation)
    try:
        yield cancellation
    finally:
        current_cancellation.reset(token)
        cancellation.end()
