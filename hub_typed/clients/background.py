"""Background thread of a client, which runs submitted calls in order."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from concurrent.futures import Future, ThreadPoolExecutor

__all__ = ["Background"]

P = ParamSpec("P")
R = TypeVar("R")


class Background:
    """Runs submitted calls in order on one thread, which starts with the first call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._pid = os.getpid()

    def submit(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Submit a call; it runs after all earlier ones."""
        from concurrent.futures import ThreadPoolExecutor

        self._reset_after_fork()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="hub-typed-background")
            return self._pool.submit(do, *args, **kwargs)

    def close(self) -> None:
        """Wait for all submitted calls, and end the thread; the next call starts a new one."""
        self._reset_after_fork()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _reset_after_fork(self) -> None:
        """After a fork, discard the thread of the parent and its lock, which may be held."""
        if self._pid != os.getpid():
            self._lock, self._pool, self._pid = threading.Lock(), None, os.getpid()
