"""Bodies that are sent over slow, stopped and broken connections, to servers that take a few bytes at a time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import sys
import threading
import time

import pytest

from hub_typed.errors import CancelledError, HfHubHTTPError, HubTimeoutError
from hub_typed.http.async_io import AsyncIo
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.early_response import EarlyResponse
from hub_typed.http.io import drive
from hub_typed.http.send import send_request
from hub_typed.http.sending import PIECE_SIZE, SendTimeoutError, send_all, wait_until_sent
from hub_typed.http.tcp import socket_options, unacknowledged_bytes
from hub_typed.http.thread_io import ThreadIo
from hub_typed.http.transport import Urllib3Transport
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Source

LONG = 20
"""Timeout of these tests in seconds."""
IDLE = 0.3
"""Time limit of a step in these tests, in seconds; the whole body takes several times as long."""
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"
SIZE = 600_000


class SlowServer:
    """Server that receives each body at a limited rate, with a small buffer.

    Attributes:
        rate: Bytes per second.
        most: Bytes of bodies after which it receives no more.
        answers: What it answers to each request in turn, the last one to all others: the seconds after which it
            answers, and what; ``None`` to reset the connection.
        bodies: Number of bytes received of the body of each request.
    """

    def __init__(self, tls=None, *, rate=1e9, most=1 << 60, answers=((0, OK),)):
        self.rate = rate
        self.most = most
        self.answers = list(answers)
        self.bodies = []
        self.closing = threading.Event()
        self._tls = tls
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)  # inherited by its connections
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.address = self._listener.getsockname()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self.address[1]}/x"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with sock:
                while self._receive(sock):
                    wait, answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
                    self.closing.wait(wait)
                    if answer is None:
                        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        return
                    sock.sendall(answer)

    def _receive(self, sock):
        held = b""
        while b"\r\n\r\n" not in held:
            piece = sock.recv(1000)
            if not piece:
                return False
            held += piece
        head, _, held = held.partition(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        number, began = len(self.bodies), time.monotonic()
        self.bodies.append(len(held))
        while self.bodies[number] < length:
            if self.bodies[number] >= self.most:
                self.closing.wait(LONG)
            piece = sock.recv(min(8192, length - self.bodies[number]))
            if not piece:
                return False
            self.bodies[number] += len(piece)
            time.sleep(max(0.0, self.bodies[number] / self.rate - (time.monotonic() - began)))
        return True

    def close(self):
        self.closing.set()
        self._listener.close()


@pytest.fixture(params=["plain", "tls"])
def security(request):
    return request.getfixturevalue("tls") if request.param == "tls" else None


@pytest.fixture
def serve():
    """Start servers that are closed after the test."""
    with contextlib.ExitStack() as stack:

        def start(tls=None, **how):
            server = SlowServer(tls, **how)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def settings(request):
    """Make settings with short time limits that trust the certificate of the tests."""

    def make(**more):
        usual = {
            "endpoint": "http://hub.test",
            "connect_timeout": IDLE,
            "write_timeout": IDLE,
            "read_timeout": IDLE,
            "backoff": 0.01,
            "proxies": {},
        }
        if "certificate" in request.fixturenames or "security" in request.fixturenames:
            usual["ca_bundle"] = request.getfixturevalue("certificate")
        return Settings(**{**usual, **more})

    return make


@pytest.fixture
def transport(settings):
    with contextlib.ExitStack() as stack:

        def make(**more):
            made = Urllib3Transport(settings(**more))
            stack.callback(made.close)
            return made

        yield make


@pytest.fixture(params=["threads", "loop"])
def run(request, settings):
    """Send a request with retries by the synchronous and by the asynchronous client."""

    def send(asked, **more):
        known = settings(**more)
        kind = ThreadIo if request.param == "threads" else AsyncIo
        io = kind(known, Urllib3Transport(known), False, {"user-agent": "test/1"})
        try:
            flow = send_request(io, asked)
            return drive(flow) if kind is ThreadIo else asyncio.run(flow)
        finally:
            io.close()

    return send


def put(url, body, **more):
    return Request(operation="lfs.lfs_upload", method="PUT", path=url, body=body, **more)


def one_piece(size=SIZE):
    return Source(lambda: [b"x" * size], size)


bodies = pytest.mark.parametrize("body", [one_piece(), b"x" * SIZE], ids=["source", "bytes"])


# Slow connections


@bodies
def test_a_body_that_moves_slowly_is_sent_once_however_long_it_takes(serve, transport, security, body):
    server = serve(security, rate=SIZE / (4 * IDLE))
    began = time.monotonic()
    assert transport().send(put(server.url, body), timeout=IDLE).body == b"ok"
    assert time.monotonic() - began > 3 * IDLE
    assert server.bodies == [SIZE]


@bodies
def test_a_body_that_stops_to_move_times_out(serve, transport, security, body):
    server = serve(security, most=50_000)
    began = time.monotonic()
    with pytest.raises(HubTimeoutError, match=rf"took no byte of the request for {IDLE} s.*write_timeout") as caught:
        transport(connect_timeout=LONG).send(put(server.url, body), timeout=LONG)
    assert time.monotonic() - began < 2
    assert caught.value.delivery == "unknown"


def test_the_time_of_the_response_begins_when_the_server_has_taken_the_body(serve, transport, security):
    """The buffer of the socket holds the whole body long before."""
    size = 200_000
    server = serve(security, rate=size / (4 * IDLE))
    cancellation = Cancellation(seconds=2 * IDLE)
    got = transport().send(put(server.url, one_piece(size)), timeout=IDLE, cancellation=cancellation)
    assert got.body == b"ok"


def test_a_slow_response_is_not_waited_for_longer_than_allowed(serve, transport, security):
    server = serve(security, answers=[(LONG, OK)])
    with pytest.raises(HubTimeoutError, match=r"no complete response within 0\.3 s.*answer_timeout") as caught:
        transport().send(put(server.url, one_piece()), timeout=LONG, cancellation=Cancellation(seconds=0.3))
    assert caught.value.delivery == "complete"


class TunnelServer:
    """Proxy over TLS that connects everything to one server."""

    def __init__(self, tls, target):
        self._tls, self._target = tls, target
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"https://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        with contextlib.suppress(OSError):
            near = self._tls.wrap_socket(self._listener.accept()[0], server_side=True)
            near.recv(1000)
            near.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
            far = socket.create_connection(self._target)
            threading.Thread(target=self._pass_on, args=(far, near), daemon=True).start()
            self._pass_on(near, far)

    @staticmethod
    def _pass_on(source, target):
        with contextlib.suppress(OSError), source, target:
            while piece := source.recv(8192):
                target.sendall(piece)

    def close(self):
        self._listener.close()


def test_a_body_moves_slowly_over_tls_within_the_tls_of_a_proxy(serve, transport, tls, certificate):
    size = 2 * SIZE  # the proxy holds a part of it
    server = serve(tls, rate=size / (4 * IDLE))
    with contextlib.closing(TunnelServer(tls, server.address)) as proxy:
        carrier = transport(proxies={"https": proxy.url}, read_timeout=LONG)
        assert carrier.send(put(server.url, one_piece(size)), timeout=LONG).body == b"ok"
    assert server.bodies == [size]


@pytest.mark.parametrize("taken", [50_000, 1 << 30], ids=["sending", "waiting"])
def test_a_cancellation_ends_an_upload_at_once(serve, transport, security, taken):
    server, cancellation = serve(security, most=taken, answers=[(LONG, OK)]), Cancellation()
    threading.Timer(0.3, cancellation.stop).start()
    began = time.monotonic()
    with pytest.raises(CancelledError):
        transport(write_timeout=LONG, connect_timeout=LONG).send(
            put(server.url, one_piece()), timeout=LONG, cancellation=cancellation
        )
    assert time.monotonic() - began < 1.3


def test_a_socket_gets_small_pieces_and_what_it_did_not_take_again():
    class Recording:
        def __init__(self, sock):
            self.fileno, self.sizes = sock.fileno, []

        def send(self, piece):
            self.sizes.append(len(piece))
            return PIECE_SIZE // 2

    near, far = socket.socketpair()
    with near, far:
        recording = Recording(near)
        send_all(recording, b"x" * (2 * PIECE_SIZE), LONG)
    assert recording.sizes == [PIECE_SIZE, PIECE_SIZE, PIECE_SIZE, PIECE_SIZE // 2]


@pytest.fixture
def pair():
    """A connection between two sockets, which the second one does not read."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        with socket.create_connection(listener.getsockname()) as near, listener.accept()[0] as far:
            for option in socket_options():
                near.setsockopt(*option)
            yield near, far


