"""Connections of the embedded Hub: uvicorn's, with limits on what one of them may take from the others."""

from __future__ import annotations

import asyncio
import time
from typing import Any, Final, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

__all__ = ["CONNECTION", "MAX_CONNECTIONS"]

HEAD_TIMEOUT: Final = 30.0
"""Seconds for the headers of a request to arrive, and for the first byte of a new connection."""
STALLED_TIMEOUT: Final = 120.0
"""Seconds in which a client must take something of an answer that waits for it."""
MAX_CONNECTIONS: Final = 512


class _Connection(H11Protocol):
    """A connection that is closed where its client does not get on with its request or takes no answer.

    Where there are too many, the one whose client has been silent longest makes room for a new one.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.heard_at: float = time.monotonic()
        self._head_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None

    @property
    def busy(self) -> bool:
        """Whether a request is being answered."""
        cycle: RequestResponseCycle | None = getattr(self, "cycle", None)  # of a connection without a request
        return cycle is not None and not cycle.response_complete

    @property
    def silent(self) -> bool:
        """Whether it is its client's turn: to begin a request, to go on with its body, or to take of an answer."""
        return not self.busy or self.conn.their_state is h11.SEND_BODY or self._stalled_timer is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, transport.abort)
        if len(self.connections) > MAX_CONNECTIONS:
            known = cast("set[object]", self.connections)
            waiting = [one for one in known if isinstance(one, _Connection) and one.silent]
            oldest = min(waiting, key=lambda one: one.heard_at, default=self)
            oldest.transport.abort()

    def data_received(self, data: bytes) -> None:
        self.heard_at = time.monotonic()
        super().data_received(data)
        if self.busy:
            self._stop_head_timer()
        elif self._head_timer is None:  # the beginning of another request
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def on_response_complete(self) -> None:
        self.heard_at = time.monotonic()
        super().on_response_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled_timer = self.loop.call_later(STALLED_TIMEOUT, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._stop_stalled_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_head_timer()
        self._stop_stalled_timer()
        super().connection_lost(exc)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _stop_stalled_timer(self) -> None:
        if self._stalled_timer is not None:
            self._stalled_timer.cancel()
            self._stalled_timer = None


CONNECTION: Final[type[asyncio.Protocol]] = _Connection
"""The class of connections, for uvicorn."""
