"""Logs of events, kept from the first one on, which any number of readers follow as event streams."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from hub_typed.local.streams.live_body import Changes, LiveBody
from hub_typed_api.serve import Answer

__all__ = ["KEEP_ALIVE_INTERVAL", "EventLog", "event_stream", "sampled_stream"]

KEEP_ALIVE_INTERVAL: Final = 30.0
"""Seconds of silence after which a stream sends a comment, as on the real Hub."""
_KEEP_ALIVE: Final = b": keep-alive\n\n"
_HEADERS: Final = {"content-type": "text/event-stream", "cache-control": "no-cache"}


class EventLog:
    """Events in the order of their arrival, until the log is closed.

    A client that reconnects reads a log from its start and skips what it knows, so the first events are kept: at a
    limit, the last event tells that the log is full, and further ones are dropped.

    Args:
        full: Members of the event that tells that the log is full, in place of those of the first one that is dropped.
        max_events: Maximum number of events.
        max_bytes: Maximum size of all events as JSON.
    """

    def __init__(
        self,
        events: Iterable[Mapping[str, Any]] = (),
        *,
        full: Mapping[str, Any] | None = None,
        max_events: int = 100_000,
        max_bytes: int = 16 << 20,
    ) -> None:
        self._lock = threading.Lock()
        self._events = [dict(one) for one in events]
        self._full = full or {}
        self._max_events = max_events
        self._bytes_left = max_bytes
        self._is_full = False
        self._closed = False
        self.changes: Changes = Changes()

    @property
    def events(self) -> list[dict[str, Any]]:
        """All events so far."""
        with self._lock:
            return list(self._events)

    @property
    def is_closed(self) -> bool:
        """Whether no further event can come."""
        return self._closed

    def append(self, event: Mapping[str, Any]) -> None:
        """Add an event; after the end of the log, it is dropped."""
        with self._lock:
            if self._closed or self._is_full:
                return
            self._bytes_left -= len(json.dumps(event))
            self._is_full = self._bytes_left < 0 or len(self._events) >= self._max_events
            self._events.append({**event, **self._full} if self._is_full else dict(event))
        self.changes.tell()

    def close(self) -> None:
        """End the log, and with it the streams that follow it."""
        with self._lock:
            self._closed = True
        self.changes.tell()

    def after(self, position: int) -> tuple[list[dict[str, Any]], bool]:
        """Return the events from a position on, and whether the log is closed."""
        with self._lock:
            return self._events[position:], self._closed


def event_stream(log: EventLog, *, tail: int | None = None) -> Answer:
    """Respond with the events of a log and, until it is closed, those that come.

    Args:
        tail: Maximum number of events that are there already to send, the last ones; all by default.
    """

    def pieces() -> Iterator[bytes]:
        known = len(log.events)
        position = 0 if tail is None else max(known - tail, 0)
        silent = _Silence()
        while True:
            events, closed = log.after(position)
            position += len(events)
            if not events and closed:
                return
            yield silent.filled(b"".join(map(_event, events)))

    return _answer(pieces, log.changes)


def sampled_stream(
    sample: Callable[[], Mapping[str, Any] | None], *, name: str, interval: float, changes: Changes
) -> Answer:
    """Respond with the current values of something, at intervals.

    Args:
        sample: Returns the values; ``None`` at the end of the stream.
        name: Name of the events.
        interval: Seconds between two events.
        changes: Tells when `sample` may have come to its end.
    """

    def pieces() -> Iterator[bytes]:
        last: float | None = None
        while (values := sample()) is not None:
            if last is None or time.monotonic() - last >= interval:
                last = time.monotonic()
                yield f"event: {name}\n".encode() + _event(values)
            else:
                yield b""

    return _answer(pieces, changes)


class _Silence:
    """Puts a comment in the place of nothing, if there has been nothing for a long time."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    def filled(self, piece: bytes) -> bytes:
        if not piece and time.monotonic() - self._since >= KEEP_ALIVE_INTERVAL:
            piece = _KEEP_ALIVE
        if piece:
            self._since = time.monotonic()
        return piece


def _event(values: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(values)}\n\n".encode()


def _answer(pieces: Callable[[], Iterator[bytes]], changes: Changes) -> Answer:
    return Answer(headers=_HEADERS, body=LiveBody(pieces, changes=changes))
