"""Requests that a program sends itself with `get_session`."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import pytest

from hub_typed import (
    BadRequestError,
    HfHubHTTPError,
    OfflineModeIsEnabled,
    ProtocolError,
    RepositoryNotFoundError,
    Session,
    TransportError,
    close_session,
    get_session,
    hf_raise_for_status,
)
from hub_typed.settings import Settings
from hub_typed.utils import build_hf_headers, http_backoff

TOKEN = "hf_a_token_of_this_test"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = urlsplit(self.path).path
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.headers.get("transfer-encoding") == "chunked":
            while size := int(self.rfile.readline(), 16):
                body += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
        self.server.heard.append((self.command, self.path, dict(self.headers.items()), body))
        if path == "/moved":
            self.answer(302, b"", Location=self.server.target)
        elif path == "/kept":
            self.answer(307, b"", Location=self.server.target)
        elif path == "/busy":
            self.server.busy -= 1
            self.answer(503 if self.server.busy >= 0 else 200, b"done", **{"Retry-After": "0"})
        elif path == "/broken":
            self.close_connection = True
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
        elif path == "/packed":
            self.answer(200, gzip.compress(b"plain"), **{"Content-Encoding": "gzip"})
        elif path == "/lines":
            self.answer(200, b"one\r\ntwo\n" + "drei ü".encode())
        elif path == "/refused":
            self.answer(400, json.dumps({"error": "no such thing"}).encode(), **{"Content-Type": "application/json"})
        else:
            self.answer(200, json.dumps({"body": body.decode()}).encode(), **{"X-One": "1"})

    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = do_HEAD = do_GET  # noqa: N815  # of http.server

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def started():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.heard, server.busy, server.target = [], 0, "/"
    server.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    return server


@pytest.fixture
def server():
    one = started()
    yield one
    one.shutdown()
    one.server_close()


@pytest.fixture
def session():
    with Session() as one:
        yield one


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete", "options", "head"])
def test_each_method_sends_its_request(session, server, method):
    response = getattr(session, method)(f"{server.url}/there?a=1", params={"b": "x y"}, headers={"X-Mine": "yes"})
    assert (response.status_code, response.ok, response.headers["x-ONE"]) == (200, True, "1")
    assert response.reason == response.reason_phrase == "OK"
    assert (response.request.method, response.url) == (method.upper(), f"{server.url}/there?a=1&b=x+y")
    command, path, headers, _ = server.heard[0]
    assert (command, path) == (method.upper(), "/there?a=1&b=x+y")
    assert headers["x-mine"] == "yes"
    assert headers["user-agent"].startswith("hub_typed/")


@pytest.mark.parametrize(
    ("options", "body", "kind"),
    [
        ({"json": {"a": "ü"}}, '{"a":"ü"}', "application/json"),
        ({"data": {"a": "x y", "b": [1, 2]}}, "a=x+y&b=1&b=2", "application/x-www-form-urlencoded"),
        ({"data": b"raw"}, "raw", None),
        ({"content": "text"}, "text", None),
        ({"data": iter([b"in ", b"pieces"])}, "in pieces", None),
    ],
    ids=["json", "form", "bytes", "text", "pieces"],
)
def test_a_body_is_sent_as_it_was_given(session, server, options, body, kind):
    assert session.post(server.url, **options).json() == {"body": body}
    assert server.heard[0][2].get("content-type") == kind


def test_the_headers_of_the_program_are_sent_and_those_with_none_are_not(server):
    with Session(headers={"X-Session": "1", "X-Not": "1"}) as session:
        session.get(server.url, headers=build_hf_headers(token=TOKEN, library_name="lib") | {"x-not": None})
    headers = server.heard[0][2]
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["user-agent"].startswith("lib; hub_typed/")
    assert headers["x-session"] == "1"
    assert "x-not" not in headers


def test_no_token_is_sent_unless_it_is_given(session, server, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    session.get(server.url)
    assert "authorization" not in server.heard[0][2]


def test_a_redirect_to_another_server_does_not_receive_the_token(session, server):
    other = started()
    server.target = f"{other.url}/there"
    response = session.get(f"{server.url}/moved", headers=build_hf_headers(token=TOKEN))
    assert response.url == f"{other.url}/there"
    assert "authorization" in server.heard[0][2]
    assert "authorization" not in other.heard[0][2]
    other.shutdown()
    other.server_close()


def test_a_body_is_sent_again_after_a_redirect_and_refused_if_it_can_be_read_once(session, server):
    assert session.post(f"{server.url}/kept", data=[b"in ", b"pieces"]).json() == {"body": "in pieces"}
    with pytest.raises(ValueError, match="was read already"):
        session.post(f"{server.url}/kept", data=iter([b"in ", b"pieces"]))
    assert [body for *_, body in server.heard] == [b"in pieces"] * 3  # none of them empty


@pytest.mark.parametrize("option", ["follow_redirects", "allow_redirects"])
def test_a_redirect_is_returned_on_request(session, server, option):
    response = session.head(f"{server.url}/moved", **{option: False})
    assert (response.status_code, response.headers["Location"]) == (302, "/")
    assert response.raise_for_status() is response
    assert not response.is_success


def test_an_error_status_raises_when_it_is_asked_to(session, server):
    response = session.get(f"{server.url}/refused")
    assert (response.status_code, response.ok, response.is_error) == (400, False, True)
    assert response.json() == {"error": "no such thing"}
    with pytest.raises(BadRequestError, match="no such thing") as caught:
        response.raise_for_status()
    assert caught.value.request.method == "GET"
    with pytest.raises(BadRequestError):
        hf_raise_for_status(response)


def test_the_hub_answers_with_its_errors(local_hub):
    response = get_session().get("/api/models/no/body", headers=build_hf_headers())
    with pytest.raises(RepositoryNotFoundError):
        hf_raise_for_status(response)
    close_session()


def test_a_response_of_another_library_raises_the_same_errors():
    class Theirs:
        status_code = 404
        headers = {"X-Error-Code": "RepoNotFound", "X-Request-Id": "r-1"}  # noqa: RUF012
        content = b""
        url = "https://hub.test/api/models/a/b"
        request = None

    with pytest.raises(RepositoryNotFoundError) as caught:
        hf_raise_for_status(Theirs(), "model_info")
    assert caught.value.request_id == "r-1"
    Theirs.status_code = 200
    hf_raise_for_status(Theirs())


def test_the_token_is_not_in_the_response(session, server):
    response = session.get(f"{server.url}/refused", headers=build_hf_headers(token=TOKEN))
    assert response.request.headers["Authorization"] == "..."
    with pytest.raises(HfHubHTTPError) as caught:
        response.raise_for_status()
    assert TOKEN not in f"{caught.value}{caught.value.request.headers}"


def test_a_compressed_body_is_decompressed(session, server):
    response = session.get(f"{server.url}/packed")
    assert response.text == "plain"


@pytest.mark.parametrize("stream", [False, True])
def test_a_body_is_iterated_over_in_pieces_and_lines(session, server, stream):
    with session.get(f"{server.url}/lines", stream=stream) as response:
        assert list(response.iter_lines()) == ["one", "two", "drei ü"]
    with session.get(f"{server.url}/lines", stream=stream) as response:
        pieces = list(response.iter_content(4))
    assert [len(piece) for piece in pieces] == [4, 4, 4, 4]
    assert b"".join(pieces).decode() == "one\r\ntwo\ndrei ü"
    with session.get(f"{server.url}/lines", stream=stream) as response:
        assert b"".join(response.iter_bytes()) == b"".join(pieces) == response.content


def test_a_stream_can_be_read_whole_or_left(session, server):
    with session.stream("GET", f"{server.url}/lines") as response:
        assert response.read().startswith(b"one")
    with session.stream("GET", f"{server.url}/lines") as response:
        assert response.ok
    with session.stream("GET", f"{server.url}/refused") as response:
        assert response.json() == {"error": "no such thing"}


@pytest.mark.parametrize("stream", [False, True])
def test_a_broken_connection_is_an_error(session, server, stream):
    with pytest.raises(TransportError):
        _ = session.get(f"{server.url}/broken", stream=stream).content


def test_an_unreachable_server_is_an_error(session, server):
    server.shutdown()
    server.server_close()
    with pytest.raises(TransportError):
        session.get(server.url, timeout=5)


def test_offline_nothing_is_sent(server):
    with Session(settings=Settings(offline=True)) as session, pytest.raises(OfflineModeIsEnabled):
        session.get(server.url)
    assert not server.heard


@pytest.mark.parametrize("url", ["no url", "ftp://hub.test/", "http://"])
def test_a_url_that_is_none_is_refused(session, url):
    with pytest.raises(ProtocolError):
        session.get(url)


def test_the_session_is_shared_until_the_environment_changes(monkeypatch):
    first = get_session()
    assert get_session() is first
    monkeypatch.setenv("HF_ENDPOINT", "https://other.test")
    assert get_session() is not first
    close_session()


def test_a_request_is_repeated_until_it_succeeds(server):
    server.busy = 2
    assert http_backoff("GET", f"{server.url}/busy", base_wait_time=0).text == "done"
    assert len(server.heard) == 3
    close_session()


def test_the_last_error_of_repetitions_is_raised(server):
    server.busy = 9
    with pytest.raises(HfHubHTTPError):
        http_backoff("GET", f"{server.url}/busy", max_retries=1, base_wait_time=0)
    with pytest.raises(TransportError):
        http_backoff("GET", f"{server.url}/broken", max_retries=1, base_wait_time=0)
    assert len(server.heard) == 4
    close_session()
