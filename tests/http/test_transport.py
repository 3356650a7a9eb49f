"""Requests over sockets, against small servers that behave correctly or incorrectly."""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import signal
import socket
import socketserver
import threading
import time
from dataclasses import dataclass

import attrs
import pytest

from hub_typed.errors import CancelledError, HubTimeoutError, ProtocolError, TransportError
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.io import BufferedSink
from hub_typed.http.transport import CHUNK_SIZE, Urllib3Transport
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Source

LONG = 20
"""Timeout of these tests in seconds."""


@dataclass
class Heard:
    """A received request."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    chunked: bool


class Server(socketserver.ThreadingTCPServer):
    """Server that responds to each request with the raw bytes returned by a function; ``None`` ends the connection."""

    daemon_threads = True

    def __init__(self, answer, tls=None):
        super().__init__(("127.0.0.1", 0), Connection)
        self.answer = answer
        self.tls = tls
        self.heard = []
        self.connections = 0
        self.over = threading.Event()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def get_request(self):
        sock, address = super().get_request()
        self.connections += 1
        if self.tls:  # the handshake runs with the first read, on the thread of the connection
            sock = self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request, client_address):
        """Ignore clients that disconnect early, which these tests provoke."""

    def stop(self):
        self.over.set()
        self.shutdown()
        self.server_close()


class Connection(socketserver.StreamRequestHandler):
    server: Server

    def handle(self):
        while (heard := self.read()) is not None:
            self.server.heard.append(heard)
            answered = self.server.answer(heard, self.wfile)
            if answered is None:
                return
            self.wfile.write(answered)

    def finish(self):
        with contextlib.suppress(OSError):
            super().finish()

    def read(self):
        first = self.rfile.readline()
        if not first:
            return None
        method, target, _ = first.decode().split(" ", 2)
        headers = {}
        while (line := self.rfile.readline().strip()) != b"":
            name, _, value = line.decode().partition(":")
            headers[name.lower()] = value.strip()
        chunked = headers.get("transfer-encoding") == "chunked"
        body = self.chunks() if chunked else self.rfile.read(int(headers.get("content-length", 0)))
        return Heard(method, target, headers, body, chunked)

    def chunks(self):
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found


def answer(body=b"", status="200 OK", length=None, **headers):
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def chunks(*pieces, end=True):
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + (b"0\r\n\r\n" if end else b"")


@pytest.fixture
def serve():
    """Start servers that are stopped after the test."""
    with contextlib.ExitStack() as stack:

        def start(reply, tls=None):
            server = Server(reply if callable(reply) else lambda heard, wfile: reply, tls)
            stack.callback(server.stop)
            return server

        yield start


@pytest.fixture
def transport():
    """Create transports that are closed after the test."""
    with contextlib.ExitStack() as stack:

        def make(**settings):
            made = Urllib3Transport(Settings(**settings))
            stack.callback(made.close)
            return made

        yield make


def get(url, method="GET", body=None, **headers):
    known = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(operation="files.download", method=method, path=url, headers=known, body=body)


class Gathered:
    """A sink that stores the chunks and calls a function after each."""

    def __init__(self, wanted=True, after=lambda: None):
        self.pieces = []
        self.head = None
        self._wanted = wanted
        self._after = after

    def begin(self, response):
        self.head = response
        return self._wanted

    def write(self, piece):
        self.pieces.append(piece)
        self._after()

    @property
    def body(self):
        return b"".join(self.pieces)


class Received(BufferedSink):
    """A sink that provides memory of its own, and stores what is received."""

    def __init__(self, room):
        self.body = bytearray()
        self._memory = memoryview(bytearray(room))

    def begin(self, response):
        return True

    def buffer(self):
        return self._memory

    def received(self, count):
        self.body += self._memory[:count]


# Requests and responses


def test_an_answer_comes_with_status_lower_case_headers_body_and_url(serve, transport):
    server = serve(answer(b"hello", "418 Teapot", X_Repo_Commit="abc"))
    got = transport().send(get(f"{server.url}/a?b=c", accept="text/plain"), timeout=LONG)
    assert (got.status, got.body, got.url) == (418, b"hello", f"{server.url}/a?b=c")
    assert got.headers["x-repo-commit"] == "abc"
    (heard,) = server.heard
    assert (heard.method, heard.target, heard.headers["accept"]) == ("GET", "/a?b=c", "text/plain")


def test_a_redirect_and_an_error_are_answers_like_others(serve, transport):
    for status in ("302 Found", "503 Busy"):
        server = serve(answer(b"there", status, Location="/elsewhere"))
        assert transport().send(get(f"{server.url}/"), timeout=LONG).body == b"there"
        assert len(server.heard) == 1


def test_one_connection_carries_many_requests(serve, transport):
    server, carrier = serve(answer(b"x")), transport()
    for _ in range(3):
        carrier.send(get(f"{server.url}/"), timeout=LONG)
        carrier.send(get(f"{server.url}/", method="HEAD"), sink=Gathered(), timeout=LONG)
        carrier.send(get(f"{server.url}/"), sink=Gathered(), timeout=LONG)
    assert (len(server.heard), server.connections) == (9, 1)


def test_after_close_a_new_connection_is_made(serve, transport):
    server, carrier = serve(answer(b"x")), transport()
    for _ in range(2):
        carrier.send(get(f"{server.url}/"), timeout=LONG)
        carrier.close()
    assert server.connections == 2


def test_a_connection_that_the_server_left_is_replaced(serve, transport):
    """The reset of an idle connection does not fail the next request."""
    ended = threading.Semaphore(0)

    def once(heard, wfile):
        wfile.write(answer(b"x"))
        wfile.flush()
        ended.release()

    server, carrier = serve(once), transport()
    for _ in range(3):
        assert carrier.send(get(f"{server.url}/"), timeout=LONG).body == b"x"
        assert ended.acquire(timeout=LONG)
        time.sleep(0.05)
    assert server.connections == 3


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_bytes_go_out_with_their_length(serve, transport, method):
    server = serve(answer())
    transport().send(get(f"{server.url}/", method, b"some bytes"), timeout=LONG)
    (heard,) = server.heard
    assert (heard.method, heard.body, heard.headers["content-length"]) == (method, b"some bytes", "10")


def test_a_source_goes_out_piece_by_piece_and_can_be_sent_again(serve, transport):
    server, carrier = serve(answer()), transport()
    opened = []

    def pieces():
        opened.append(True)
        return iter([b"ab" * CHUNK_SIZE, b"cd"])

    for size in (None, 2 * CHUNK_SIZE + 2):
        carrier.send(get(f"{server.url}/", "PUT", Source(pieces, size)), timeout=LONG)
    without, known = server.heard
    assert without.body == known.body == b"ab" * CHUNK_SIZE + b"cd"
    assert (without.chunked, "content-length" in without.headers) == (True, False)
    assert (known.chunked, known.headers["content-length"]) == (False, str(2 * CHUNK_SIZE + 2))
    assert len(opened) == 2


def test_a_sink_takes_the_body_piece_by_piece(serve, transport):
    content = os.urandom(3 * CHUNK_SIZE + 17)
    for reply in (answer(content), chunks(content[:100], content[100:])):
        sink = Gathered()
        got = transport().send(get(f"{serve(reply).url}/"), sink=sink, timeout=LONG)
        assert (got.body, sink.head.status, sink.body) == (b"", 200, content)
        assert max(map(len, sink.pieces)) <= CHUNK_SIZE


@pytest.mark.parametrize("room", [1, 100, 1 << 20])
def test_a_sink_with_memory_of_its_own_receives_any_body(serve, transport, room):
    content = os.urandom(5000 if room == 1 else 3 * CHUNK_SIZE + 17)
    compressed = answer(gzip.compress(content), Content_Encoding="gzip")
    for reply in (answer(content), chunks(content[:100], content[100:]), compressed, answer()):
        sink = Received(room)
        server, carrier = serve(reply), transport()
        for _ in range(2):
            carrier.send(get(f"{server.url}/"), sink=sink, timeout=LONG)
        assert sink.body == (b"" if reply == answer() else content * 2)
        assert server.connections == 1, "the connection is used again"


def test_a_sink_with_memory_of_its_own_receives_over_tls(serve, transport, certificate, tls):
    content = os.urandom(3 * CHUNK_SIZE + 17)
    sink = Received(1 << 20)
    transport(ca_bundle=certificate).send(get(f"{serve(answer(content), tls).url}/"), sink=sink, timeout=LONG)
    assert sink.body == content


def test_a_sink_with_memory_of_its_own_keeps_what_came_before_a_reset(serve, transport):
    def reset(heard, wfile):
        wfile.write(answer(b"x" * 1000, length=5000))

    sink = Received(1 << 20)
    with pytest.raises(TransportError):
        transport().send(get(f"{serve(reset).url}/"), sink=sink, timeout=LONG)
    assert sink.body == b"x" * 1000


def test_a_sink_with_memory_of_its_own_times_out(serve, transport):
    def silent(heard, wfile):
        wfile.write(answer(b"x" * 1000, length=5000))
        wfile.flush()
        time.sleep(1)

    sink = Received(1 << 20)
    with pytest.raises(HubTimeoutError, match=r"no data received for 0\.2 s"):
        transport().send(get(f"{serve(silent).url}/"), sink=sink, timeout=0.2)
    assert sink.body == b"x" * 1000


def test_an_error_of_a_sink_with_memory_of_its_own_is_passed_on(serve, transport):
    class Full(Received):
        def received(self, count):
            raise OSError(errno.ENOSPC, "No space left")

    with pytest.raises(OSError, match="No space left"):
        transport().send(get(f"{serve(answer(b'x' * 1000)).url}/"), sink=Full(100), timeout=LONG)


def test_the_headers_are_announced_before_the_body(serve, transport):
    class Ordered(Gathered):
        def begin(self, head):
            events.append("begin")
            return super().begin(head)

    events = []
    request = get(f"{serve(answer(b'body', X_Number='7')).url}/")
    request = attrs.evolve(request, answered=lambda head: events.append((head.status, head.headers["x-number"])))
    transport().send(request, sink=Ordered(), timeout=LONG)
    transport().send(request, timeout=LONG)
    assert events == [(200, "7"), "begin", (200, "7")]


def test_bodies_are_received_at_the_rate_of_the_settings(serve, transport):
    server, carrier = serve(answer(b"x" * 60_000)), transport(max_download_rate=200_000)
    sinks = [Gathered(), Gathered()]
    began = time.monotonic()
    threads = [
        threading.Thread(target=carrier.send, args=[get(f"{server.url}/")], kwargs={"sink": sink, "timeout": LONG})
        for sink in sinks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert time.monotonic() - began > 0.45  # 0.6 s, of which 0.1 s are a credit
    assert [len(sink.body) for sink in sinks] == [60_000, 60_000]
    assert max(map(len, sinks[0].pieces)) <= 200_000 / Settings().concurrency


def test_a_wait_for_the_rate_ends_when_it_is_cancelled(serve, transport):
    server, carrier = serve(answer(b"x" * 60_000)), transport(max_download_rate=10)
    cancellation, began = Cancellation(), time.monotonic()
    threading.Timer(0.2, cancellation.stop).start()
    with pytest.raises(CancelledError):
        carrier.send(get(f"{server.url}/"), sink=Gathered(), timeout=LONG, cancellation=cancellation)
    assert time.monotonic() - began < LONG / 2


def test_a_piece_is_there_before_the_next_one_is_sent(serve, transport):
    arrived = threading.Event()

    def slowly(heard, wfile):
        wfile.write(answer(b"first", length=11))
        wfile.flush()
        assert arrived.wait(LONG)
        return b"second"

    sink = Gathered(after=arrived.set)
    transport().send(get(f"{serve(slowly).url}/"), sink=sink, timeout=LONG)
    assert sink.body == b"firstsecond"


def test_a_body_that_the_sink_refuses_is_returned_with_the_response(serve, transport):
    sink = Gathered(wanted=False)
    got = transport().send(get(f"{serve(answer(b'reason', '404 No')).url}/"), sink=sink, timeout=LONG)
    assert (got.body, sink.pieces, sink.head.status) == (b"reason", [], 404)


def test_a_head_has_no_body_however_long_the_file_is(serve, transport):
    server = serve(answer(length=10**12, ETag='"abc"'))
    got = transport().send(get(f"{server.url}/", "HEAD"), timeout=LONG)
    assert (got.body, got.headers["content-length"]) == (b"", str(10**12))


def test_gzip_is_asked_for_and_taken_off_unless_the_caller_wants_the_bytes_as_they_are(serve, transport):
    content = b"a lot of text " * 50_000
    server, carrier = serve(answer(gzip.compress(content), Content_Encoding="gzip")), transport()
    sink = Gathered()
    assert carrier.send(get(f"{server.url}/"), timeout=LONG).body == content
    carrier.send(get(f"{server.url}/", accept_encoding="identity"), sink=sink, timeout=LONG)
    assert sink.body == content
    assert [heard.headers["accept-encoding"] for heard in server.heard] == ["gzip, deflate", "identity"]


# Failures


@pytest.mark.parametrize(
    "reply",
    [
        b"",
        b"SSH-2.0-OpenSSH_9\r\n",
        answer(b"half", length=8),
        chunks(b"half", end=False),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nhalf",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        answer(b"no gzip", Content_Encoding="gzip"),
    ],
    ids=["nothing", "other protocol", "length", "last chunk", "chunk", "no chunk", "no gzip"],
)
@pytest.mark.parametrize("sink", [None, Gathered])
def test_an_answer_that_ends_early_is_an_error(serve, transport, reply, sink):
    def leave(heard, wfile):
        wfile.write(reply)

    server = serve(leave)
    with pytest.raises(TransportError) as caught:
        transport().send(get(f"{server.url}/a?sig=secret"), sink=sink and sink(), timeout=LONG)
    assert not isinstance(caught.value, HubTimeoutError)
    assert f"files.download: GET {server.url}/a?..." in str(caught.value)
    assert "secret" not in str(caught.value)


def test_what_came_before_the_break_is_kept_to_the_byte(serve, transport):
    def reset(heard, wfile):
        wfile.write(answer(b"x" * 1000, length=5000))

    sink = Gathered()
    with pytest.raises(TransportError):
        transport().send(get(f"{serve(reset).url}/"), sink=sink, timeout=LONG)
    assert sink.body == b"x" * 1000


def test_a_refused_connection_is_not_reported_as_a_timeout(transport):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        with pytest.raises(TransportError, match="refused") as caught:
            transport().send(get(url), timeout=LONG)
    assert not isinstance(caught.value, HubTimeoutError)
    assert isinstance(caught.value, ConnectionError)


def test_the_error_of_an_unknown_host_names_it(transport, monkeypatch):
    def unknown(*_, **__):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(TransportError, match="resolve") as caught:
        transport().send(get("http://nowhere.invalid/"), timeout=LONG)
    assert not isinstance(caught.value, HubTimeoutError)


@pytest.mark.parametrize("url", ["http://127.0.0.1:bad/?sig=secret", "gopher://127.0.0.1/?sig=secret"])
def test_the_error_of_an_invalid_url_has_no_query(transport, url):
    with pytest.raises(ProtocolError) as caught:
        transport().send(get(url), timeout=LONG)
    assert "secret" not in str(caught.value)


def test_a_response_without_headers_times_out(serve, transport):
    server = serve(lambda heard, wfile: server.over.wait(LONG) and None)
    with pytest.raises(HubTimeoutError, match=r"no data received for 0\.1 s.*read_timeout") as caught:
        transport().send(get(f"{server.url}/?sig=secret"), timeout=0.1)
    assert isinstance(caught.value, TimeoutError)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("sink", [None, Gathered])
def test_a_body_that_stops_times_out(serve, transport, sink):
    def stall(heard, wfile):
        wfile.write(answer(b"half", length=8))
        wfile.flush()
        server.over.wait(LONG)

    server = serve(stall)
    with pytest.raises(HubTimeoutError, match=r"0\.1 s"):
        transport().send(get(f"{server.url}/"), sink=sink and sink(), timeout=0.1)


def test_a_slow_body_is_no_timeout(serve, transport):
    def drip(heard, wfile):
        wfile.write(answer(length=5))
        for _ in range(5):
            time.sleep(0.1)
            wfile.write(b"x")
            wfile.flush()
        return b""

    assert transport().send(get(f"{serve(drip).url}/"), timeout=0.4).body == b"xxxxx"


def test_a_connect_timeout_names_the_connect_timeout(transport):
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # fill the backlog
            knocking = waiting.enter_context(socket.socket())
            knocking.setblocking(False)
            knocking.connect_ex(full.getsockname())
        with pytest.raises(HubTimeoutError, match=r"no connection within 0\.1 s.*connect_timeout"):
            transport(connect_timeout=0.1).send(get(f"http://127.0.0.1:{full.getsockname()[1]}/"), timeout=LONG)


def test_an_error_of_the_sink_is_not_taken_for_one_of_the_connection(serve, transport):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    server, carrier = serve(answer(b"x" * 10 * CHUNK_SIZE)), transport()
    with pytest.raises(OSError, match="No space left") as caught:
        carrier.send(get(f"{server.url}/"), sink=Gathered(after=full), timeout=LONG)
    assert caught.value.errno == errno.ENOSPC
    assert not isinstance(caught.value, TransportError)


@pytest.mark.parametrize(
    "error", [FileNotFoundError("gone.bin"), ValueError("changed"), TransportError("of another request")]
)
def test_an_error_of_the_source_is_not_taken_for_one_of_the_connection(serve, transport, error):
    def pieces():
        yield b"some"
        raise error

    server = serve(answer())
    with pytest.raises(type(error)) as caught:
        transport().send(get(f"{server.url}/", "PUT", Source(pieces)), timeout=LONG)
    assert caught.value is error


def test_the_rest_of_an_answer_does_not_meet_the_next_request(serve, transport):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device")

    def twice(heard, wfile):
        return answer(b"x" * 1000) if heard.target == "/long" else answer(b"right")

    server, carrier = serve(twice), transport()
    with pytest.raises(OSError, match="No space"):
        carrier.send(get(f"{server.url}/long"), sink=Gathered(after=full), timeout=LONG)
    assert carrier.send(get(f"{server.url}/"), timeout=LONG).body == b"right"


def test_a_response_before_the_end_of_the_request_body_is_read(serve, transport):
    """A server that refuses an upload may not read its body."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def refuse():
            accepted, _ = listener.accept()
            accepted.recv(1 << 16)
            accepted.sendall(answer(b"too large", "413 Too large", Connection="close"))
            accepted.shutdown(socket.SHUT_WR)
            time.sleep(0.1)
            accepted.close()

        refusing = threading.Thread(target=refuse)
        refusing.start()
        body = Source(lambda: (b"x" * CHUNK_SIZE for _ in range(100)), 100 * CHUNK_SIZE)
        with contextlib.suppress(TransportError):  # the reset may arrive before the response
            got = transport().send(get(f"http://127.0.0.1:{listener.getsockname()[1]}/", "PUT", body), timeout=LONG)
            assert (got.status, got.body) == (413, b"too large")
        refusing.join(LONG)


