"""Kept connections that the server closed: noticed before they are used, or while the next request is sent."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import threading

import pytest

from hub_typed.errors import TransportError
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.io import drive
from hub_typed.http.send import send_request
from hub_typed.http.thread_io import ThreadIo
from hub_typed.http.transport import Urllib3Transport
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Source

LONG = 20
"""Timeout of these tests in seconds."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
RESET = struct.pack("ii", 1, 0)
"""Value of SO_LINGER with which a closed socket resets its connection."""


class LeavingServer:
    """Server that answers the first request of each connection and leaves it when it is told to.

    Attributes:
        reads: Whether it receives the second request of the first connection before it leaves.
        heard: Methods of the requests it received.
        told: Set to let it leave the first connection.
    """

    def __init__(self, tls, *, reset, reads=False):
        self.heard = []
        self.told, self._left = threading.Event(), threading.Event()
        self._tls, self._reset, self._reads = tls, reset, reads
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}/x"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                with contextlib.suppress(OSError):
                    self._serve(sock)

    def _serve(self, sock):
        if self._tls:
            sock = self._tls.wrap_socket(sock, server_side=True)
        with sock:
            self._receive(sock)
            sock.sendall(OK)
            if self._left.is_set():
                sock.recv(1)
                return
            if self._reads:
                self._receive(sock)
            self.told.wait(LONG)
            if self._reset:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
        self._left.set()

    def _receive(self, sock):
        head = sock.recv(10_000)
        while not head.endswith(b"\r\n\r\n" if head.startswith(b"GET") else b"body"):
            head += sock.recv(10_000)
        self.heard.append(head.partition(b" ")[0].decode())

    def leave(self):
        """Leave the first connection."""
        self.told.set()
        assert self._left.wait(LONG)

    def close(self):
        self._listener.close()


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(tls, **how):
            server = LeavingServer(tls, **how)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture(params=["plain", "tls"])
def security(request):
    return request.getfixturevalue("tls") if request.param == "tls" else None


@pytest.fixture(params=[ThreadIo, AsyncIo])
def io(request, certificate):
    settings = Settings(endpoint="http://hub.test", ca_bundle=certificate, proxies={}, backoff=0.1)
    made = request.param(settings, Urllib3Transport(settings), False, {"user-agent": "test/1"})
    yield made
    made.close()


def run(io, flow):
    return drive(flow) if isinstance(io, ThreadIo) else asyncio.run(flow)


def get(server):
    return Request(operation="x.y", method="GET", path=server.url)


def post(server, body=b"body"):
    """A request that is sent once, unless nothing of it can have arrived."""
    return Request(operation="commits.create_commit", method="POST", path=server.url, body=body, retry=False)


resets = pytest.mark.parametrize("reset", [True, False], ids=["reset", "closed"])


@resets
def test_a_connection_that_was_left_is_noticed_before_it_is_used(serve, io, security, reset):
    server = serve(security, reset=reset)
    assert run(io, send_request(io, get(server))).body == b"ok"
    server.leave()
    assert run(io, send_request(io, post(server), single_attempt=True)).body == b"ok"
    assert server.heard == ["GET", "POST"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell what was received")
@resets
@pytest.mark.parametrize("body", [b"body", Source(lambda: [b"bo", b"dy"], 4)], ids=["bytes", "source"])
def test_a_request_that_the_server_cannot_have_received_is_sent_again(
    serve, io, security, reset, body, monkeypatch: pytest.MonkeyPatch
):
    """The server leaves the connection after the check, whatever the request does."""
    monkeypatch.setattr("urllib3.connectionpool.is_connection_dropped", lambda _: False)
    server = serve(security, reset=reset)
    assert run(io, send_request(io, get(server))).body == b"ok"
    server.leave()
    assert run(io, send_request(io, post(server, body))).body == b"ok"
    assert server.heard == ["GET", "POST"]


@resets
def test_a_request_that_the_server_may_have_received_is_not_sent_again(serve, io, security, reset):
    server = serve(security, reset=reset, reads=True)
    assert run(io, send_request(io, get(server))).body == b"ok"
    server.told.set()
    with pytest.raises(TransportError) as caught:
        run(io, send_request(io, post(server)))
    assert caught.value.delivery != "none"
    assert server.heard == ["GET", "POST"]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell what was received")
def test_a_request_that_arrived_is_not_sent_again_though_the_server_did_not_read_it(serve, io):
    """The system of the server has received it, so that the server may have read it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def leave():
            with listener.accept()[0] as sock:
                sock.recv(4)  # the start of the head: the rest has arrived, too
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)

        leaving = threading.Thread(target=leave)
        leaving.start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        request = Request(operation="x.y", method="POST", path=url, body=b"body", retry=False)
        with pytest.raises(TransportError) as caught:
            run(io, send_request(io, request))
        assert caught.value.delivery != "none"
        leaving.join(LONG)


def test_a_request_that_cannot_connect_is_sent_again_whatever_its_method(io, monkeypatch):
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/x"

        def listen(*_):
            reserved.listen()
            sock, _ = reserved.accept()
            with sock:
                sock.recv(10_000)
                sock.sendall(OK)

        timer = threading.Timer(0.1, listen)
        timer.start()
        request = Request(operation="x.y", method="POST", path=url, body=b"body", retry=False)
        monkeypatch.setattr(io, "random", lambda: 1.0)
        assert run(io, send_request(io, request)).body == b"ok"
        timer.join(LONG)
