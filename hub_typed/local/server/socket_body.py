"""Bodies of large requests, which a worker reads from the socket itself instead of the event loop."""

from __future__ import annotations

import io
import select
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from hub_typed.local.errors import HubResponseError
from hub_typed.local.incoming_request import IncompleteBodyError
from hub_typed.local.server.body_pace import BodyPace, too_slow

__all__ = ["SocketBody"]

PIECE_SIZE: Final = 1 << 18
CHECK_INTERVAL: Final = 0.5
"""Seconds between two looks whether the connection is being closed by this side."""


class SocketBody(io.RawIOBase):
    """The rest of a body of known size; bytes after it, of the next request, are left in the socket.

    Args:
        connection: A duplicate of the connection's socket, which the event loop does not read meanwhile.
        start: Bytes of the body that the event loop has received.
        size: Size of the body in bytes.
        is_closing: Whether the server closes the connection.
    """

    def __init__(self, connection: socket.socket, start: bytes, size: int, is_closing: Callable[[], bool]) -> None:
        self.received: int = 0
        self._connection = connection
        self._start = start
        self._size = size
        self._is_closing = is_closing
        self._pace = BodyPace()
        self._poll = select.poll()
        self._poll.register(connection.fileno(), select.POLLIN)

    @property
    def is_complete(self) -> bool:
        """Whether all bytes were read."""
        return self.received == self._size

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        """Read at most ``size`` bytes.

        Raises:
            IncompleteBodyError: The connection broke.
            HubResponseError: 408, the body arrives too slowly.
        """
        if size < 0:
            return self.readall()
        wanted = min(size, self._size - self.received, PIECE_SIZE)
        if not wanted:
            return b""
        if self._start:
            piece, self._start = self._start[:wanted], self._start[wanted:]
        else:
            piece = self._receive(wanted)
        self.received += len(piece)
        return piece

    def discard(self, most: int, seconds: float) -> None:
        """Read and discard the rest, for a short time."""
        with suppress(IncompleteBodyError, HubResponseError):
            self._pace = BodyPace(seconds)
            while most > 0 and (piece := self.read(most)):
                most -= len(piece)

    def close(self) -> None:
        """Close the duplicate of the socket."""
        super().close()
        self._connection.close()

    def _receive(self, size: int) -> bytes:
        while True:
            try:
                piece = self._connection.recv(size)
            except BlockingIOError:
                self._wait()
                continue
            except OSError:  # the connection was reset
                raise IncompleteBodyError from None
            if not piece:
                raise IncompleteBodyError
            return piece

    def _wait(self) -> None:
        """Wait for bytes, or the end of the connection."""
        left = self._pace.seconds_left(self.received)
        while not self._poll.poll(min(left, CHECK_INTERVAL) * 1000):
            if self._is_closing():
                raise IncompleteBodyError
            left -= CHECK_INTERVAL
            if left <= 0:
                raise too_slow()