@pytest.mark.skipif(sys.platform != "linux", reason="other systems tell less")
def test_nothing_is_waited_for_once_everything_is_taken_or_a_response_begins(pair):
    near, far = pair
    near.sendall(b"x")
    wait_until_sent(near, LONG, EarlyResponse())
    assert unacknowledged_bytes(near) == 0
    near.settimeout(0.1)
    with contextlib.suppress(TimeoutError):
        near.sendall(b"x" * (1 << 20))
    with pytest.raises(SendTimeoutError):
        wait_until_sent(near, 0.2, EarlyResponse())
    response = EarlyResponse()
    far.sendall(b"response")
    wait_until_sent(near, LONG, response)
    assert response.received == b"response"


# Retries


def test_an_upload_is_not_sent_again_because_the_response_is_slow(serve, run):
    server = serve(answers=[(LONG, OK)])
    with pytest.raises(HubTimeoutError):
        run(put(server.url, one_piece()), answer_timeout=0.3)
    assert server.bodies == [SIZE]


def test_a_response_to_an_upload_may_take_longer_than_others(serve, run):
    server = serve(answers=[(3 * IDLE, OK)])
    assert run(put(server.url, one_piece())).body == b"ok"
    assert server.bodies == [SIZE]


def test_a_read_is_sent_again_if_its_response_is_slow(serve, run):
    server = serve(answers=[(4 * IDLE, OK), (0, OK)])
    assert run(Request(operation="x.y", method="GET", path=server.url)).body == b"ok"
    assert len(server.bodies) == 2


