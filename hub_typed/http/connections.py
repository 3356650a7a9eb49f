"""Connections of urllib3 that can be shut down while they connect, send or receive."""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final, cast

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hub_typed.errors import Delivery
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.connect import connect
from hub_typed.http.early_response import ContinuedStream, EarlyResponse
from hub_typed.http.sending import send_all, wait_until_sent
from hub_typed.http.tcp import AnySocket, TcpState, tcp_socket, tcp_state

__all__: list[str] = []

INTERIM_LIMIT = 20
"""Maximum number of interim (1xx) responses before a response."""


class RequestScope:
    """A request on its connection, which another thread can shut down.

    Attributes:
        cancellation: Cancels the request.
        delivery: How much of the request the server may have received; see `TransportError`.
        is_cut_off: Whether the rest of the request was not sent, since the server responded or the connection broke.
        early_response: What was received of the response while the request was sent.
    """

    def __init__(
        self,
        cancellation: Cancellation | None,
        *,
        has_body: bool,
        write_timeout: float,
        on_sent: Callable[[], None],
    ) -> None:
        """Begin with a request that has no connection yet.

        Args:
            write_timeout: Seconds in which the server takes no byte of the request until it times out.
            on_sent: Called when the server has taken the last byte.
        """
        self.delivery: Delivery = "none"
        self._write_timeout = write_timeout
        self.is_cut_off: bool = False
        self.early_response: EarlyResponse = EarlyResponse()
        self.cancellation = cancellation
        self._has_body = has_body
        self._on_sent = on_sent
        self._connection: StoppableConnection | None = None
        self._response: urllib3.BaseHTTPResponse | None = None
        self._state_before: TcpState | None = None

    def check(self) -> None:
        """Raise if the request was cancelled.

        Raises:
            CancelledError: The request was cancelled.
        """
        if self.cancellation is not None:
            self.cancellation.check()

    def enter(self, connection: StoppableConnection) -> None:
        """Set the connection, and shut it down if the request is already cancelled."""
        self._connection = connection
        if self.cancellation is not None and self.cancellation.stopped:
            connection.shut_down()

    def send(self, sock: AnySocket, data: bytes | memoryview) -> None:
        """Send the next bytes of the request; see `send_all`."""
        if self.delivery == "none":
            self.delivery, self._state_before = "unknown", tcp_state(sock)
            # TLS within the TLS of a proxy cannot continue a write that would have to wait.
            sock.settimeout(0 if tcp_socket(sock) is sock else self._write_timeout)
        try:
            send_all(sock, data, self._write_timeout, self.early_response if self._has_body else None)
        except OSError as error:
            self.is_cut_off = True  # urllib3 receives a response that may have come before
            if isinstance(error, ssl.SSLEOFError):
                raise BrokenPipeError(*error.args) from error  # as without TLS
            raise

    def sent(self, sock: AnySocket) -> None:
        """Wait until the server has taken the request, after its last byte was passed to the socket."""
        if self._has_body:
            wait_until_sent(sock, self._write_timeout, self.early_response)
        if not self.is_cut_off:
            self.delivery = "complete"
        self._on_sent()

    def leave(self, connection: StoppableConnection, sock: AnySocket) -> None:
        """Check what the server has taken before the connection is closed."""
        before = self._state_before
        if connection is self._connection and before is not None and (now := tcp_state(sock)) is not None:
            self._state_before = None
            # A server that closed the connection earlier than it took a byte never reads the request.
            if now.ended_by_peer and now.acknowledged == before.acknowledged:
                self.delivery = "none"

    def read(self, response: urllib3.BaseHTTPResponse) -> None:
        """Set the response. Once it is read, it has no connection, which may then serve another request."""
        self._response = response
        if self.cancellation is not None and self.cancellation.stopped:
            self.shut_down()

    def shut_down(self) -> None:
        """Shut down the socket of the request; called when it is cancelled."""
        connection = self._connection if self._response is None else self._response.connection
        if isinstance(connection, StoppableConnection):
            connection.shut_down()


class _CurrentRequest(threading.local):
    """Thread-local state.

    Attributes:
        scope: Belongs to the request that this thread sends.
    """

    scope: RequestScope | None = None


current_request: Final = _CurrentRequest()


