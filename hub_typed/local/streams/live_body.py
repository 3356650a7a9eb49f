"""Bodies of responses that grow while they are sent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Final

import attrs

from hub_typed_api.wire import Source

__all__ = ["POLL_INTERVAL", "Changes", "LiveBody"]

POLL_INTERVAL: Final = 0.5
"""Seconds after which a body is asked for its next piece, whether or not it has changed."""


class Changes:
    """Tells those who wait that something has changed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []

    @contextmanager
    def told(self, listener: Callable[[], None]) -> Generator[None]:
        """Call a function, in any thread, at each change until the end of the block; it must not wait."""
        with self._lock:
            self._listeners.append(listener)
        try:
            yield
        finally:
            with self._lock:
                self._listeners.remove(listener)

    def tell(self) -> None:
        """Tell all listeners."""
        with self._lock:
            listeners = list(self._listeners)
        for listener in listeners:
            listener()


@attrs.frozen
class LiveBody(Source):
    """A body without a known end. `open` returns pieces without waiting: an empty one if there is nothing yet.

    Attributes:
        changes: Tells when there is more; until then, the reader waits, at most `POLL_INTERVAL` seconds.
    """

    changes: Changes = attrs.field(factory=Changes, repr=False)
