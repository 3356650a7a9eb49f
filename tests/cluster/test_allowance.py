"""The quota that workers share, and the batches that it is handed out with."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, strategies as some

from hub_typed.cluster import Allowance
from hub_typed.cluster.allowance import Ledger
from hub_typed.cluster.batches import Batch, batches_of

COSTS = some.lists(some.tuples(some.integers(1, 10), some.floats(0, 30)), min_size=1, max_size=30)


@given(COSTS)
def test_no_window_has_more_requests_than_the_allowance(costs):
    """Whenever a request of a batch is sent between its begin and its end."""
    ledger = Ledger(Allowance(requests=10, window=20))
    now = 0.0
    running: list[tuple[float, int]] = []
    held: list[tuple[float, float, int]] = []  # begin, end and requests of each batch
    for requests, seconds in costs:
        while delay := ledger.delay(requests, now):
            ending = min(running, default=(math.inf, 0))
            now = min(now + delay, max(now, ending[0]))
            if running and ending[0] <= now:
                running.remove(ending)
                ledger.end(ending[1], now)
        ledger.begin(requests, 0, now)
        running.append((now + seconds, requests))
        held.append((now, now + seconds, requests))
    for start in [moment for begin, end, _ in held for moment in (begin, end)]:
        assert sum(requests for begin, end, requests in held if begin < start + 20 and end >= start) <= 10


def test_a_batch_larger_than_the_allowance_begins_alone():
    ledger = Ledger(Allowance(requests=10, window=20))
    assert ledger.delay(25, 0.0) == 0
    ledger.begin(25, 0, 0.0)
    assert ledger.delay(1, 5.0) == math.inf
    ledger.end(25, 6.0)
    assert ledger.delay(1, 6.0) == 20
    assert ledger.delay(1, 26.0) == 0


def test_batches_begin_as_the_rate_allows():
    ledger = Ledger(Allowance(bytes_per_second=100))
    ledger.begin(1, 1000, 0.0)
    assert ledger.delay(1, 0.0) == 10
    assert ledger.delay(1, 10.0) == 0


@pytest.mark.parametrize("name", ["requests", "window", "bytes_per_second"])
def test_an_allowance_of_nothing_is_refused(name):
    with pytest.raises(ValueError, match=f"{name} is 0"):
        Allowance(**{name: 0})


@given(some.lists(some.integers(0, 3 << 30)), some.integers(1, 9))
def test_each_file_is_in_one_batch_within_its_limits(sizes, most):
    made = batches_of(range(len(sizes)), size=sizes.__getitem__, content=int, max_files=most)
    assert sorted(file for batch in made for file in batch.files) == list(range(len(sizes)))
    for batch in made:
        assert batch.size == sum(sizes[file] for file in batch.files)
        assert len(batch.files) <= most
        assert batch.size <= 4 << 30 or len(batch.files) == 1
    largest = [sizes[batch.files[0]] for batch in made]
    assert largest == sorted(largest, reverse=True)


def test_files_of_the_same_content_are_in_one_batch_and_count_once():
    made = batches_of(["a1", "b1", "a2"], size=lambda _: 7, content=lambda name: name[0], max_files=math.inf)
    assert made == [Batch(["a1", "a2", "b1"], 14)]
