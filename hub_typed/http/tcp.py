"""TCP connections: what the operating system knows of the bytes on their way, and the options of new sockets."""

from __future__ import annotations

import socket
import struct
import sys
from contextlib import suppress
from typing import Final, Protocol, cast

import attrs

__all__: list[str] = []

UNSENT_LIMIT: Final = 1 << 18
"""Bytes that a socket takes ahead of the line, so that what it took is almost sent, whatever the size of its buffer."""
SO_NWRITE: Final = 0x1024
"""Socket option of macOS, which the module `socket` lacks: bytes that the peer has not acknowledged."""
_ENDED_BY_PEER: Final = (7, 8)
"""States of Linux (TCP_CLOSE, TCP_CLOSE_WAIT) after the peer reset or closed the connection."""
_BYTES_ACKED_AT: Final = 120
"""Offset of ``tcpi_bytes_acked`` in ``struct tcp_info`` of Linux."""


class AnySocket(Protocol):
    """Socket of a connection; that of urllib3 for TLS within the TLS of a proxy is none of the module `socket`."""

    def fileno(self) -> int:
        """Return the number of the file."""
        ...

    def send(self, data: bytes, /) -> int:
        """Send the first bytes, and return their number."""
        ...

    def recv(self, bufsize: int, /) -> bytes:
        """Receive the next bytes; none at the end."""
        ...

    def gettimeout(self) -> float | None:
        """Return the time limit of single calls in seconds."""
        ...

    def settimeout(self, value: float | None, /) -> None:
        """Set the time limit of single calls in seconds."""
        ...


def tcp_socket(sock: AnySocket) -> socket.socket:
    """Return the socket below the TLS within the TLS of a proxy, or the same socket."""
    return cast("socket.socket", getattr(sock, "socket", sock))


def socket_options() -> list[tuple[int, int, int]]:
    """Return the options of new sockets, as arguments of `socket.socket.setsockopt`."""
    options = [(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)]
    if unsent := getattr(socket, "TCP_NOTSENT_LOWAT", None):
        options.append((socket.IPPROTO_TCP, unsent, UNSENT_LIMIT))
    return options


def unacknowledged_bytes(sock: AnySocket) -> int | None:
    """Return how many written bytes the peer has not acknowledged; ``None`` where the system does not tell."""
    with suppress(OSError, ImportError):
        if sys.platform == "linux":
            from fcntl import ioctl
            from termios import TIOCOUTQ

            return int.from_bytes(ioctl(sock.fileno(), TIOCOUTQ, bytes(4)), sys.byteorder)
        if sys.platform == "darwin":
            return tcp_socket(sock).getsockopt(socket.SOL_SOCKET, SO_NWRITE)
    return None


@attrs.frozen
class TcpState:
    """State of a connection.

    Attributes:
        acknowledged: Number of bytes that the peer has acknowledged so far.
        ended_by_peer: Whether the peer has reset or closed the connection.
    """

    acknowledged: int
    ended_by_peer: bool


def tcp_state(sock: AnySocket) -> TcpState | None:
    """Return the state of a connection; ``None`` where the system does not tell."""
    if sys.platform != "linux":
        return None
    with suppress(OSError, struct.error):
        info = tcp_socket(sock).getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return TcpState(struct.unpack_from("=Q", info, _BYTES_ACKED_AT)[0], info[0] in _ENDED_BY_PEER)
    return None
