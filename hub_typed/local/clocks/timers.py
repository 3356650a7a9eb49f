"""Functions that are called at a time of a clock."""

from __future__ import annotations

import heapq
import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import attrs

from hub_typed.local.clocks.clock import AdjustableClock

__all__ = ["Timer", "Timers"]

_log = logging.getLogger("hub_typed.local")


@attrs.define(order=True)
class Timer:
    """A function that is called at a time, unless the timer is cancelled before."""

    at: datetime
    number: int
    call: Callable[[], None] | None = attrs.field(order=False, repr=False)

    def cancel(self) -> None:
        """Do not call the function."""
        self.call = None


class Timers:
    """Functions that are called in the order of their times, one at a time, when the clock reaches these.

    A thread waits for the real time. It runs while there is anything to wait for.
    """

    def __init__(self, clock: AdjustableClock) -> None:
        self._clock = clock
        self._queue: list[Timer] = []
        self._numbers = count()
        self._changed = threading.Condition()
        self._calling = threading.RLock()
        self._is_waiting = False
        self._is_closed = False

    def call_at(self, at: datetime, call: Callable[[], None]) -> Timer:
        """Call a function at a time, or soon if that is past."""
        with self._changed:
            timer = Timer(at, next(self._numbers), call)
            if self._is_closed:
                return timer
            heapq.heappush(self._queue, timer)
            if not self._is_waiting:
                self._is_waiting = True
                threading.Thread(target=self._wait, name="hub-typed-timers", daemon=True).start()
            self._changed.notify_all()
        return timer

    def advance(self, seconds: float) -> None:
        """Advance the clock; what is due on the way is called with the clock at its time, before this returns."""
        if seconds < 0:
            raise ValueError(f"The clock cannot go back by {-seconds:g} s")
        with self._calling:
            end = self._clock.now() + timedelta(seconds=seconds)
            while (due := self._pop(end)) is not None:
                self._go_to(due.at)
                _call(due)
            self._go_to(end)
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Cancel all timers, and call nothing after the function that is being called, if any."""
        with self._calling, self._changed:
            self._is_closed = True
            self._queue.clear()
            self._changed.notify_all()

    def _go_to(self, at: datetime) -> None:
        self._clock.advance(max((at - self._clock.now()).total_seconds(), 0.0))

    def _pop(self, end: datetime) -> Timer | None:
        with self._changed:
            while self._queue and (self._queue[0].call is None or self._queue[0].at <= end):
                timer = heapq.heappop(self._queue)
                if timer.call is not None:
                    return timer
        return None

    def _wait(self) -> None:
        while True:
            with self._calling:
                due = self._pop(self._clock.now())
                if due is not None:
                    _call(due)
                    continue
            with self._changed:
                if not self._queue:
                    self._is_waiting = False
                    return
                left = (self._queue[0].at - self._clock.now()).total_seconds()
                if left > 0 and self._queue[0].call is not None:
                    self._changed.wait(min(left, threading.TIMEOUT_MAX))


def _call(timer: Timer) -> None:
    call = timer.call
    try:
        if call is not None:
            call()
    except Exception:  # noqa: BLE001, the other timers go on
        _log.exception("A timer of the embedded Hub failed")
