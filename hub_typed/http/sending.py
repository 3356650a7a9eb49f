"""Sending over a socket: time counts only while the peer takes no byte."""

from __future__ import annotations

import select
import time
from typing import Final, cast

from hub_typed.http.early_response import NOT_READY, EarlyResponse, RequestRefusedError
from hub_typed.http.tcp import AnySocket, unacknowledged_bytes

__all__: list[str] = []

PIECE_SIZE: Final = 1 << 18
"""Maximum number of bytes that are passed to the socket at once."""
CHECK_INTERVAL: Final = 0.1
"""Seconds between two looks at the bytes on their way."""


class SendTimeoutError(Exception):
    """The peer took no byte of a request for too long. It is no OSError, which urllib3 would convert."""


def send_all(sock: AnySocket, data: bytes | memoryview, seconds: float, response: EarlyResponse | None = None) -> None:
    """Send bytes.

    Args:
        seconds: Time limit in which the peer takes no byte.
        response: Receives the beginning of a response that arrives meanwhile.

    Raises:
        SendTimeoutError: The peer took no byte in that time.
        RequestRefusedError: The response is a refusal, so the rest was not sent.
        OSError: The connection broke.
    """
    rest = memoryview(data)
    while rest:
        _wait_until_writable(sock, seconds, response)
        try:
            rest = rest[sock.send(cast("bytes", rest[:PIECE_SIZE])) :]  # SSLTransport accepts any buffer, too
        except NOT_READY:
            continue  # TLS has encrypted the piece and sent a part of it, and expects the same one again
        except TimeoutError:  # over TLS within the TLS of a proxy, whose sockets must block
            raise SendTimeoutError from None


def wait_until_sent(sock: AnySocket, seconds: float, response: EarlyResponse) -> None:
    """Wait until the peer has taken all bytes or begins to respond, as far as the system tells; see `send_all`."""
    limit = _IdleLimit(sock, seconds)
    while response.is_expected and not response.received:
        events = _wait_for(sock, select.POLLIN)
        if events & ~select.POLLIN:
            return  # the connection broke
        if events:
            response.receive(sock)
        elif not limit.check():
            return


def _wait_until_writable(sock: AnySocket, seconds: float, response: EarlyResponse | None) -> None:
    limit = _IdleLimit(sock, seconds)
    while True:
        awaits_response = response is not None and response.is_expected
        events = _wait_for(sock, select.POLLOUT | (select.POLLIN if awaits_response else 0))
        if response is not None and events & select.POLLIN:
            response.receive(sock)
            if response.is_refusal:
                raise RequestRefusedError
        if events & ~select.POLLIN:  # to send on a broken connection raises its error
            return
        limit.check()


def _wait_for(sock: AnySocket, events: int) -> int:
    """Wait for events of a socket up to the next check, and return those that occurred."""
    poll = select.poll()
    poll.register(sock.fileno(), events)
    return next((found for _, found in poll.poll(CHECK_INTERVAL * 1000)), 0)


class _IdleLimit:
    """Limit of the time in which the peer of a socket takes no byte."""

    def __init__(self, sock: AnySocket, seconds: float) -> None:
        self._sock = sock
        self._seconds = seconds
        self._end_time = time.monotonic() + seconds
        self._on_their_way: int | None = None

    def check(self) -> int | None:
        """Return the number of bytes on their way; ``None`` where the system does not tell.

        Raises:
            SendTimeoutError: It has not changed for too long.
        """
        now = time.monotonic()
        before, self._on_their_way = self._on_their_way, unacknowledged_bytes(self._sock)
        if self._on_their_way != before:
            self._end_time = now + self._seconds
        elif now >= self._end_time:
            raise SendTimeoutError
        return self._on_their_way
