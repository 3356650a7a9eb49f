"""Timers of the whole process on one thread; they enforce deadlines of blocking calls."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

__all__ = ["Alarm", "Watchdog", "watchdog"]


class Alarm:
    """One scheduled call, compared by identity."""

    __slots__ = ("do", "due")

    def __init__(self, due: float, do: Callable[[], None]) -> None:
        self.due: float = due
        self.do: Callable[[], None] = do


class Watchdog:
    """Makes each scheduled call at its time, unless cancelled; its thread ends when no call is left."""

    def __init__(self) -> None:
        self._alarms: dict[Alarm, None] = {}
        self._changed = threading.Condition(threading.Lock())
        self._wakes: float | None = None  # when the thread looks next; None: there is no thread

    def start(self, seconds: float, do: Callable[[], None]) -> Alarm:
        """Schedule a call in some seconds."""
        alarm = Alarm(time.monotonic() + seconds, do)
        with self._changed:
            self._alarms[alarm] = None
            if self._wakes is None:
                self._wakes = alarm.due
                threading.Thread(target=self._watch, name="hub-typed-watchdog", daemon=True).start()
            elif alarm.due < self._wakes:
                self._wakes = alarm.due
                self._changed.notify()
        return alarm

    def cancel(self, alarm: Alarm) -> None:
        """Cancel a call that was not made yet."""
        with self._changed:
            self._alarms.pop(alarm, None)

    def _watch(self) -> None:
        while True:
            with self._changed:
                now = time.monotonic()
                due = [alarm for alarm in self._alarms if alarm.due <= now]
                for alarm in due:
                    del self._alarms[alarm]
                if not due:
                    if not self._alarms:
                        self._wakes = None
                        return
                    # Alarms that were cancelled meanwhile cost one look each time the thread wakes, no more.
                    self._wakes = min(alarm.due for alarm in self._alarms)
                    self._changed.wait(self._wakes - now)
            for alarm in due:
                alarm.do()


watchdog: Final[Watchdog] = Watchdog()


def _in_child() -> None:
    """Reset after a fork: the thread does not exist in the child, and the lock may be held."""
    watchdog.__init__()  # type: ignore[misc]  # the same object, since others hold it


os.register_at_fork(after_in_child=_in_child)
