"""Events of transfers, and the progress bars drawn from them."""

from __future__ import annotations

import io
import sys
import threading

import pytest
from tqdm import tqdm

from hub_typed.progress import Transfer, TransferEvent
from hub_typed.progress_bars import Bars, observer_for
from hub_typed.settings import Settings


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


class Drawn:
    """A bar that records its calls."""

    def __init__(self, **given):
        self.given = given
        self.n = given["initial"]
        self.refreshed = 0
        self.closed = 0

    def update(self, count):
        self.n += count

    def refresh(self):
        self.refreshed += 1

    def close(self):
        self.closed += 1


def test_a_bar_follows_its_transfer():
    drawn = []

    def new(**given):
        drawn.append(Drawn(**given))
        return drawn[-1]

    bars = Bars(new)
    first, second = Transfer(bars, "download", "a", 10, 3), Transfer(bars, "upload", "b", None)
    first.advance(2)
    second.advance(9)
    first.set_done(1)
    second.fail()
    first.finish()
    assert [(bar.given["desc"], bar.given["total"], bar.given["initial"], bar.n, bar.closed) for bar in drawn] == [
        ("a", 10, 3, 1, 1),
        ("b", None, 0, 9, 1),
    ]
    assert [bar.refreshed for bar in drawn] == [1, 0]


@pytest.mark.parametrize("kind", ["hash", "commit"])
def test_hashes_and_commits_have_a_bar_if_they_are_large(kind):
    drawn = []

    def new(**given):
        drawn.append(Drawn(**given))
        return drawn[-1]

    bars = Bars(new)
    for total in (100, 16 << 20):
        with Transfer(bars, kind, "a", total) as transfer:
            transfer.advance(total)
    assert [(bar.given["desc"], bar.n, bar.closed) for bar in drawn] == [(f"a ({kind})", 16 << 20, 1)]


def test_a_transfer_ends_with_its_block():
    events = []
    with Transfer(events.append, "hash", "a", 1):
        pass
    with pytest.raises(KeyError), Transfer(events.append, "hash", "a", 1):
        raise KeyError
    assert [event.state for event in events] == ["started", "finished", "started", "failed"]


def test_bars_are_drawn_with_tqdm():
    screen = io.StringIO()
    bars = Bars(lambda **given: tqdm(file=screen, mininterval=0, **given))
    transfer = Transfer(bars, "download", "model.safetensors", 2_000_000)
    transfer.advance(1_000_000)
    transfer.finish()
    assert "model.safetensors:  50%" in screen.getvalue()
    assert "1.00M/2.00M" in screen.getvalue()


class Screen(io.StringIO):
    def __init__(self, terminal):
        super().__init__()
        self._terminal = terminal

    def isatty(self):
        return self._terminal


@pytest.mark.parametrize(
    ("wish", "screen", "drawn"),
    [
        (None, Screen(True), True),
        (None, Screen(False), False),
        (None, None, False),
        (True, Screen(False), True),
        (False, Screen(True), False),
    ],
)
def test_bars_are_for_terminals_unless_the_settings_say_otherwise(monkeypatch, wish, screen, drawn):
    monkeypatch.setattr(sys, "stderr", screen)
    assert isinstance(observer_for(Settings(progress=wish)), Bars) == drawn


def test_a_function_gets_every_event():
    events = []
    wish = events.append
    assert observer_for(Settings(progress=wish)) is wish


@pytest.mark.parametrize("wish", [None, True, False])
def test_a_class_of_bars_is_used_without_a_terminal(monkeypatch, wish):
    monkeypatch.setattr(sys, "stderr", Screen(False))
    assert isinstance(observer_for(Settings(progress=wish), Drawn), Bars)


def test_a_function_and_a_class_of_bars_both_get_every_event():
    events, bars = [], []

    def bar(**shape):
        bars.append(shape)
        return Drawn(**shape)

    observer = observer_for(Settings(progress=events.append), bar)
    event = TransferEvent(transfer=1, kind="download", name="a", state="started", done=0, total=3)
    observer(event)
    assert (events, len(bars)) == ([event], 1)
