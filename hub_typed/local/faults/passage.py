"""What a fault does to a body while its bytes pass: bytes, pauses and the end of the connection, in order.

Both transports follow these steps: the one over sockets waits and breaks the connection, the one in the same process
raises the errors that a client would raise.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from hub_typed.local.faults.model import Drip, Fault, Part, Reset, Stall, Truncated, WrongBytes

__all__ = ["Cut", "Passage", "Pause", "Step", "cut_at"]

DRIP_INTERVAL: Final = 0.05
"""Seconds between the pieces of a slow body, unless its rate is lower than a byte in this time."""


@attrs.frozen
class Pause:
    """Nothing passes for some seconds; ``None`` for ever."""

    seconds: float | None


@attrs.frozen
class Cut:
    """The connection ends: by a reset, or in good order."""

    reset: bool


Step: TypeAlias = bytes | Pause | Cut


def cut_at(fault: Fault | None, part: Part, size: int | None) -> int | None:
    """Return the bytes of a body that pass before its connection ends; ``None`` if all do.

    Args:
        size: Size of the body; ``None`` if it is unknown.
    """
    return _position(fault, part, size) if isinstance(_event(fault, part), Cut) else None


class Passage:
    """The passage of one body.

    Args:
        size: Size of the body; ``None`` if it is unknown.
    """

    def __init__(self, fault: Fault | None, part: Part, size: int | None = None) -> None:
        self._fault = fault
        self._event = _event(fault, part)
        self._at = _position(fault, part, size)
        self._rate = fault.bytes_per_second if isinstance(fault, Drip) and fault.of == part else None
        self._wrong = fault if isinstance(fault, WrongBytes) and part == "response" else None
        self._passed = 0

    @property
    def is_disturbed(self) -> bool:
        """Whether anything happens to the body."""
        return self._event is not None or self._rate is not None or self._wrong is not None

    def begin(self) -> Iterator[Step]:
        """Return the steps before the first byte; for a response, before its headers."""
        if self._at == 0:
            yield from self._take_event()

    def take(self, piece: bytes) -> Iterator[Step]:
        """Return the steps of the next bytes."""
        if self._wrong is not None:
            piece = _damaged(piece, self._wrong.at - self._passed, self._wrong.count)
        before = self._at - self._passed
        self._passed += len(piece)
        if self._event is not None and before <= len(piece):
            yield from self._slowly(piece[:before])
            yield from self._take_event()
            piece = piece[before:]
        yield from self._slowly(piece)

    def end(self) -> Iterator[Step]:
        """Return the steps after the last byte."""
        yield from self._take_event()

    def _take_event(self) -> Iterator[Step]:
        event, self._event = self._event, None
        if event is not None:
            yield event

    def _slowly(self, piece: bytes) -> Iterator[Step]:
        if self._rate is None:
            if piece:
                yield piece
            return
        length = max(1, int(self._rate * DRIP_INTERVAL))
        for start in range(0, len(piece), length):
            part = piece[start : start + length]
            yield Pause(len(part) / self._rate)
            yield part


def _event(fault: Fault | None, part: Part) -> Pause | Cut | None:
    if isinstance(fault, Reset) and fault.of == part:
        return Cut(reset=True)
    if isinstance(fault, Truncated) and part == "response":
        return Cut(reset=False)
    if isinstance(fault, Stall) and fault.of == part:
        return Pause(fault.seconds)
    return None


def _position(fault: Fault | None, part: Part, size: int | None) -> int:
    """Return the bytes that pass before the event of a fault; those of a response never include its last byte."""
    wanted = fault.at if isinstance(fault, Truncated) else fault.after if isinstance(fault, Reset | Stall) else 0
    return wanted if size is None or part == "request" else min(wanted, max(size - 1, 0))


def _damaged(piece: bytes, start: int, count: int) -> bytes:
    """Return a piece with other bytes from a position on, which may be before or after the piece."""
    first, last = max(start, 0), min(start + count, len(piece))
    if first >= last:
        return piece
    return piece[:first] + bytes(byte ^ 0xFF for byte in piece[first:last]) + piece[last:]
