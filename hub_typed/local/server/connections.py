"""Connections of uvicorn, with timeouts and a maximum number that protect other clients."""

from __future__ import annotations

import asyncio
import os
import socket
import time
from typing import Any, Final, Protocol, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from hub_typed.local.server.socket_body import SocketBody

__all__ = ["CONNECTION", "CONNECTION_CLASS", "MAX_CONNECTIONS", "Connection"]

HEAD_TIMEOUT: Final = 30.0
"""Seconds within which the headers of a request must arrive, counted from the connection or the first byte."""
STALLED_TIMEOUT: Final = 120.0
"""Seconds within which a client must read more of a pending response."""
MAX_CONNECTIONS: Final = 512
CONNECTION: Final = "hub_typed.connection"
"""Name of the connection in the state of an ASGI scope."""


class Connection(Protocol):
    """What an application may do with the connection of its request."""

    @property
    def transport(self) -> asyncio.Transport:
        """Its transport."""
        ...

    def socket_body(self, size: int) -> SocketBody | None:
        """Give away the body of the present request, so that a worker reads it; ``None`` if it has arrived.

        Args:
            size: Size of the body in bytes.
        """
        ...

    async def abort(self) -> None:
        """Close the connection at once; on return, uvicorn knows."""
        ...


class _Connection(H11Protocol):
    """Connection that is closed when its client stalls while sending a request or reading a response.

    If there are too many connections, the one whose client has been silent longest is closed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.last_active: float = time.monotonic()
        self._head_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None
        self._gave_body_away = False

    @property
    def busy(self) -> bool:
        """Whether a request is in progress."""
        cycle: RequestResponseCycle | None = getattr(self, "cycle", None)  # missing before the first request
        return cycle is not None and not cycle.response_complete

    @property
    def silent(self) -> bool:
        """Whether the client must act: start a request, send more of a body, or read more of a response."""
        return not self.busy or self.conn.their_state is h11.SEND_BODY or self._stalled_timer is not None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        super().connection_made(transport)
        self.app_state = {**self.app_state, CONNECTION: self}
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, transport.abort)
        if len(self.connections) > MAX_CONNECTIONS:
            self._make_room()

    def _make_room(self) -> None:
        """Close a connection if there are too many; this new one only if no other client is silent."""
        known = cast("set[object]", self.connections)
        # Closed connections remain in the set until the event loop is idle.
        opened = [one for one in known if isinstance(one, _Connection) and not one.transport.is_closing()]
        if len(opened) > MAX_CONNECTIONS:
            waiting = [one for one in opened if one is not self and one.silent]
            min(waiting, key=lambda one: one.last_active, default=self).transport.abort()

    def data_received(self, data: bytes) -> None:
        self.last_active = time.monotonic()
        super().data_received(data)
        if self.busy:
            self._stop_head_timer()
        elif self._head_timer is None:  # the start of another request
            self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self.transport.abort)

    def socket_body(self, size: int) -> SocketBody | None:
        if not self.cycle.more_body or self.transport.is_closing():
            return None
        self.flow.pause_reading()
        start, self.cycle.body = bytes(self.cycle.body), bytearray()
        duplicate = socket.socket(fileno=os.dup(self.transport.get_extra_info("socket").fileno()))
        self._gave_body_away = True
        return SocketBody(duplicate, start, size, self.transport.is_closing)

    def on_response_complete(self) -> None:
        self.last_active = time.monotonic()
        if self._gave_body_away:  # h11 still waits for that body
            self._gave_body_away = False
            self.conn = h11.Connection(h11.SERVER)
        super().on_response_complete()

    async def abort(self) -> None:
        self.transport.abort()
        await asyncio.sleep(0)

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


CONNECTION_CLASS: Final[type[asyncio.Protocol]] = _Connection
"""Class of connections for uvicorn."""
