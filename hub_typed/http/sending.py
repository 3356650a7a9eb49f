"""Sending over a socket: time counts only while the peer takes no byte."""

from __future__ import annotations

import select
import time
from typing import Final, cast

from hub_typed.http.tcp import AnySocket, is_tls, unacknowledged_bytes

__all__: list[str] = []

PIECE_SIZE: Final = 1 << 18
"""Maximum number of bytes that are passed to the socket at once."""
CHECK_INTERVAL: Final = 0.1
"""Seconds between two looks at the bytes on their way."""
TLS_CHECK_INTERVAL: Final = 0.005
"""The same over TLS after something was received, which may be the response or a message of TLS."""


class SendTimeoutError(Exception):
    """The peer took no byte of a request for too long. It is no OSError, which urllib3 would convert."""


def send_all(sock: AnySocket, data: bytes | memoryview, seconds: float) -> None:
    """Send bytes.

    Args:
        seconds: Time limit in which the peer takes no byte.

    Raises:
        SendTimeoutError: The peer took no byte in that time.
        OSError: The connection broke.
    """
    rest = memoryview(data)
    poll = _poll(sock, select.POLLOUT)
    while rest:
        limit = _IdleLimit(sock, seconds)
        while not poll.poll(CHECK_INTERVAL * 1000):
            limit.check()
        try:
            rest = rest[sock.send(cast("bytes", rest[:PIECE_SIZE])) :]  # SSLTransport accepts any buffer, too
        except TimeoutError:  # over TLS, where a write may take several steps
            raise SendTimeoutError from None


def wait_until_sent(sock: AnySocket, seconds: float) -> None:
    """Wait until the peer has taken all bytes or begins to respond, as far as the system tells; see `send_all`."""
    limit = _IdleLimit(sock, seconds)
    poll = _poll(sock, select.POLLIN)
    while True:
        found = poll.poll(CHECK_INTERVAL * 1000)
        if found and (not is_tls(sock) or found[0][1] != select.POLLIN):
            return
        if not limit.check():
            return
        if found:
            time.sleep(TLS_CHECK_INTERVAL)


def _poll(sock: AnySocket, event: int) -> select.poll:
    poll = select.poll()
    poll.register(sock.fileno(), event)
    return poll


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
