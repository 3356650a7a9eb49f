"""Streams while bars are on the terminal: replaced for that time, and not in the child of a fork."""

from __future__ import annotations

import io
import os
import sys

from hub_typed.progress_bars.other_output import OtherOutput


class Terminal(io.TextIOWrapper):
    """A stream that is a terminal."""

    def isatty(self):
        return True


def make_terminal(patch):
    """Replace the standard output, which pytest sets anew before each test."""
    stream = Terminal(io.BytesIO(), encoding="utf-8")
    patch.setattr(sys, "stdout", stream)
    patch.setattr(sys, "stderr", io.StringIO())
    return stream


def written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


def test_only_whole_lines_are_written_until_the_bars_are_gone(monkeypatch):
    terminal = make_terminal(monkeypatch)
    output = OtherOutput()
    output.start()
    print("a", end="")
    assert written(terminal) == ""
    print("b\nc", end="")
    assert written(terminal) == "ab\n"
    output.end()
    assert written(terminal) == "ab\nc"
    print("d")
    assert written(terminal) == "ab\ncd\n"
    assert "write" not in vars(terminal)


def test_the_stream_is_restored_when_the_last_display_has_ended(monkeypatch):
    terminal = make_terminal(monkeypatch)
    first, second = OtherOutput(), OtherOutput()
    first.start()
    second.start()
    first.end()
    assert "write" in vars(terminal)
    second.end()
    second.end()
    assert "write" not in vars(terminal)


def test_other_progress_bars_pass(monkeypatch):
    terminal = make_terminal(monkeypatch)
    output = OtherOutput()
    output.start()
    print("\r50%", end="")
    assert written(terminal) == "\r50%"
    output.end()


def test_the_child_of_a_fork_writes_directly(monkeypatch):
    terminal = make_terminal(monkeypatch)
    output = OtherOutput()
    output.start()
    assert "write" in vars(terminal)
    child = os.fork()
    if not child:
        os._exit(int("write" in vars(terminal)))
    _, status = os.waitpid(child, 0)
    output.end()
    assert os.waitstatus_to_exitcode(status) == 0
