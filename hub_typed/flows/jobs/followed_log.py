"""The log of a job over several connections, each of which begins with lines that are known already."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Final

from hub_typed.http.event_streams import connected_events
from hub_typed.http.io import Io
from hub_typed_api.models import LogEvent
from hub_typed_api.operations import jobs as operations

__all__: list[str] = []

SILENCE: Final = 120.0
"""Seconds without a byte after which a connection is given up; the Hub sends a keep-alive every 30 seconds."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


class FollowedLog:
    """A log that is read line by line, each line once.

    The Hub sends a log from its first line, or the last lines of it. A whole log is continued by the number of its
    lines. The place of last lines in the whole log is unknown, so they are continued by the time and the text of the
    last one.
    """

    def __init__(self, io: Io, owner: str, job_id: str, tail: int | None) -> None:
        self._io = io
        self._owner = owner
        self._job_id = job_id
        self._tail = tail  # None as soon as the place in the whole log is known
        self._count = 0  # lines received; of the whole log, if there is no tail
        self._time = _NEVER  # of the last line
        self._texts: list[str] = []  # of the last lines, as far as they have the same time

    async def connect(self) -> AsyncGenerator[LogEvent | None, None]:
        """Iterate over the new lines of another connection; ``None`` stands for a keep-alive."""
        is_known = self._tail is None
        tail = None if self._count else self._tail
        stream = operations.stream_job_logs(self._owner, self._job_id, tail=tail)
        skip = self._count if is_known else 0
        search = _Search(self._time, self._texts) if self._count and not is_known else None
        position = 0
        connection = connected_events(self._io, stream, timeout=SILENCE, skip=skip)
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
