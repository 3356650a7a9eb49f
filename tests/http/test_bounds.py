"""Limits on the size and the duration of responses, tested over sockets against servers that send raw bytes."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import os
import signal
import socket
import threading
import time

import pytest

from hub_typed import AsyncHfApi, HfApi, HfHubHTTPError, HubError, operations
from hub_typed.clients.default import reset_default_client
from hub_typed.errors import HubTimeoutError, ProtocolError, TransportError
from hub_typed.http.event_streams import EVENT_LIMIT, _EventParser
from hub_typed.http.transport import ERROR_LIMIT
from hub_typed.settings import Settings
from tests.linear import assert_linear

REVISION = "a" * 40
INFO = b'{"id":"a/b","sha":"%s"}' % REVISION.encode()


class RawServer:
    """Server that reads the head of each request and passes the connection to a function, one thread per connection."""

    def __init__(self, serve):
        self.requests = []
        self.closing = threading.Event()
        self._serve = serve
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._connection, args=(sock,), daemon=True).start()

    def _connection(self, sock):
        with contextlib.suppress(OSError), sock:
            held = b""
            while True:
                while b"\r\n\r\n" not in held:
                    piece = sock.recv(65536)
                    if not piece:
                        return
                    held += piece
                head, _, held = held.partition(b"\r\n\r\n")
                self.requests.append(head)
                if self._serve(self, sock, head) == "close":
                    return

    def close(self):
        self.closing.set()
        self._listener.close()


@pytest.fixture
def serve():
    with contextlib.ExitStack() as stack:

        def start(function):
            server = RawServer(function)
            stack.callback(server.close)
            return server

        yield start


def ok(body=INFO, status="200 OK", *headers):
    lines = [f"HTTP/1.1 {status}", "Content-Type: application/json", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def client(server, tmp_path=None, **settings):
    usual = {"endpoint": server.url, "backoff": 0.01, "proxies": {}}
    if tmp_path is not None:
        usual["cache_dir"] = str(tmp_path)
    return HfApi(token=False, settings=Settings(**{**usual, **settings}))


def mute(server, sock, head):
    server.closing.wait(20)
    return "close"


def dripping(first, piece):
    def serve(server, sock, head):
        sock.sendall(first)
        while not server.closing.wait(0.05):
            sock.sendall(piece)
        return "close"

    return serve


DRIPS = {
    "mute": mute,
    "status line": dripping(b"HTTP/1.1 2", b"0"),
    "header": dripping(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
    "headers": dripping(b"HTTP/1.1 200 OK\r\n", b"A: b\r\n"),
    "interim": dripping(b"HTTP/1.1 102 Processing\r\n", b"A: b\r\n"),
    "body": dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" "),
    "body until the end": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b" "),
    "chunks": dripping(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "error body": dripping(b"HTTP/1.1 500 No\r\nContent-Length: 100000\r\n\r\n", b" "),
    "redirect body": dripping(b"HTTP/1.1 307 On\r\nLocation: /x\r\nContent-Length: 100000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("how", DRIPS)
def test_a_timeout_is_what_the_caller_waits_in_all(serve, how):
    server = serve(DRIPS[how])
    at = time.monotonic()
    with client(server) as api, pytest.raises((HubTimeoutError, TransportError)):
        api.model_info("a/b", timeout=0.3)
    assert time.monotonic() - at < 1.5


@pytest.mark.parametrize("how", DRIPS)
def test_the_header_of_safetensors_has_a_total_time_too(serve, how):
    server = serve(DRIPS[how])
    at = time.monotonic()
    with client(server) as api, pytest.raises(TransportError):
        api.parse_safetensors_file_metadata("a/b", "model.safetensors", timeout=0.3)
    assert time.monotonic() - at < 1.5


@pytest.mark.parametrize("how", ["mute", "body"])
def test_without_a_timeout_the_deadline_of_the_settings_holds(serve, how):
    server = serve(DRIPS[how])
    at = time.monotonic()
    with client(server, deadline=0.5) as api, pytest.raises(HubTimeoutError):
        list(api.list_models())
    assert time.monotonic() - at < 1.5


def test_repeated_requests_share_one_timeout(serve):
    def busy(server, sock, head):
        sock.sendall(ok(b"{}", "503 Busy"))

    at = time.monotonic()
    with client(serve(busy), backoff=0.4) as api, pytest.raises(HfHubHTTPError):
        api.model_info("a/b", timeout=0.5)
    assert time.monotonic() - at < 1.5


def test_redirects_share_one_timeout(serve):
    def slow(server, sock, head):
        server.closing.wait(0.3)
        sock.sendall(ok(b"", "307 On", f"Location: /{len(server.requests)}"))

    at = time.monotonic()
    with client(serve(slow)) as api, pytest.raises(HubTimeoutError):
        api.model_info("a/b", timeout=0.7)
    assert time.monotonic() - at < 1.6


def test_a_connection_is_used_again_after_a_deadline_that_did_not_come(serve):
    server = serve(lambda server, sock, head: sock.sendall(ok()))
    with client(server) as api:
        api.model_info("a/b", timeout=0.3)
        time.sleep(0.5)
        assert api.model_info("a/b", timeout=5).sha == REVISION


def test_interim_answers_are_skipped(serve):
    interim = (
        b"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\nX: y\r\n\r\n"
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 199 Odd\r\n\r\n"
    )
    server = serve(lambda server, sock, head: sock.sendall(interim + ok()))
    with client(server) as api:
        assert [api.model_info("a/b").sha for _ in range(2)] == [REVISION] * 2


def test_interim_answers_without_end_are_refused(serve):
    def endless(server, sock, head):
        while not server.closing.is_set():
            sock.sendall(b"HTTP/1.1 102 Processing\r\n\r\n" * 100)
        return "close"

    with client(serve(endless), attempts=1) as api, pytest.raises(TransportError, match="interim"):
        api.model_info("a/b")


@pytest.mark.parametrize("header", [b"X: " + b"y" * 70_000, b"\r\n".join([b"X: y"] * 200)])
def test_headers_are_bounded(serve, header):
    server = serve(lambda server, sock, head: sock.sendall(b"HTTP/1.1 200 OK\r\n" + header + b"\r\n\r\n"))
    with client(server, attempts=1) as api, pytest.raises(HubError):
        api.model_info("a/b")


@pytest.mark.parametrize("coding", ["plain", "gzip", "chunked"])
def test_an_answer_that_is_too_large_is_refused(serve, coding):
    body = b'"' + b" " * 100_000 + b'"'

    def large(server, sock, head):
        if coding == "gzip":
            sock.sendall(ok(gzip.compress(body), "200 OK", "Content-Encoding: gzip"))
        elif coding == "plain":
            sock.sendall(b"HTTP/1.1 200 OK\r\n\r\n" + body)
        else:
            sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n" % (len(body), body))
        return "close"

    server = serve(large)
    with (
        client(server, max_response_size=99_999) as api,
        pytest.raises(ProtocolError, match="max_response_size") as told,
    ):
        api.model_info("a/b")
    assert "model_info" in str(told.value)
    assert server.url in str(told.value)
    assert "99999" in str(told.value)
    assert len(server.requests) == 1


def test_a_declared_length_is_refused_before_a_byte_is_read(serve):
    server = serve(dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 9999999999999999999999\r\n\r\n", b""))
    with client(server, read_timeout=5) as api, pytest.raises(ProtocolError):
        api.model_info("a/b")


def test_an_answer_of_just_the_size_allowed_is_read(serve):
    server = serve(lambda server, sock, head: sock.sendall(ok()))
    with client(server, max_response_size=len(INFO)) as api:
        assert api.model_info("a/b").sha == REVISION


def test_the_body_of_an_error_is_cut_off(serve):
    def endless(server, sock, head):
        sock.sendall(b"HTTP/1.1 404 No\r\nX-Error-Code: RepoNotFound\r\n\r\n")
        while not server.closing.is_set():
            sock.sendall(b"x" * 65536)
        return "close"

    with client(serve(endless)) as api, pytest.raises(HfHubHTTPError) as told:
        api.model_info("a/b")
    assert type(told.value).__name__ == "RepositoryNotFoundError"
    assert len(told.value.response.content) == ERROR_LIMIT


def test_a_page_that_repeats_an_earlier_one_under_a_new_cursor_is_refused(serve):
    def same(server, sock, head):
        n = len(server.requests)
        sock.sendall(
            ok(b'[{"id":"a/%d"}]' % min(n, 2), "200 OK", f'Link: <{server.url}/api/models?cursor={n}>; rel="next"')
        )

    server = serve(same)
    with client(server) as api, pytest.raises(ProtocolError, match="same items"):
        list(api.list_models())
    assert len(server.requests) == 3


def test_empty_pages_without_end_are_refused(serve):
    def empty(server, sock, head):
        n = len(server.requests)
        sock.sendall(ok(b"[]", "200 OK", f'Link: <{server.url}/api/models?cursor={n}>; rel="next"'))

    with client(serve(empty)) as api, pytest.raises(ProtocolError, match="empty"):
        list(api.list_models())


def read_all(pieces):
    parser = _EventParser()
    return [data for piece in pieces for data in parser.feed(piece)]


def test_a_line_without_end_is_refused():
    with pytest.raises(ProtocolError, match="larger"):
        read_all(b"x" * 1000 for _ in range(EVENT_LIMIT))


def test_an_event_of_lines_without_end_is_refused():
    with pytest.raises(ProtocolError, match="larger"):
        read_all(b"data: " + b"x" * 1000 + b"\n" for _ in range(EVENT_LIMIT))


def test_a_stream_of_many_events_has_no_bound():
    assert len(read_all(b"data: " + b"x" * 1000 + b"\n\n" for _ in range(2000))) == 2000


def test_a_line_in_small_pieces_takes_linear_time():
    def prepare(count):
        pieces = [b"data:", *[b"x"] * count, b"\n\n"]
        return lambda: read_all(pieces)

    assert read_all([b"data:", *[b"x"] * 50_000, b"\n\n"]) == ["x" * 50_000]
    assert_linear(prepare, 500_000, least=0.01)


# Cached files


def cached_file(cache):
    snapshot = cache / "models--a--b" / "snapshots" / REVISION
    snapshot.mkdir(parents=True)
    (snapshot / "f").write_bytes(b"content")
    refs = cache / "models--a--b" / "refs"
    refs.mkdir()
    (refs / "main").write_text(REVISION)
    return str(snapshot / "f")


def limited(server, sock, head):
    sock.sendall(ok(b"", "429 No", "Retry-After: 200"))


def broken(server, sock, head):
    sock.sendall(ok(b"", "500 No"))


@pytest.mark.parametrize("how", ["mute", "header", "interim", "limited", "broken"])
@pytest.mark.parametrize("what", ["file", "snapshot"])
def test_what_is_cached_is_given_soon_whatever_the_hub_does(serve, tmp_path, how, what, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.files.offline.CACHED_DEADLINE", 0.5)
    file = cached_file(tmp_path)
    at = time.monotonic()
    with client(serve({**DRIPS, "limited": limited, "broken": broken}[how]), tmp_path) as api:
        if what == "file":
            assert api.hf_hub_download("a/b", "f") == file
        else:
            assert api.snapshot_download("a/b") == os.path.dirname(file)
    assert time.monotonic() - at < 2


def test_what_is_cached_is_given_within_five_seconds():
    from hub_typed.flows.files.offline import CACHED_DEADLINE

    assert CACHED_DEADLINE < 5


# Connection attempts


@pytest.fixture
def full():
    """A listener with a full backlog, so new connections are not established."""
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        yield listener.getsockname()[1]


def test_a_task_that_connects_is_cancelled_at_once(full):
    async def run():
        async with AsyncHfApi(token=False, settings=Settings(endpoint=f"http://127.0.0.1:{full}", proxies={})) as api:
            task = asyncio.ensure_future(api.model_info("a/b"))
            await asyncio.sleep(0.2)
            at = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - at

    assert asyncio.run(run()) < 1


def test_a_task_that_looks_a_name_up_is_cancelled_at_once(monkeypatch):
    real, over = socket.getaddrinfo, threading.Event()

    def slow(host, port, family=0, kind=0, protocol=0, flags=0):
        if flags & socket.AI_NUMERICHOST:
            return real(host, port, family, kind, protocol, flags)
        over.wait(10)
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", slow)

    async def run():
        async with AsyncHfApi(token=False, settings=Settings(endpoint="http://hub.test", proxies={})) as api:
            task = asyncio.ensure_future(api.model_info("a/b"))
            await asyncio.sleep(0.2)
            at = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return time.monotonic() - at

    try:
        assert asyncio.run(run()) < 1
    finally:
        over.set()


def test_a_timeout_ends_connecting_and_tls(full, serve):
    for url in (f"http://127.0.0.1:{full}", serve(mute).url.replace("http", "https")):
        at = time.monotonic()
        with HfApi(token=False, settings=Settings(endpoint=url, proxies={})) as api, pytest.raises(HubTimeoutError):
            api.model_info("a/b", timeout=0.4)
        assert time.monotonic() - at < 1.5


def test_a_task_in_the_tls_handshake_is_cancelled_at_once():
    with socket.create_server(("127.0.0.1", 0)) as listener:  # accepts connections, but sends nothing

        async def run():
            url = f"https://127.0.0.1:{listener.getsockname()[1]}"
            async with AsyncHfApi(token=False, settings=Settings(endpoint=url, proxies={})) as api:
                task = asyncio.ensure_future(api.model_info("a/b"))
                await asyncio.sleep(0.3)
                at = time.monotonic()
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                return time.monotonic() - at

        assert asyncio.run(run()) < 1


# Forks


def ended(pid, seconds=20):
    at = time.monotonic()
    while time.monotonic() - at < seconds:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return "hangs"


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_stream_is_not_read_faster_than_its_reader(serve, kind):
    event = b'data: {"data":"x","timestamp":"2024-01-01T00:00:00Z"}\n\n'
    sent = []

    def endless(server, sock, head):
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n")
        while not server.closing.is_set():
            sock.sendall(event * 5000)
            sent.append(5000)
        return "close"

    def settled():
        seen = -1
        while seen != len(sent):
            seen = len(sent)
            time.sleep(0.3)
        return seen * 5000 * len(event)

    settings = Settings(endpoint=serve(endless).url, proxies={})
    stream = operations.spaces.stream_space_logs("a/b", "run")
    if kind == "sync":
        with HfApi(token=False, settings=settings) as api:
            events = api.stream(stream)
            next(events)
            assert settled() < 30 << 20
            for _ in range(1000):
                next(events)
            events.close()
        return

    async def run():
        async with AsyncHfApi(token=False, settings=settings) as api:
            events = api.stream(stream)
            await anext(events)
            assert await asyncio.to_thread(settled) < 30 << 20
            for _ in range(1000):
                await anext(events)
            await events.aclose()

    asyncio.run(run())


@pytest.mark.parametrize("how", ["default", "own", "future", "async"])
def test_children_forked_while_threads_ask_come_back(serve, how, monkeypatch):
    import hub_typed

    server = serve(lambda server, sock, head: sock.sendall(ok()))
    monkeypatch.setenv("HF_ENDPOINT", server.url)
    own = client(server)
    over = threading.Event()

    def hammer():
        while not over.is_set():
            if how == "default":
                hub_typed.model_info("a/b", token=False)
            elif how == "future":
                own.run_as_future(own.model_info, "a/b").result()
            else:
                own.model_info("a/b")

    def child():
        if how == "default":
            return hub_typed.model_info("a/b", token=False).sha
        if how == "future":
            return own.run_as_future(own.model_info, "a/b").result(10).sha
        if how == "async":

            async def run():
                async with AsyncHfApi(token=False, settings=own.settings) as api:
                    return (await api.model_info("a/b")).sha

            return asyncio.run(run())
        return own.model_info("a/b").sha

    assert child() == REVISION  # lazy imports work in the child
    threads = [threading.Thread(target=hammer) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        children = []
        for _ in range(12):
            time.sleep(0.01)
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    code = 0 if child() == REVISION else 2
                finally:
                    os._exit(code)
            children.append(pid)
        assert [ended(pid) for pid in children] == [0] * len(children)
    finally:
        over.set()
        for thread in threads:
            thread.join()
        own.close()
        reset_default_client()
