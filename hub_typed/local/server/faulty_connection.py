"""Faults of connections: receives and sends the messages of one request as its fault demands."""

from __future__ import annotations

import asyncio
import fcntl
import math
import socket
import struct
import termios
import time
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from contextlib import suppress
from typing import Any, Final, TypeAlias

from hub_typed.local.faults.model import ClosedConnection, Fault
from hub_typed.local.faults.passage import Cut, Passage, Pause, Step

__all__ = ["FaultyConnection", "Message", "Receive", "Send"]

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

POLL_INTERVAL: Final = 0.02
"""Seconds between two looks whether the client or the Hub has ended a pause."""
TCP_ESTABLISHED: Final = 1
"""State of a connection that neither side has closed, see tcp(7)."""
RECEIVE_BUFFER: Final = 1 << 16
"""Bytes that the operating system buffers of a body that is received slowly or not at all."""


class FaultyConnection:
    """The connection of a request with a fault, in place of its ASGI channels.

    Args:
        transport: Transport of the connection.
        has_response_body: Whether the method of the request allows a body in the response.
        is_stopping: Whether the Hub stops, which ends all pauses.
    """

    def __init__(
        self,
        fault: Fault,
        receive: Receive,
        send: Send,
        *,
        transport: asyncio.Transport,
        has_response_body: bool,
        is_stopping: Callable[[], bool],
    ) -> None:
        self._fault = fault
        self._receive = receive
        self._send = send
        self._transport = transport
        self._has_response_body = has_response_body
        self._is_stopping = is_stopping
        self._request = Passage(fault, "request")
        self._response = Passage(fault, "response")
        self._cut: Cut | None = None
        self._broken = False
        if self._request.is_disturbed:
            _socket(transport).setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    async def receive(self) -> Message:
        """Receive the next bytes of the body; at the end of the connection, call `end_request`."""
        if self._cut is not None or self._broken:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        more = message.get("more_body", False)
        body = await self._passed(self._request.take(message.get("body", b"")))
        if not more and self._cut is None:
            body += await self._passed(self._request.end())
        return {"type": "http.request", "body": body, "more_body": more or self._cut is not None}

    async def end_request(self) -> None:
        """Break the connection if that is what happens to the request, which has been recorded by now."""
        if self._cut is not None:
            await self._break(self._cut)

    async def _passed(self, steps: Iterable[Step]) -> bytes:
        passed = bytearray()
        for step in steps:
            if isinstance(step, bytes):
                passed += step
            elif isinstance(step, Cut):
                self._cut = step
                break
            elif not await self._pause(step):
                self._cut = Cut(reset=True)
                break
        return bytes(passed)

    async def send(self, message: Message) -> None:
        """Send the headers of a response, or the next bytes of its body; nothing after the end of the connection."""
        if message["type"] == "http.response.start":
            self._response = Passage(self._fault, "response", self._size(message))
            await self._follow(self._response.begin())
            await self._pass_on(message)
            return
        more = message.get("more_body", False)
        await self._follow(self._response.take(message.get("body", b"")))
        if not more:
            await self._follow(self._response.end())
        await self._pass_on({"type": "http.response.body", "body": b"", "more_body": more})
        if not more and isinstance(self._fault, ClosedConnection):
            self._transport.close()

    def _size(self, start: Message) -> int | None:
        if not self._has_response_body:
            return 0
        sizes = [int(value) for name, value in start["headers"] if name == b"content-length"]
        return sizes[0] if sizes else None

    async def _follow(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, bytes):
                await self._pass_on({"type": "http.response.body", "body": step, "more_body": True})
            elif isinstance(step, Cut):
                await self._break(step)
            elif not self._broken and not await self._pause(step):
                await self._break(Cut(reset=True))

    async def _pass_on(self, message: Message) -> None:
        if not self._broken:
            await self._send(message)

    async def _pause(self, pause: Pause) -> bool:
        """Pause; return whether the client is still there, and the Hub goes on."""
        end = math.inf if pause.seconds is None else time.monotonic() + pause.seconds
        while (left := end - time.monotonic()) > 0:
            if self._is_stopping() or self._transport.is_closing() or _is_closed(self._transport):
                return False
            await asyncio.sleep(min(left, POLL_INTERVAL))
        return True

    async def _break(self, cut: Cut) -> None:
        if self._broken:
            return
        self._broken = True
        if cut.reset:
            await self._until_delivered()
            with suppress(OSError):  # the client has closed it
                _socket(self._transport).setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._transport.abort()
        else:
            self._transport.close()
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _until_delivered(self) -> None:
        """Wait until the client's system has all bytes that were sent: a reset discards those that are under way."""
        while not self._transport.is_closing() and not self._is_stopping():
            if not self._transport.get_write_buffer_size() and not _unacknowledged(self._transport):
                return
            await asyncio.sleep(0.001)


def _socket(transport: asyncio.Transport) -> socket.socket:
    found: socket.socket = transport.get_extra_info("socket")
    return found


def _is_closed(transport: asyncio.Transport) -> bool:
    """Whether the client has closed its end, which asyncio does not notice while it does not read."""
    try:
        state = _socket(transport).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]
    except OSError:
        return True
    return state != TCP_ESTABLISHED


def _unacknowledged(transport: asyncio.Transport) -> int:
    """Return the bytes that the other side has not acknowledged."""
    try:
        answer = fcntl.ioctl(_socket(transport).fileno(), termios.TIOCOUTQ, bytes(4))
    except OSError:
        return 0
    return int.from_bytes(answer, "little")
