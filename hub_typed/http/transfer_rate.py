"""Limits of the bytes per second at which a client receives, or sends, bodies of files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from hub_typed.http.cancellation import Cancellation, pause

__all__ = ["TransferRate"]

CREDIT_SECONDS: Final = 0.1
"""Seconds of unused rate that may be made up for, since sleeps take longer than requested."""
SHORTEST_PAUSE: Final = 0.01
"""Shorter pauses are saved up."""
SMALLEST_PIECE: Final = 1 << 10
"""Bytes to transfer at once at least."""


class TransferRate:
    """Limit of bytes per second, shared by the threads of a client: each waits until its bytes were due."""

    def __init__(
        self,
        rate: float | None,
        concurrency: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float, Cancellation | None], None] = pause,
    ) -> None:
        """Create a limit.

        Args:
            rate: Bytes per second; ``None`` for no limit.
            concurrency: Number of bodies that are transferred at the same time.
            clock: Returns the time in seconds.
            sleep: Sleeps for some seconds, unless the request is cancelled.
        """
        self._rate = rate
        self._clock = clock
        self._sleep = sleep
        self._due = 0.0
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._piece_size = None if rate is None else max(SMALLEST_PIECE, int(rate / concurrency))

    def piece_size(self, largest: int) -> int:
        """Return how many bytes to transfer at once, so that all bodies together get at most those of a second."""
        return largest if self._piece_size is None else min(largest, self._piece_size)

    def wait(self, size: int, cancellation: Cancellation | None) -> None:
        """Wait until transferred bytes are due.

        Raises:
            CancelledError: The request was cancelled.
        """
        if self._rate is None:
            return
        if self._pid != os.getpid():  # after a fork, the lock may be held
            self._lock, self._pid = threading.Lock(), os.getpid()
        with self._lock:
            now = self._clock()
            self._due = max(self._due, now - CREDIT_SECONDS) + size / self._rate
            seconds = self._due - now
        if seconds >= SHORTEST_PAUSE:
            self._sleep(seconds, cancellation)
