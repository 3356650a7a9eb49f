"""Background thread of a client; runs what is submitted, in order."""

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
    """Runs one thing after the other; its thread begins with the first of them, in a forked child anew."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._pid = os.getpid()

    def submit(self, do: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> Future[R]:
        """Run this after what was submitted before."""
        from concurrent.futures import ThreadPoolExecutor

        self._leave_parent()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(1, thread_name_prefix="hub-typed-background")
            return self._pool.submit(do, *args, **kwargs)

    def close(self) -> None:
        """Wait for all that was submitted, and end the thread; the next submission brings it back."""
        self._leave_parent()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=True)

    def _leave_parent(self) -> None:
        """In a forked child, forget the parent's thread, which does not run here, and its lock, which may be held."""
        if self._pid != os.getpid():
            self._lock, self._pool, self._pid = threading.Lock(), None, os.getpid()
