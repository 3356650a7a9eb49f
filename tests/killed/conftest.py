"""Processes that are killed halfway, against a Hub that holds their requests where a test chooses."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from hub_typed.local import LocalHub
from tests.programs import PATIENCE, Program


@pytest.fixture
def partials(tmp_path: Path) -> Callable[[], list[int]]:
    """Gives the bytes of each file that is there in part."""

    def sizes() -> list[int]:
        found: list[int] = []
        for path in tmp_path.rglob("*.incomplete"):
            with suppress(FileNotFoundError):  # it was completed just now
                found.append(path.stat().st_size)
        return found

    return sizes


class Gate:
    """Holds back what large files have after so many bytes, until it is opened."""

    def __init__(self, hub: LocalHub) -> None:
        self.position = 0
        self._opened = threading.Event()
        self._opened.set()
        self._read = hub.hub.lfs.read
        hub.hub.lfs.read = self._pieces

    def close(self, position: int) -> None:
        """From now on, give no byte from this one on."""
        self.position = position
        self._opened.clear()

    def open(self) -> None:
        """Give everything."""
        self._opened.set()

    def _pieces(self, oid: str, start: int, stop: int) -> Iterator[bytes]:
        if not self._opened.is_set():
            held = min(max(start, self.position), stop)
            yield from self._read(oid, start, held)
            self._opened.wait(PATIENCE)
            start = held
        yield from self._read(oid, start, stop)


@pytest.fixture
def gate(local_hub: LocalHub) -> Iterator[Gate]:
    """Stands before the Hub's large files, open."""
    made = Gate(local_hub)
    yield made
    made.open()


@pytest.fixture
def ended() -> Callable[[Program], str]:
    """Gives what a program printed, which must come to a good end."""

    def printed(program: Program) -> str:
        result, complaint = program.communicate(timeout=PATIENCE)
        assert program.returncode == 0, complaint
        assert complaint == ""
        return result.removesuffix("\n")

    return printed
