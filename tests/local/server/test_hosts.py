"""Allowed hosts of the Hub, and web pages, which can neither read nor change anything."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.errors import HubResponseError
from hub_typed.local.server.hosts import Hosts

OURS = [
    "127.0.0.1",
    "127.0.0.1:8080",
    "127.9.8.7:1",
    "localhost",
    "LocalHost:80",
    "localhost.",
    "hub.localhost:8080",
    "[::1]",
    "[::1]:8080",
    "[0:0:0:0:0:0:0:1]",
]
FOREIGN = [
    "evil.example",
    "evil.example:8080",
    "127.0.0.1.evil.example",
    "localhost.evil.example",
    "notlocalhost",
    "evil.example#127.0.0.1",
    "evil.example@127.0.0.1",
    "127.0.0.1@evil.example",
    "127.0.0.1,evil.example",
    "127.0.0.1 evil.example",
    "127.0.0.1:80:80",
    "127.0.0.1:evil",
    "127.1",
    "0177.0.0.1",
    "2130706433",
    "0.0.0.0",
    "10.0.0.1",
    "[::]",
    "[::ffff:8.8.8.8]",
    "[fe80::1]",
    "[::1",
    "::1",
    "",
    ".",
    ".localhost\u00e9",
]


def refusal(method="GET", target="/api/models", hosts=("127.0.0.1",), names=(), **headers):
    given = [(b"host", host.encode("latin-1")) for host in hosts]
    given += [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    try:
        Hosts(names).check(method, target, given)
    except HubResponseError as fault:
        return fault.status
    return None


@pytest.mark.parametrize("host", OURS)
def test_names_of_this_machine_are_answered_for(host):
    assert refusal(hosts=[host]) is None


@pytest.mark.parametrize("host", FOREIGN)
def test_other_hosts_are_not(host):
    assert refusal(hosts=[host]) == 421


def test_names_given_at_start_are_answered_for():
    names = ["Hub.example", "10.0.0.7", "fd00::7"]
    for host in ("hub.example:8080", "HUB.EXAMPLE.", "10.0.0.7", "[fd00::7]:1", "127.0.0.1"):
        assert refusal(hosts=[host], names=names) is None
    assert refusal(hosts=["a.hub.example"], names=names) == 421


@pytest.mark.parametrize("name", ["", "a b", "http://a", "a:8080", "a/b", "é", "a,b", "[::1]:80"])
def test_what_is_no_name_of_a_host_cannot_be_given(name):
    with pytest.raises(ValueError, match="Invalid host"):
        LocalHub(hosts=[name])


def test_a_request_names_one_host_and_a_path():
    assert refusal(hosts=[]) == 400
    assert refusal(hosts=["127.0.0.1", "127.0.0.1"]) == 400
    assert refusal(hosts=["127.0.0.1", "evil.example"]) == 400
    assert refusal(target="http://127.0.0.1/api/models") == 400
    assert refusal(target="*") == 400


def test_a_page_of_another_origin_changes_nothing():
    host = "127.0.0.1:8080"
    for origin in ("http://evil.example", "null", "http://127.0.0.1:3000", "http://localhost:8080", "file://"):
        assert refusal("POST", hosts=[host], origin=origin) == 403
        assert refusal("DELETE", hosts=[host], origin=origin, authorization="Basic dTp0") == 403
        assert refusal("GET", hosts=[host], origin=origin) is None
    assert refusal("POST", hosts=[host], sec_fetch_site="cross-site") == 403
    assert refusal("POST", hosts=[host], sec_fetch_site="same-site") == 403


def test_programs_and_pages_of_the_hub_itself_change_something():
    host = "127.0.0.1:8080"
    assert refusal("POST", hosts=[host]) is None
    assert refusal("POST", hosts=[host], origin=f"http://{host}", sec_fetch_site="same-origin") is None
    assert refusal("POST", hosts=[host], sec_fetch_site="none") is None
    # A page has a token only from its user, and the browser sends a preflight request before it sends the token.
    assert refusal("POST", hosts=[host], origin="http://127.0.0.1:3000", authorization="Bearer hf_x") is None


@pytest.fixture(scope="module")
def hub():
    with LocalHub(hosts=["hub.example"]) as hub:
        yield hub


def said(hub, text, *, storage=False):
    """Send bytes on a socket, and return the head of the response."""
    endpoint = hub.endpoint
    assert hub._server is not None
    where = urlsplit(hub._server.storage_origin if storage else endpoint)
    with socket.create_connection((where.hostname, where.port), timeout=20) as connection:
        connection.sendall(text.encode())
        answer = b""
        while b"\r\n\r\n" not in answer and (piece := connection.recv(65536)):
            answer += piece
    return answer.decode()


@pytest.mark.parametrize(
    "line",
    [
        "GET /api/models",
        "GET /local-user/m/resolve/main/.gitattributes",
        "GET /local-user/m.git/info/refs?service=git-upload-pack",
        f"GET /_storage/lfs/{'a' * 64}",
        "HEAD /api/models",
        "GET /nothing",
        "OPTIONS /api/models",
        "GET http://evil.example/api/models",
        "GET http://127.0.0.1/api/models",
    ],
)
@pytest.mark.parametrize("storage", [False, True])
def test_a_page_of_another_name_reads_nothing(hub, line, storage):
    answer = said(hub, f"{line} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n", storage=storage)

    assert answer.split()[1] in ("400", "421")
    assert "access-control" not in answer.lower()


def test_a_body_for_another_host_is_not_read(hub):
    head = f"POST /api/validate-yaml HTTP/1.1\r\nHost: evil.example\r\nContent-Length: {1 << 40}\r\n\r\n"

    assert said(hub, head).split()[1] == "421"


@pytest.mark.parametrize(
    "head", ["GET /api/models HTTP/1.1\r\n", "GET /api/models HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n"]
)
def test_a_request_without_one_host_is_refused_on_a_socket(hub, head):
    assert said(hub, f"{head}Connection: close\r\n\r\n").split()[1] == "400"


def test_the_name_that_was_given_is_answered_on_a_socket(hub):
    answer = said(hub, "GET /api/models HTTP/1.1\r\nHost: hub.example:1\r\nConnection: close\r\n\r\n")

    assert answer.split()[1] == "200"
