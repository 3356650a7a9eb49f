"""Logs as event streams, read line by line over several connections."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeAlias

from hub_typed.errors import HubTimeoutError
from hub_typed.http.event_streams import connected_events, reconnected_events
from hub_typed.http.io import Io
from hub_typed_api.models import LogEvent
from hub_typed_api.wire import Response, Stream

__all__: list[str] = []

SILENCE: Final = 120.0
"""Seconds without a byte after which a connection is given up; the Hub sends a keep-alive every 30 seconds."""
STORED_SILENCE: Final = 5.0
"""Seconds without a byte after which the stored lines are complete: the Hub does not say where they end."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)

Request: TypeAlias = Callable[[int | None], Stream[LogEvent]]
"""Request of a log: of its last lines, at most so many, or of the whole log."""


class LogStream:
    """A log that is read line by line, each line once.

    Each connection begins with lines that are known already: the first of the log, or its last ones. A whole log is
    continued by the number of its lines. The place of last lines in the whole log is unknown, so they are continued by
    the time and the text of the last one.
    """

    def __init__(self, io: Io, request: Request, tail: int | None) -> None:
        self._io = io
        self._request = request
        self._tail = tail  # None as soon as the place in the whole log is known
        self._count = 0  # lines received; of the whole log, if there is no tail
        self._time = _NEVER  # of the last line
        self._texts: list[str] = []  # of the last lines, as far as they have the same time
        self._answer: Response | None = None  # the first one

    def stored(self) -> AsyncGenerator[LogEvent, None]:
        """Iterate over the lines that the Hub has when it answers."""
        return reconnected_events(self._io, self._operation, self._stored_lines)

    def followed(self) -> AsyncGenerator[LogEvent, None]:
        """Iterate over the lines until the Hub ends the stream."""
        return reconnected_events(self._io, self._operation, self.connect)

    @property
    def _operation(self) -> str:
        return self._request(None).request.operation

    async def _stored_lines(self) -> AsyncGenerator[LogEvent, None]:
        """Iterate over the new stored lines of another connection."""
        connection = self.connect(STORED_SILENCE)
        try:
            async with aclosing(connection) as events:
                async for event in events:
                    if event is None:
                        continue
                    if self._is_later(event):
                        return
                    yield event
        except HubTimeoutError:
            if self._answer is None:
                raise

    def _is_later(self, event: LogEvent) -> bool:
        """Whether a line was written after the first answer, whose date is exact to a second."""
        date = None if self._answer is None else self._answer.headers.get("date")
        if date is None or event.timestamp is None:
            return False
        return event.timestamp > parsedate_to_datetime(date) + timedelta(seconds=1)

    async def connect(self, silence: float = SILENCE) -> AsyncGenerator[LogEvent | None, None]:
        """Iterate over the new lines of another connection; ``None`` stands for a keep-alive.

        Args:
            silence: Seconds without a byte until the connection times out.
        """
        is_known = self._tail is None
        stream = self._request(None if self._count else self._tail)
        skip = self._count if is_known else 0
        search = _Search(self._time, self._texts) if self._count and not is_known else None
        position = 0
        connection = connected_events(self._io, stream, timeout=silence, skip=skip, answered=self._note_answer)
        async with aclosing(connection) as events:
            async for event in events:
                if event is None:
                    yield None
                    continue
                position += 1
                if search is not None:
                    if not search.is_new(event):
                        continue
                    search, self._tail, self._count = None, None, position - 1
                self._count += 1
                self._remember(event)
                yield event

    def _note_answer(self, answer: Response) -> None:
        self._answer = self._answer or answer

    def _remember(self, event: LogEvent) -> None:
        time = event.timestamp or _NEVER
        if time != self._time:
            self._time, self._texts = time, []
        self._texts.append(event.data)


class _Search:
    """Search for the first new line in a log that is sent again from its beginning.

    Args:
        time: Time of the last known line.
        texts: The last known lines, as far as they have this time.
    """

    def __init__(self, time: datetime, texts: list[str]) -> None:
        self._time = time
        self._texts = deque(texts)
        self._window = deque[str](maxlen=len(texts))
        self._is_found = False

    def is_new(self, event: LogEvent) -> bool:
        time = event.timestamp or _NEVER
        if self._is_found or time > self._time:
            return True
        if time == self._time:
            self._window.append(event.data)
            self._is_found = self._window == self._texts
        return False