@pytest.mark.parametrize("answer", [BUSY, None], ids=["error", "reset"])
def test_an_upload_is_sent_again_after_an_error_and_a_broken_connection(serve, run, answer):
    server = serve(answers=[(0, answer), (0, OK)])
    assert run(put(server.url, one_piece())).body == b"ok"
    assert server.bodies == [SIZE, SIZE]


def test_an_upload_that_stops_to_move_is_sent_again(serve, run):
    server = serve(most=50_000)

    def recover():
        while not server.bodies or server.bodies[0] < 50_000:
            time.sleep(0.01)
        server.most = 1 << 60

    threading.Thread(target=recover).start()
    assert run(put(server.url, one_piece())).body == b"ok"
    assert server.bodies[-1] == SIZE


# Responses before the end of the body


def refusal(status, headers="", text='{"error": "not this one"}'):
    return f"HTTP/1.1 {status} Refused\r\n{headers}Content-Length: {len(text)}\r\n\r\n{text}".encode()


class RefusingServer:
    """Server that responds to the first requests after some bytes of their bodies.

    Attributes:
        refusals: What it answers to each request in turn, before the end of its body; others get ``OK`` after it.
        then: What it does after a refusal: ``read`` the rest, ``stop`` reading, ``close`` or ``reset`` the connection.
        bodies: Number of bytes received of the body of each request.
        connections: Number of connections.
    """

    def __init__(self, tls, refusals, then):
        self.refusals = list(refusals)
        self.then = then
        self.bodies = []
        self.connections = 0
        self.closing = threading.Event()
        self._tls = tls
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen()
        self.url = f"http{'s' if tls else ''}://127.0.0.1:{self._listener.getsockname()[1]}/x"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # so that no response waits to be sent
                self.connections += 1
                threading.Thread(target=self._serve, args=(sock,), daemon=True).start()

    def _serve(self, sock):
        with contextlib.suppress(OSError):
            if self._tls:
                sock = self._tls.wrap_socket(sock, server_side=True)
            with sock, sock.makefile("rb") as received:
                while lines := self._head(received):
                    length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-le"))
                    number = len(self.bodies)
                    self.bodies.append(0)
                    if self.refusals:
                        self._read(received, number, 10_000)
                        sock.sendall(self.refusals.pop(0))
                        if self.then == "stop":
                            self.closing.wait(LONG)
                        if self.then == "reset":
                            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        if self.then != "read":
                            return
                        self._read(received, number, length)
                    else:
                        self._read(received, number, length)
                        sock.sendall(OK)

    def _head(self, received):
        """Return the lines of the next request; none at the end of the connection."""
        lines = []
        while (line := received.readline()) not in {b"\r\n", b""}:
            lines.append(line)
        return lines

    def _read(self, received, number, end):
        while self.bodies[number] < end and (piece := received.read1(min(8192, end - self.bodies[number]))):
            self.bodies[number] += len(piece)

    def close(self):
        self.closing.set()
        self._listener.close()


