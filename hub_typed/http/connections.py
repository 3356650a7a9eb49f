"""Connections of urllib3 that can be shut down while they connect, send or wait."""

from __future__ import annotations

import http.client
import socket
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager, suppress
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hub_typed.http.cancellation import Cancellation
from hub_typed.http.connect import connect

__all__: list[str] = []

INTERIM_LIMIT = 20
"""1xx answers that may come before an answer."""


sending = threading.local()
"""The cancellation that the request sent by this thread stands under."""


class _FinalResponse(http.client.HTTPResponse):
    """Skips all interim responses (RFC 9110, 15.2); http.client skips only 100."""

    def _read_status(self) -> tuple[str, int, str]:
        for _ in range(INTERIM_LIMIT):
            found: tuple[str, int, str] = super()._read_status()  # type: ignore[misc]  # in no stub
            if not 100 <= found[1] < 200 or found[1] == http.client.SWITCHING_PROTOCOLS:
                return found  # pyright: ignore[reportUnknownVariableType]  # likewise
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException(f"more than {INTERIM_LIMIT} interim (1xx) answers")


class StoppableConnection(HTTPConnection):
    """Connection whose socket is shut down when its request is cancelled, also while connecting."""

    debuglevel = 0  # whatever http.client's own is, which would print whole requests
    response_class = _FinalResponse
    _carrier: socket.socket | None = None
    _handshaking: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        cancellation: Cancellation | None = getattr(sending, "cancellation", None)
        try:
            made = connect(
                self._dns_host,
                self.port,
                seconds=self.timeout,
                options=self.socket_options or (),
                check=_unchecked if cancellation is None else cancellation.check,
            )
        except socket.gaierror as error:
            raise urllib3.exceptions.NameResolutionError(self.host, self, error) from error
        except TimeoutError as error:
            raise urllib3.exceptions.ConnectTimeoutError(self, f"connection to {self.host} timed out") from error
        except OSError as error:
            message = f"Failed to establish a new connection: {error}"
            raise urllib3.exceptions.NewConnectionError(self, message) from error
        sys.audit("http.client.connect", self, self.host, self.port)
        return made

    def connect(self) -> None:
        """Connect, with proxy and TLS."""
        with self._stopped_on_demand():
            super().connect()

    def request(self, *args: Any, **kwargs: Any) -> None:
        with self._stopped_on_demand():
            super().request(*args, **kwargs)

    def getresponse(self) -> urllib3.HTTPResponse:  # type: ignore[override]  # as urllib3 has it
        self._carrier = self.sock  # which http.client lets go of where the answer ends with the connection
        with self._stopped_on_demand():
            return super().getresponse()

    @contextmanager
    def _stopped_on_demand(self) -> Generator[None, None, None]:
        cancellation: Cancellation | None = getattr(sending, "cancellation", None)
        if cancellation is None:
            yield
            return
        cancellation.add(self.shut_down)
        try:
            yield
        finally:
            cancellation.remove(self.shut_down)

    def shut_down(self) -> None:
        """Shut down both directions, which wakes up blocked calls."""
        carrier = self._handshaking or self.sock or self._carrier
        carrier = getattr(carrier, "socket", carrier)  # TLS inside the TLS of a proxy
        if carrier is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown(), which takes the encryption away first, also from who is just reading.
                socket.socket.shutdown(carrier, socket.SHUT_RDWR)


class StoppableTlsConnection(StoppableConnection, HTTPSConnection):
    """The same over TLS."""

    def _new_conn(self) -> socket.socket:
        made = super()._new_conn()
        self._handshaking = made.dup()  # `made` gives its descriptor away when the handshake begins
        return made

    def connect(self) -> None:
        """Connect, with proxy and TLS."""
        try:
            super().connect()
        finally:
            duplicate, self._handshaking = self._handshaking, None
            if duplicate is not None:
                duplicate.close()


def _unchecked() -> None:
    """Default check that never cancels."""


class Pool(HTTPConnectionPool):
    ConnectionCls = StoppableConnection  # pyright: ignore[reportAssignmentType]  # nor is urllib3's own class its own protocol


class TlsPool(HTTPSConnectionPool):
    ConnectionCls = StoppableTlsConnection  # pyright: ignore[reportAssignmentType]  # likewise
