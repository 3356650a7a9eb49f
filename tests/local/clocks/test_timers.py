"""Clocks that tests advance, and what is due on the way."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from hub_typed.local.clocks.clock import AdjustableClock
from hub_typed.local.clocks.timers import Timers

START = datetime(2026, 1, 1, tzinfo=UTC)


def seconds(count: float) -> timedelta:
    return timedelta(seconds=count)


def test_what_is_due_on_the_way_is_called_in_order_at_its_time():
    clock = AdjustableClock(lambda: START)
    timers, seen = Timers(clock), []

    def tell(name: str) -> None:
        seen.append((name, clock.now() - START))

    timers.call_at(START + seconds(20), lambda: tell("second"))

    def first() -> None:
        tell("first")
        timers.call_at(clock.now() + seconds(5), lambda: tell("between"))

    timers.call_at(START + seconds(10), first)
    timers.call_at(START + seconds(15), lambda: tell("cancelled")).cancel()
    timers.call_at(START + seconds(90), lambda: tell("too late"))
    timers.advance(60)
    assert seen == [("first", seconds(10)), ("between", seconds(15)), ("second", seconds(20))]
    assert clock.now() == START + seconds(60)
    timers.close()
    timers.advance(60)
    assert len(seen) == 3


def test_the_clock_does_not_go_back():
    with pytest.raises(ValueError, match="cannot go back by 5 s"):
        Timers(AdjustableClock(lambda: START)).advance(-5)


def test_a_timer_is_called_in_real_time_even_after_one_that_failed():
    timers, called = Timers(AdjustableClock(lambda: datetime.now(UTC))), threading.Event()

    def fail() -> None:
        raise RuntimeError("no")

    timers.call_at(datetime.now(UTC), fail)
    timers.call_at(datetime.now(UTC) + seconds(0.02), called.set)
    assert called.wait(10)


def test_the_thread_ends_when_nothing_is_left():
    timers = Timers(AdjustableClock(lambda: datetime.now(UTC)))
    timers.call_at(datetime.now(UTC) + seconds(60), lambda: None)
    timers.close()
    end = time.monotonic() + 10
    while timers._is_waiting and time.monotonic() < end:
        time.sleep(0.005)
    assert not timers._is_waiting
