"""Timers of the process, run by one thread; they enforce deadlines of blocking calls."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Timer", "TimerThread", "timer_thread"]


class Timer:
    """A scheduled call; compared by identity."""

    __slots__ = ("do", "due")

    def __init__(self, due: float, do: Callable[[], None]) -> None:
        self.due: float = due
        self.do: Callable[[], None] = do


class TimerThread:
    """Thread that runs scheduled calls, unless cancelled; it ends when no call is left."""

    def __init__(self) -> None:
        self._timers: dict[Timer, None] = {}
        self._changed = threading.Condition(threading.Lock())
        self._wake_time: float | None = None  # time of the next wake-up; None if no thread runs

    def schedule(self, seconds: float, do: Callable[[], None]) -> Timer:
        """Schedule a call after some seconds."""
        timer = Timer(time.monotonic() + seconds, do)
        with self._changed:
            self._timers[timer] = None
            if self._wake_time is None:
                self._wake_time = timer.due
                threading.Thread(target=self._run, name="hub-typed-timers", daemon=True).start()
            elif timer.due < self._wake_time:
                self._wake_time = timer.due
                self._changed.notify()
        return timer

    def cancel(self, timer: Timer) -> None:
        """Cancel a timer; a call that has already begun is not affected."""
        with self._changed:
            self._timers.pop(timer, None)

    def _run(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                due = [timer for timer in self._timers if timer.due <= now]
                for timer in due:
                    del self._timers[timer]
                if not due:
                    if not self._timers:
                        self._wake_time = None
                        return
                    # A timer cancelled meanwhile costs at most one superfluous wake-up.
                    self._wake_time = min(timer.due for timer in self._timers)
                    self._changed.wait(self._wake_time - now)
            for timer in due:
                timer.do()


timer_thread: Final[TimerThread] = TimerThread()


def _in_child() -> None:
    """Reset after a fork: the thread does not exist in the child, and the lock may be held."""
    timer_thread.__init__()  # type: ignore[misc]  # in place, since other modules refer to this object


os.register_at_fork(after_in_child=_in_child)
