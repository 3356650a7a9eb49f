"""The limit of bytes per second."""

from __future__ import annotations

import random
import threading

import pytest

from hub_typed.errors import CancelledError
from hub_typed.http.cancellation import Cancellation, pause
from hub_typed.http.transfer_rate import CREDIT_SECONDS, TransferRate


class Clock:
    """Clock that advances by sleeping, in one thread."""

    def __init__(self):
        self.time = 1000.0
        self.slept = []

    def sleep(self, seconds, cancellation):
        self.slept.append(seconds)
        self.time += seconds


def limit(clock, rate, concurrency=4):
    return TransferRate(rate, concurrency, clock=lambda: clock.time, sleep=clock.sleep)


@pytest.mark.parametrize("size", [1, 1000, 250_000])
def test_many_pieces_take_the_time_of_their_bytes(size):
    clock = Clock()
    rate = limit(clock, 1_000_000)
    for _ in range(5_000_000 // size if size > 1 else 100_000):
        rate.wait(size, None)
    total = 5 if size > 1 else 0.1
    assert total - CREDIT_SECONDS - 0.02 <= clock.time - 1000 <= total + 0.02


def test_short_pauses_are_saved_up():
    clock = Clock()
    rate = limit(clock, 1e9)
    for _ in range(1000):
        rate.wait(1_000_000, None)
    assert len(clock.slept) <= 100
    assert min(clock.slept) >= 0.01


def test_a_pause_of_the_server_gives_no_burst():
    clock = Clock()
    rate = limit(clock, 1_000_000)
    rate.wait(250_000, None)
    clock.time += 60
    began = clock.time
    for _ in range(8):
        rate.wait(250_000, None)
    assert clock.time - began >= 2 - CREDIT_SECONDS - 0.02


@pytest.mark.parametrize("rate", [100, 50_000, 1e6, 1e9])
def test_at_most_the_bytes_of_a_second_are_received_at_once(rate):
    size = TransferRate(rate, 32).piece_size(1 << 18)
    assert 1024 <= size <= 1 << 18
    assert size * 32 <= max(rate, 32 * 1024)


def test_without_a_limit_nothing_waits():
    rate = TransferRate(None, 32, sleep=lambda *_: pytest.fail("it slept"))
    rate.wait(10**12, None)
    assert rate.piece_size(1 << 18) == 1 << 18


def test_threads_share_the_limit():
    clock, lock = Clock(), threading.Lock()
    due = []

    def sleep(seconds, cancellation):
        with lock:
            due.append(seconds)

    rate = TransferRate(1000, 4, clock=lambda: clock.time, sleep=sleep)
    threads = [threading.Thread(target=lambda: [rate.wait(100, None) for _ in range(10)]) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert max(due) == pytest.approx(8 - CREDIT_SECONDS)


def test_after_a_fork_the_lock_is_free():
    rate = limit(Clock(), 1000)
    rate._lock.acquire()
    rate._pid = -1
    rate.wait(10, None)


def test_a_pause_ends_when_it_is_cancelled():
    cancellation = Cancellation()
    threading.Timer(random.uniform(0, 0.1), cancellation.stop).start()
    with pytest.raises(CancelledError):
        pause(60, cancellation)