class ReceivedResponse(http.client.HTTPResponse):
    """Response of http.client that can be received into given memory, and that skips all interim responses."""

    fp: io.BufferedReader

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        scope = current_request.scope
        if scope is not None and scope.early_response.received:
            rest = self.fp.detach()
            self.fp = io.BufferedReader(ContinuedStream(scope.early_response.received, rest))

    def begin(self) -> None:
        """Receive status and headers. After an incomplete request, the connection ends with the response."""
        super().begin()
        scope = current_request.scope
        if scope is not None and scope.is_cut_off:
            self.will_close: bool = True  # the server may take a next request for the rest of this one

    def _read_status(self) -> tuple[str, int, str]:
        """Skip all interim responses (RFC 9110, 15.2); http.client skips only 100."""
        for _ in range(INTERIM_LIMIT):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # missing in the stubs
            if not 100 <= found[1] < 200 or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found  # pyright: ignore[reportUnknownVariableType]  # likewise
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {INTERIM_LIMIT} interim (1xx) responses")

    @property
    def has_plain_body(self) -> bool:
        """Whether the next bytes of the connection are the body itself, of a known length."""
        return self.length is not None and not self.chunked and "content-encoding" not in self.headers

    def receive_into(self, room: memoryview) -> int:
        """Receive the next bytes of a plain body with at most one system call; return 0 at its end.

        Raises:
            http.client.IncompleteRead: The connection ended before the body.
        """
        left = self.length or 0
        if not left or self.isclosed():
            return 0
        count: int = self.fp.readinto1(room[:left])
        if not count:
            self.close()
            raise http.client.IncompleteRead(b"", left)
        self.length: int | None = left - count
        if not self.length:
            self.close()  # the connection may serve another request
        return count


class StoppableConnection(HTTPConnection):
    """Connection whose socket is shut down when its request is cancelled, also while connecting."""

    debuglevel = 0  # overrides the level of http.client, which would print whole requests
    response_class: type[http.client.HTTPResponse] = ReceivedResponse
    _response_sock: socket.socket | None = None
    _handshake_sock: socket.socket | None = None
    _requesting: bool = False

    def _new_conn(self) -> socket.socket:
        scope = current_request.scope
        try:
            sock = connect(
                self._dns_host,
                self.port,
                seconds=self.timeout,
                options=self.socket_options or (),
                check=_never_raises if scope is None else scope.check,
            )
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, f"connection to {self.host} timed out") from error
        except OSError as error:
            message = f"Failed to establish a new connection: {error}"
            raise urllib3.exceptions.NewConnectionError(self, message) from error
        sys.audit("http.client.connect", self, self.host, self.port)
        return sock

    def connect(self) -> None:
        """Connect, with proxy and TLS."""
        self._enter_scope()
        super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        self._enter_scope()
        self._requesting = True
        try:
            super().request(*args, **kwargs)
        finally:
            self._requesting = False

    def send(self, data: Any) -> None:
        """Send bytes of a request, or of the question to a proxy for a tunnel."""
        scope = current_request.scope
        if scope is None or not self._requesting:
            super().send(data)
            return
        if self.sock is None:
            self.connect()
        scope.send(cast("AnySocket", self.sock), data)

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # the same as in urllib3
        self._response_sock = self.sock  # http.client releases it if the response ends with the connection
        self._enter_scope()
        if current_request.scope is not None and self.sock is not None:
            current_request.scope.sent(self.sock)
        return super().getresponse()

    def close(self) -> None:
        """Close the connection."""
        if current_request.scope is not None and self.sock is not None:
            current_request.scope.leave(self, self.sock)
        super().close()

    def _enter_scope(self) -> None:
        if current_request.scope is not None:
            current_request.scope.enter(self)

    def shut_down(self) -> None:
        """Shut down the socket in both directions, which wakes up blocked calls."""
        sock = self._handshake_sock or self.sock or self._response_sock
        if sock is not None:
            with suppress(OSError):
                # SSLSocket.shutdown() would first remove the TLS layer, even from a thread that is reading.
                socket.socket.shutdown(tcp_socket(sock), socket.SHUT_RDWR)


class StoppableTlsConnection(StoppableConnection, HTTPSConnection):
    """Connection over TLS whose socket is shut down when its request is cancelled."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        self._handshake_sock = sock.dup()  # `sock` loses its file descriptor when the handshake begins
        return sock

    def connect(self) -> None:
        """Connect, with proxy and TLS."""
        try:
            super().connect()
        finally:
            duplicate, self._handshake_sock = self._handshake_sock, None
            if duplicate is not None:
                duplicate.close()


def _never_raises() -> None:
    """Check that never raises, for requests without a cancellation."""


class Pool(HTTPConnectionPool):
    ConnectionCls = StoppableConnection  # pyright: ignore[reportAssignmentType]  # urllib3's own class does not match its protocol either


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = StoppableTlsConnection  # pyright: ignore[reportAssignmentType]  # likewise
