"""Responses that begin before the whole request is sent."""

from __future__ import annotations

import io
import re
import ssl
from typing import TYPE_CHECKING, Final

from hub_typed.http.tcp import AnySocket

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__: list[str] = []

_STATUS_SIZE: Final = len("HTTP/1.1 413")
_REFUSAL: Final = re.compile(rb"HTTP/1\.\d [3-9]")
NOT_READY: Final = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)
"""Errors of a socket that would have to wait."""


class RequestRefusedError(BrokenPipeError):
    """The server refused a request before its end. After a `BrokenPipeError`, urllib3 reads the response."""


class EarlyResponse:
    """The first bytes of a response to a request that is still being sent.

    Attributes:
        received: The bytes.
        is_expected: Whether more bytes are needed to know if the response is a refusal.
    """

    def __init__(self) -> None:
        self.received: bytes = b""
        self.is_expected: bool = True

    @property
    def is_refusal(self) -> bool:
        """Whether the server does not want the rest of the request: it redirects, or reports an error."""
        return _REFUSAL.match(self.received) is not None

    def receive(self, sock: AnySocket) -> None:
        """Receive what has arrived, without waiting: a part of the response, its end, or only a message of TLS."""
        seconds = sock.gettimeout()
        sock.settimeout(0)
        try:
            piece = sock.recv(_STATUS_SIZE - len(self.received))
        except NOT_READY:
            return
        finally:
            sock.settimeout(seconds)
        self.received += piece
        self.is_expected = bool(piece) and len(self.received) < _STATUS_SIZE


class ContinuedStream(io.RawIOBase):
    """Stream that begins with bytes that were received before."""

    def __init__(self, received: bytes, rest: io.RawIOBase) -> None:
        self._received = received
        self._rest = rest

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int | None:
        """Read the next bytes into a buffer, and return their number."""
        if not self._received:
            return self._rest.readinto(buffer)
        room = memoryview(buffer)
        piece, self._received = self._received[: len(room)], self._received[len(room) :]
        room[: len(piece)] = piece
        return len(piece)

    def close(self) -> None:
        """Close the stream of the rest, too."""
        self._rest.close()
        super().close()