@pytest.fixture
def refuse():
    with contextlib.ExitStack() as stack:

        def start(*refusals, tls=None, then="read"):
            server = RefusingServer(tls, refusals, then)
            stack.callback(server.close)
            return server

        yield start


BIG = 1 << 28
"""Size of a body that takes long to send."""


def endless():
    def pieces():
        for _ in range(BIG >> 18):
            yield bytes(1 << 18)

    return Source(pieces, BIG)


@pytest.mark.parametrize("then", ["read", "stop", "close", "reset"])
@pytest.mark.parametrize("status", [307, 413, 503])
def test_a_body_ends_with_the_response_that_refuses_it(refuse, transport, security, status, then):
    server = refuse(refusal(status), tls=security, then=then)
    carrier = transport(write_timeout=LONG, connect_timeout=LONG)
    got = carrier.send(put(server.url, endless()), timeout=LONG)
    assert (got.status, got.body) == (status, b'{"error": "not this one"}')
    assert server.bodies[0] < BIG // 4
    assert carrier.send(put(server.url, one_piece(10)), timeout=LONG).body == b"ok"
    assert server.connections == 2


def test_a_refusal_whose_text_is_cut_off_keeps_its_status(refuse, transport, security):
    server = refuse(refusal(413)[:-10], tls=security, then="close")
    carrier = transport(write_timeout=LONG, connect_timeout=LONG)
    assert carrier.send(put(server.url, endless()), timeout=LONG).status == 413


def test_a_body_is_sent_to_its_end_after_a_response_that_accepts_it(refuse, transport, security):
    server = refuse(OK, tls=security)
    carrier = transport(write_timeout=LONG, connect_timeout=LONG)
    for _ in range(2):
        assert carrier.send(put(server.url, one_piece()), timeout=LONG).body == b"ok"
    assert server.bodies == [SIZE, SIZE]
    assert server.connections == 1


def test_an_upload_that_is_refused_with_503_before_its_end_is_sent_again(refuse, run):
    server = refuse(refusal(503), then="close")
    assert run(put(server.url, one_piece())).body == b"ok"
    assert server.bodies[1] == SIZE


def test_the_error_of_an_upload_that_is_refused_before_its_end_is_that_of_the_response(refuse, run):
    server = refuse(refusal(413), then="reset")
    with pytest.raises(HfHubHTTPError, match="not this one"):
        run(put(server.url, endless()))
    assert len(server.bodies) == 1


# Rate


def test_bodies_are_sent_at_the_rate_of_the_settings(serve, transport):
    server, carrier = serve(), transport(max_upload_rate=100_000)
    began = time.monotonic()
    threads = [
        threading.Thread(target=carrier.send, args=[put(server.url, one_piece(30_000))], kwargs={"timeout": LONG})
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began > 0.45  # 0.6 s, of which 0.1 s are a credit
    assert server.bodies == [30_000, 30_000]


def test_a_wait_for_the_rate_of_an_upload_ends_when_it_is_cancelled(serve, transport):
    server, cancellation = serve(), Cancellation()
    threading.Timer(0.2, cancellation.stop).start()
    began = time.monotonic()
    with pytest.raises(CancelledError):
        transport(max_upload_rate=10).send(put(server.url, one_piece(60_000)), timeout=LONG, cancellation=cancellation)
    assert time.monotonic() - began < 1.2
