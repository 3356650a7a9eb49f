"""Access to the Hub inside a process: the transport without a socket, and the pytest fixture."""

from __future__ import annotations

import os
from urllib.request import urlopen

import pytest

from hub_typed.local import LocalHub
from hub_typed_api.wire import Request, Source


@pytest.fixture
def hub():
    with LocalHub() as hub:
        hub.hub.store.create("model", "ada/m", user="ada")
        yield hub


class Sink:
    def __init__(self, wanted):
        self.wanted = wanted
        self.pieces = []

    def begin(self, response):
        self.status = response.status
        return self.wanted

    def write(self, piece):
        self.pieces.append(piece)


class Stopped:
    seconds = None

    def check(self):
        raise InterruptedError


def request(method, path, **given):
    return Request(operation="test", method=method, path=f"https://huggingface.co{path}", **given)


def test_requests_are_answered_without_a_socket(hub):
    answer = hub.transport.send(request("GET", "/ada/m/resolve/main/.gitattributes"), timeout=1)

    assert (answer.status, len(answer.body)) == (200, int(answer.headers["content-length"]))
    assert answer.headers["x-repo-commit"]
    assert hub._server is None


def test_links_lead_to_where_the_client_believes_to_be(hub):
    hub.hub.page_size = 1
    hub.hub.store.create("model", "ada/n", user="ada")

    answer = hub.transport.send(request("GET", "/api/models?full=true"), timeout=1)

    assert answer.headers["link"] == '<https://huggingface.co/api/models?full=true&cursor=1>; rel="next"'


def test_an_answer_goes_to_a_sink_that_wants_it(hub):
    sinks = [Sink(wanted=True), Sink(wanted=False)]

    bodies = [
        hub.transport.send(request("GET", "/ada/m/resolve/main/.gitattributes"), sink=sink, timeout=1).body
        for sink in sinks
    ]

    assert b"".join(sinks[0].pieces) == bodies[1] != b""
    assert (bodies[0], sinks[1].pieces) == (b"", [])


def test_a_body_is_read_piece_by_piece(hub):
    pieces = [b'{"name": ', b'"n"}']
    headers = {"Authorization": f"Bearer {hub.token}"}

    answer = hub.transport.send(
        request("POST", "/api/repos/create", body=Source(lambda: iter(pieces)), headers=headers), timeout=1
    )

    assert answer.json()["url"] == f"https://huggingface.co/{hub.user}/n"


def test_a_stopped_request_stops(hub):
    with pytest.raises(InterruptedError):
        hub.transport.send(request("GET", "/api/models"), timeout=1, cancellation=Stopped())


def test_a_stopped_hub_has_no_endpoint_and_starts_no_other_server():
    for was_served in (True, False):
        with LocalHub() as stopped:
            if was_served:
                assert stopped.endpoint
        with pytest.raises(RuntimeError, match="is stopped"):
            _ = stopped.endpoint
        stopped.stop()


def test_the_fixture_puts_the_hub_into_the_environment(local_hub):
    assert os.environ["HF_ENDPOINT"] == local_hub.endpoint
    assert os.environ["HF_TOKEN"] == local_hub.token
    assert os.path.isdir(os.environ["HF_HOME"])
    with urlopen(f"{local_hub.endpoint}/api/models") as answer:
        assert answer.status == 200
