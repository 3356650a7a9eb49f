"""Events of single transfers."""

from __future__ import annotations

import sys
import threading

import pytest

from hub_typed.progress import Transfer


def told(*steps, total=10, done=0):
    events = []
    transfer = Transfer(events.append, "download", "a/b.bin", total, done)
    for name, *arguments in steps:
        getattr(transfer, name)(*arguments)
    return events


def test_each_step_is_told_once_in_order():
    events = told(("advance", 4), ("advance", 6), ("finish",))
    assert [(event.state, event.done) for event in events] == [
        ("started", 0),
        ("advanced", 4),
        ("advanced", 10),
        ("finished", 10),
    ]
    assert {(event.transfer, event.kind, event.name, event.total) for event in events} == {
        (events[0].transfer, "download", "a/b.bin", 10)
    }


def test_a_transfer_may_go_on_where_an_earlier_one_ended_and_may_begin_anew():
    events = told(("advance", 1), ("set_done", 0), ("advance", 2), ("fail",), done=7, total=None)
    assert [(event.state, event.done) for event in events] == [
        ("started", 7),
        ("advanced", 8),
        ("advanced", 0),
        ("advanced", 2),
        ("failed", 2),
    ]
    assert {event.total for event in events} == {None}


def test_transfers_are_told_apart():
    assert told()[0].transfer != told()[0].transfer


def test_nobody_need_be_told():
    transfer = Transfer(None, "upload", "x", 1)
    transfer.advance(1)
    transfer.finish()


def test_parts_of_a_transfer_that_are_moved_by_several_threads_add_up():
    events = []
    transfer = Transfer(events.append, "upload", "x", 8000)
    threads = [threading.Thread(target=lambda: [transfer.advance(1) for _ in range(1000)]) for _ in range(8)]
    switching = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(switching)
    assert [event.done for event in events] == list(range(8001))


def test_a_transfer_ends_with_its_block():
    events = []
    with Transfer(events.append, "hash", "a", 1):
        pass
    with pytest.raises(KeyError), Transfer(events.append, "hash", "a", 1):
        raise KeyError
    assert [event.state for event in events] == ["started", "finished", "started", "failed"]


def test_the_bytes_of_a_transfer_may_be_told_at_its_end():
    events = []
    Transfer(events.append, "download", "a", 3).finish(done=3)
    assert [(event.state, event.done, event.job) for event in events] == [("started", 0, None), ("finished", 3, None)]