# Cancellation


def stopped_after(begun, cancellation):
    """Cancel the request shortly after it has started to wait."""

    def stop():
        assert begun.wait(LONG)
        time.sleep(0.05)
        cancellation.stop()

    stopping = threading.Thread(target=stop)
    stopping.start()
    return stopping


def endless():
    while True:
        yield b"x" * CHUNK_SIZE


@pytest.mark.parametrize("body", [None, Source(endless, 1 << 40), Source(endless)], ids=["head", "sending", "chunks"])
def test_a_cancellation_ends_a_request_without_a_response(transport, body):
    cancellation, begun = Cancellation(), threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        begun.set()  # the kernel accepts every connection
        stopping = stopped_after(begun, cancellation)
        since = time.monotonic()
        with pytest.raises(CancelledError, match=r"files\.download"):
            transport().send(
                get(f"http://127.0.0.1:{deaf.getsockname()[1]}/", "PUT", body), timeout=LONG, cancellation=cancellation
            )
        assert time.monotonic() - since < 1
        stopping.join(LONG)


@pytest.mark.parametrize("sink", [None, Gathered])
@pytest.mark.parametrize(
    "begin",
    [answer(b"half", length=8), chunks(b"half", end=False), b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhalf"],
    ids=["length", "chunks", "until the end"],
)
def test_a_stop_ends_a_body_that_does_not_go_on(serve, transport, begin, sink):
    begun, cancellation = threading.Event(), Cancellation()

    def stall(heard, wfile):
        wfile.write(begin)
        wfile.flush()
        begun.set()
        server.over.wait(LONG)

    server, carrier = serve(stall), transport()
    stopping = stopped_after(begun, cancellation)
    since = time.monotonic()
    with pytest.raises(CancelledError):
        carrier.send(get(f"{server.url}/"), sink=sink and sink(), timeout=LONG, cancellation=cancellation)
    assert time.monotonic() - since < 1
    stopping.join(LONG)
    server.answer = lambda heard, wfile: answer(b"again")
    assert carrier.send(get(f"{server.url}/"), timeout=LONG, cancellation=Cancellation()).body == b"again"


def test_a_request_that_is_stopped_already_is_not_waited_for(serve, transport):
    cancellation = Cancellation()
    cancellation.stop()
    server = serve(lambda heard, wfile: server.over.wait(LONG) and None)
    with pytest.raises(CancelledError):
        transport().send(get(f"{server.url}/"), timeout=LONG, cancellation=cancellation)


def test_a_stop_after_the_body_does_not_touch_the_connection(serve, transport):
    """After the last byte was received, the connection may already serve another request."""
    cancellation, other = Cancellation(), []

    def meanwhile():
        other.append(carrier.send(get(f"{server.url}/"), timeout=LONG).body)
        cancellation.stop()

    server, carrier = serve(answer(b"x")), transport()
    with pytest.raises(CancelledError):
        carrier.send(get(f"{server.url}/"), sink=Gathered(after=meanwhile), timeout=LONG, cancellation=cancellation)
    carrier.send(get(f"{server.url}/"), timeout=LONG)
    assert (other, server.connections) == ([b"x"], 1)


def test_a_stop_leaves_requests_of_others_alone(serve, transport):
    cancellation, arrived = Cancellation(), threading.Barrier(2)

    def reply(heard, wfile):
        if heard.target == "/stopped":
            arrived.wait(LONG)
            server.over.wait(LONG)
            return None
        arrived.wait(LONG)
        cancellation.stop()
        time.sleep(0.1)
        return answer(b"whole")

    def stopped():
        with pytest.raises(CancelledError):
            carrier.send(get(f"{server.url}/stopped"), timeout=LONG, cancellation=cancellation)

    server, carrier = serve(reply), transport()
    beside = threading.Thread(target=stopped)
    beside.start()
    assert carrier.send(get(f"{server.url}/"), timeout=LONG, cancellation=Cancellation()).body == b"whole"
    beside.join(LONG)
    assert not beside.is_alive()


# TLS


def test_a_certificate_is_checked_against_the_bundle(serve, transport, certificate, tls):
    server = serve(answer(b"hello"), tls)
    with pytest.raises(TransportError, match=r"(?i)certificate"):
        transport().send(get(f"{server.url}/"), timeout=LONG)
    assert transport(ca_bundle=certificate).send(get(f"{server.url}/"), timeout=LONG).body == b"hello"


@pytest.mark.parametrize("sink", [None, Gathered])
def test_a_stop_ends_a_body_over_tls_and_nothing_but_the_body_reaches_the_sink(
    serve, transport, certificate, tls, sink
):
    begun, cancellation = threading.Event(), Cancellation()

    def stall(heard, wfile):
        wfile.write(answer(b"half", length=1 << 20))
        wfile.flush()
        begun.set()
        server.over.wait(LONG)

    server, into = serve(stall, tls), sink and sink()
    stopping = stopped_after(begun, cancellation)
    since = time.monotonic()
    with pytest.raises(CancelledError):
        transport(ca_bundle=certificate).send(get(f"{server.url}/"), sink=into, timeout=LONG, cancellation=cancellation)
    assert time.monotonic() - since < 1
    assert into is None or into.body == b"half"
    stopping.join(LONG)


def test_a_stop_in_the_middle_of_a_stream_over_tls_lets_no_ciphertext_through(serve, transport, certificate, tls):
    cancellation = Cancellation()

    def stream(heard, wfile):
        wfile.write(answer(length=1 << 30))
        with contextlib.suppress(OSError):
            while True:
                wfile.write(b"x" * (1 << 16))

    sink = Gathered(after=lambda: len(sink.pieces) == 5 and cancellation.stop())
    with pytest.raises(CancelledError):
        transport(ca_bundle=certificate).send(
            get(f"{serve(stream, tls).url}/"), sink=sink, timeout=LONG, cancellation=cancellation
        )
    assert set(sink.body) == {ord("x")}


# Proxies


@pytest.fixture
def proxy(serve):
    """A proxy that forwards plain requests and refuses CONNECT."""

    def forward(heard, wfile):
        if heard.method == "CONNECT":
            return answer(status="403 Not through here")
        plain = Urllib3Transport(Settings())
        with contextlib.closing(plain):
            return answer(plain.send(get(heard.target, heard.method, heard.body or None), timeout=LONG).body)

    return serve(forward)


@pytest.mark.parametrize("scheme", ["http", "all"])
@pytest.mark.parametrize("prefix", ["http://", ""])
def test_a_request_goes_through_the_proxy_of_its_scheme(serve, transport, proxy, scheme, prefix):
    server = serve(answer(b"through"))
    carrier = transport(proxies={scheme: proxy.url.replace("http://", prefix)})
    assert carrier.send(get(f"{server.url}/a"), timeout=LONG).body == b"through"
    assert [heard.target for heard in proxy.heard] == [f"{server.url}/a"]


def test_a_proxy_for_another_scheme_is_left_alone(serve, transport, proxy):
    server = serve(answer(b"straight"))
    assert transport(proxies={"https": proxy.url}).send(get(f"{server.url}/"), timeout=LONG).body == b"straight"
    assert proxy.heard == []


@pytest.mark.parametrize("no_proxy", ["127.0.0.1", "other.test, 127.0.0.1", "*"])
def test_hosts_that_no_proxy_names_are_reached_straight(serve, transport, proxy, no_proxy):
    server = serve(answer(b"straight"))
    carrier = transport(proxies={"http": proxy.url}, no_proxy=no_proxy)
    assert carrier.send(get(f"{server.url}/"), timeout=LONG).body == b"straight"
    assert proxy.heard == []


def test_the_account_of_a_proxy_goes_to_the_proxy_alone(serve, transport, proxy):
    server = serve(answer(b"through"))
    carrier = transport(proxies={"http": proxy.url.replace("//", "//user:p%40ss@")})
    carrier.send(get(f"{server.url}/"), timeout=LONG)
    assert proxy.heard[0].headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"
    assert "proxy-authorization" not in server.heard[0].headers


def test_the_error_of_a_proxy_that_refuses_names_it(transport, proxy):
    with pytest.raises(TransportError, match="403 Not through here"):
        transport(proxies={"https": proxy.url}).send(get("https://hub.invalid/"), timeout=LONG)
    assert proxy.heard[0].target == "hub.invalid:443"


# Forks and threads


def test_a_forked_child_makes_connections_of_its_own(serve, transport):
    server, carrier = serve(answer(b"x")), transport()
    carrier.send(get(f"{server.url}/parent"), timeout=LONG)
    with carrier._lock:  # as if another thread were creating a connection
        child = os.fork()
        if child == 0:
            status = 1
            with contextlib.suppress(BaseException):
                carrier.send(get(f"{server.url}/child"), timeout=5)
                carrier.close()
                status = 0
            os._exit(status)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    carrier.send(get(f"{server.url}/parent"), timeout=LONG)
    assert [heard.target for heard in server.heard] == ["/parent", "/child", "/parent"]
    assert server.connections == 2


def test_closing_in_a_forked_child_does_not_wait_for_threads_of_the_parent(transport):
    carrier = transport()
    with carrier._lock:
        child = os.fork()
        if child == 0:
            signal.alarm(LONG)
            carrier.close()
            os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_many_threads_share_one_transport(serve, transport):
    def echo(heard, wfile):
        return answer(heard.target.encode())

    server, carrier, wrong = serve(echo), transport(concurrency=4), []

    def ask(number):
        for turn in range(20):
            target = f"/{number}/{turn}"
            if carrier.send(get(f"{server.url}{target}"), timeout=LONG).body != target.encode():
                wrong.append(target)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(LONG)
    assert wrong == []
    assert len(server.heard) == 80
    assert server.connections <= 4, "a thread that ended early left its connection to the next"
