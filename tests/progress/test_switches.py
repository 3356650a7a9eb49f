"""Progress bars switched off and on: for all, by group, by environment."""

from __future__ import annotations

import io
import sys

import pytest

from hub_typed import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars
from hub_typed.progress import Job, Transfer
from hub_typed.progress_bars import switches
from hub_typed.progress_bars.class_bars import ClassBars
from hub_typed.progress_bars.log_lines import LogLines
from hub_typed.progress_bars.observers import observer_for
from hub_typed.progress_bars.screen import Screen
from hub_typed.settings import Settings
from tests.progress.recorded import Recorder
from tests.progress.test_class_bars import Drawn


class Output(io.StringIO):
    """A stream that is a terminal, or not."""

    def __init__(self, *, is_terminal):
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self):
        return self._is_terminal


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    monkeypatch.setattr(switches, "_disabled", {})
    monkeypatch.delenv(switches.VARIABLE, raising=False)
    monkeypatch.setattr(sys, "stderr", Output(is_terminal=True))


def test_all_bars():
    assert not are_progress_bars_disabled()
    disable_progress_bars()
    assert are_progress_bars_disabled()
    assert are_progress_bars_disabled("peft.foo")
    enable_progress_bars()
    assert not are_progress_bars_disabled()


def test_a_group_and_those_below_it():
    disable_progress_bars("peft.foo")
    assert not are_progress_bars_disabled()
    assert not are_progress_bars_disabled("peft")
    assert not are_progress_bars_disabled("peft.something")
    assert are_progress_bars_disabled("peft.foo")
    assert are_progress_bars_disabled("peft.foo.bar")
    enable_progress_bars("peft.foo.bar")
    assert are_progress_bars_disabled("peft.foo")
    assert not are_progress_bars_disabled("peft.foo.bar")
    disable_progress_bars("peft")
    assert are_progress_bars_disabled("peft.foo.bar")


def test_a_block():
    with disable_progress_bars("hub_typed"):
        assert are_progress_bars_disabled("hub_typed.download")
    assert not are_progress_bars_disabled("hub_typed.download")
    disable_progress_bars()
    with disable_progress_bars():
        pass
    assert are_progress_bars_disabled(), "they were switched off before the block"


def test_the_environment_takes_precedence_and_warns(monkeypatch):
    monkeypatch.setenv(switches.VARIABLE, "1")
    assert are_progress_bars_disabled()
    with pytest.warns(UserWarning, match="HF_HUB_DISABLE_PROGRESS_BARS=1"):
        enable_progress_bars()
    assert are_progress_bars_disabled("peft")
    monkeypatch.setenv(switches.VARIABLE, "0")
    with pytest.warns(UserWarning, match="HF_HUB_DISABLE_PROGRESS_BARS=0"), disable_progress_bars():
        assert not are_progress_bars_disabled()


@pytest.mark.parametrize(
    ("wish", "output", "shown"),
    [
        (None, Output(is_terminal=True), Screen),
        (None, Output(is_terminal=False), None),
        (None, None, None),
        (True, Output(is_terminal=True), Screen),
        (True, Output(is_terminal=False), LogLines),
        (False, Output(is_terminal=True), None),
    ],
)
def test_bars_are_for_terminals_and_lines_for_those_who_want_them(monkeypatch, wish, output, shown):
    monkeypatch.setattr(sys, "stderr", output)
    observer = observer_for(Settings(progress=wish), "upload")
    assert type(observer) is (shown or type(None))


def test_bars_of_this_library_are_two_groups():
    disable_progress_bars("hub_typed.upload")
    assert observer_for(Settings(progress=True), "upload") is None
    assert observer_for(Settings(progress=True), "download") is not None


def test_an_observer_of_the_caller_cannot_be_switched_off():
    disable_progress_bars()
    wish = Recorder()
    assert observer_for(Settings(progress=wish), "upload") is wish
    assert isinstance(observer_for(Settings(progress=False), "download", Drawn), ClassBars)


def test_a_notebook_has_bars(monkeypatch):
    class Shell:
        def __init__(self):
            self.config = {"IPKernelApp": {}}

    class IPython:
        get_ipython = staticmethod(Shell)

    monkeypatch.setattr(sys, "stderr", Output(is_terminal=False))
    monkeypatch.setitem(sys.modules, "IPython", IPython)
    assert isinstance(observer_for(Settings(), "download"), Screen)


def test_an_observer_of_the_caller_and_its_bars_both_receive_the_events():
    recorder = Recorder()
    both = observer_for(Settings(progress=recorder), "download", Drawn)
    with Job(both, "download", "me/repo") as job:
        job.expect({"a": 1})
        Transfer(job, "download", "a", 1).finish(done=1)
    assert recorder.checked().done_files == 1
    assert [bar.n for bar in Drawn.made[-2:]] == [1, 1]
