"""Commands run in tests: in this process, or in one of their own where signals, pipes and start-up matter."""

from __future__ import annotations

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest

from hub_typed import HfApi
from hub_typed.cli.app import main
from hub_typed.local import LocalHub

PATIENCE = 30
"""Seconds after which a command hangs."""


@attrs.frozen
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()

    @property
    def rows(self) -> list[list[str]]:
        """Rows of tab-separated output, without the titles."""
        return [line.split("\t") for line in self.lines[1:]]

    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """The one line that a failed command says; it printed no result."""
        assert self.out == "", self.out
        assert self.err.startswith("Error: "), self.err
        assert self.err.count("\n") == 1, self.err
        return self.err.removeprefix("Error: ").strip()


class _Stream(io.StringIO):
    """A standard stream; at a terminal if so said."""

    def __init__(self, text: str = "", *, terminal: bool) -> None:
        super().__init__(text)
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Ended]:
    """Runs a command in this process: ``run("auth", "whoami", "--json")``.

    ``typed`` is what comes from stdin. With ``terminal=True``, the three streams are a terminal.
    """

    def call(*arguments: object, typed: str = "", terminal: bool = False) -> Ended:
        out, err = _Stream(terminal=terminal), _Stream(terminal=terminal)
        with monkeypatch.context() as patch, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            patch.setattr(sys, "stdin", _Stream(typed, terminal=terminal))
            code = main([str(one) for one in arguments])
        return Ended(code, out.getvalue(), err.getvalue())

    return call


@pytest.fixture
def start() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command in a process of its own; it is killed at the end if it still runs."""
    running: list[subprocess.Popen[str]] = []

    def begin(*arguments: object, **options: Any) -> subprocess.Popen[str]:
        given: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        command = [sys.executable, "-m", "hub_typed", *map(str, arguments)]
        running.append(subprocess.Popen(command, **{"text": True} | given | options))
        return running[-1]

    yield begin
    for one in running:
        one.kill()
        one.communicate()


@pytest.fixture
def run_alone(start: Callable[..., subprocess.Popen[str]]) -> Callable[..., Ended]:
    """Runs a command in a process of its own, to its end."""

    def call(*arguments: object, **options: Any) -> Ended:
        process = start(*arguments, **options)
        out, err = process.communicate(timeout=PATIENCE)
        return Ended(process.returncode, out or "", err or "")

    return call


@pytest.fixture
def api(local_hub: LocalHub) -> Iterator[HfApi]:
    """A client of the embedded Hub that the commands talk to, for what a test needs there."""
    with HfApi() as client:
        yield client


@pytest.fixture
def setenv(local_hub: LocalHub) -> Iterator[Callable[[str, str], None]]:
    """Sets a variable that the Hub has set, too; it is set back first."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch.setenv


@pytest.fixture
def offline(setenv: Callable[[str, str], None]) -> None:
    """Without a network."""
    setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def unreachable() -> str:
    """The endpoint of a Hub that refuses connections."""
    return "http://127.0.0.1:1"


@pytest.fixture
def logged_out(setenv: Callable[[str, str], None]) -> None:
    """Without a token."""
    setenv("HF_TOKEN", "")
