"""Number of workers that adapts to the connection and the processor."""

from __future__ import annotations

import pytest

from hub_typed.http.worker_count import START, WorkerCount


def settled(limit, computed, waiting, *, parallel=False, items=2000):
    """Return the number after many items.

    Args:
        computed: Seconds of the processor of an item.
        waiting: Seconds that it waits for the network.
        parallel: Whether the items compute without the interpreter lock.
    """
    count = WorkerCount(limit)
    for _ in range(items):
        alone = computed + waiting
        count.add(computed, alone if parallel else max(alone, computed * count.count))
    return count.count


def test_a_distant_server_gets_as_many_as_allowed():
    assert settled(32, 0.001, 0.04) == 32
    assert settled(16, 0.001, 0.04) == 16


def test_on_loopback_one_or_two_are_enough():
    assert settled(32, 0.001, 0.0002) <= 2
    assert settled(32, 0.001, 0.0) == 1


def test_in_between_there_are_as_many_as_fill_the_processor():
    assert 4 <= settled(32, 0.001, 0.004) <= 8


def test_work_without_the_interpreter_lock_keeps_its_workers():
    assert settled(32, 0.01, 0.0, parallel=True) == START


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_never_more_than_the_limit(limit):
    assert settled(limit, 0.001, 1.0) == limit
    assert WorkerCount(limit).count == limit


def test_grows_within_few_items():
    count = WorkerCount(32)
    items = 0
    while count.count < 32:
        count.add(0.001, 0.04)
        items += 1
    assert items <= 20


def test_items_that_took_no_measurable_time_change_nothing():
    count = WorkerCount(32)
    assert not any(count.add(0.0, 0.0) for _ in range(100))
    assert count.count == START
