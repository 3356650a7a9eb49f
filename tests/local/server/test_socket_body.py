"""Large bodies of the LFS storage, which are read from the socket itself."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import threading
import time
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.server import asgi, body_pace

MIB = 1 << 20
CONTENT = os.urandom(5 * MIB + 17)
OID = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def local():
    with LocalHub() as local:
        yield local


@pytest.fixture
def target(local):
    """URL to upload `CONTENT`."""
    with closing(http.client.HTTPConnection(urlsplit(local.endpoint).netloc, timeout=20)) as connection:
        headers = {"authorization": f"Bearer {local.token}", "content-type": "application/json"}
        connection.request("POST", "/api/repos/create", json.dumps({"name": "m"}), headers)
        connection.getresponse().read()
        asked = {"operation": "upload", "objects": [{"oid": OID, "size": len(CONTENT)}]}
        connection.request("POST", f"/{local.user}/m.git/info/lfs/objects/batch", json.dumps(asked), headers)
        answer = json.load(connection.getresponse())
    return urlsplit(answer["objects"][0]["actions"]["upload"]["href"])


@pytest.fixture
def connection(target):
    with socket.create_connection((target.hostname, target.port), timeout=20) as connection:
        yield connection


def head(target, *fields):
    lines = [
        f"PUT {target.path}?{target.query} HTTP/1.1",
        f"Host: {target.netloc}",
        f"Content-Length: {len(CONTENT)}",
        *fields,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def statuses(connection, count):
    """Return the statuses of the next responses."""
    found = []
    for _ in range(count):
        response = http.client.HTTPResponse(connection)
        response.begin()
        response.read()
        found.append(response.status)
    return found


def ended(connection):
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True


def broken(local):
    """Wait for a request whose body has no end, and return how much of it has arrived."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        for one in local.hub.requests.copy():
            if one.operation == "storage.upload" and one.status == 0:
                return one.received
        time.sleep(0.005)
    raise AssertionError("no request broke")


def test_a_body_is_stored_and_the_connection_is_used_again(local, target, connection):
    for _ in range(2):
        connection.sendall(head(target) + CONTENT)
        assert statuses(connection, 1) == [200]
    assert local.hub.lfs.path(OID).read_bytes() == CONTENT
    received = [one.received for one in local.hub.requests if one.operation == "storage.upload"]
    assert received == [len(CONTENT)] * 2


@pytest.mark.parametrize("pause", [0, 1000, MIB, len(CONTENT) - 1])
def test_the_body_may_arrive_in_any_pieces(local, target, connection, pause):
    connection.sendall(head(target) + CONTENT[:pause])
    time.sleep(0.05)
    connection.sendall(CONTENT[pause:])
    assert statuses(connection, 1) == [200]
    assert local.hub.lfs.path(OID).read_bytes() == CONTENT


def test_requests_that_follow_at_once_are_not_taken_for_the_body(target, connection):
    request = head(target) + CONTENT
    sending = threading.Thread(target=connection.sendall, args=[request * 3], daemon=True)
    sending.start()
    assert statuses(connection, 3) == [200] * 3
    sending.join()


@pytest.mark.parametrize("sent", [0, 1000, 3 * MIB])
@pytest.mark.parametrize("reset", [False, True])
def test_a_body_without_an_end_changes_nothing(local, target, connection, sent, reset):
    connection.sendall(head(target) + CONTENT[:sent])
    if reset:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    connection.close()
    assert broken(local) <= sent
    assert local.hub.lfs.size(OID) is None
    assert not list((local.hub.lfs.root / "incoming").iterdir())


def test_wrong_content_is_refused_and_read_to_its_end(local, target, connection):
    connection.sendall(head(target) + CONTENT[::-1])
    assert statuses(connection, 1) == [400]
    connection.sendall(head(target) + CONTENT)
    assert statuses(connection, 1) == [200]
    assert local.hub.lfs.size(OID) == len(CONTENT)


def test_a_request_that_fails_early_gets_its_response_before_its_body_ends(local, target, connection, monkeypatch):
    def refuse(*_: object) -> None:
        raise ValueError("no room")

    monkeypatch.setattr(local.hub.lfs, "receive", refuse)
    connection.sendall(head(target) + CONTENT[:1000])
    assert statuses(connection, 1) == [400]
    connection.sendall(CONTENT[1000:])
    assert ended(connection)


def test_a_body_that_stops_is_refused(target, connection, monkeypatch):
    monkeypatch.setattr(body_pace, "BODY_TIMEOUT", 0.2)
    monkeypatch.setattr(asgi, "DISCARD_TIMEOUT", 0.05)
    connection.sendall(head(target) + CONTENT[: 2 * MIB])
    assert statuses(connection, 1) == [408]
    assert ended(connection)


def test_a_hub_that_stops_does_not_wait_for_a_body(local, target, connection, monkeypatch):
    monkeypatch.setattr(asgi, "STOP_TIMEOUT", 0.1)
    connection.sendall(head(target) + CONTENT[: 2 * MIB])
    while not list((local.hub.lfs.root / "incoming").iterdir()):
        time.sleep(0.005)
    begun = time.monotonic()
    local.stop()
    assert time.monotonic() - begun < 5
    assert ended(connection)


@pytest.mark.parametrize("field", ["Expect: 100-continue", "Connection: close"])
def test_other_headers_of_a_large_body_have_their_effect(local, target, connection, field):
    connection.sendall(head(target, field))
    if field.startswith("Expect"):
        assert connection.recv(100).startswith(b"HTTP/1.1 100 ")
    connection.sendall(CONTENT)
    assert statuses(connection, 1) == [200]
    assert local.hub.lfs.size(OID) == len(CONTENT)
    if field.startswith("Connection"):
        assert ended(connection)


def test_a_chunked_body_with_a_length_is_read_as_chunks(local, target, connection):
    chunk = b"%x\r\n%b\r\n0\r\n\r\n" % (len(CONTENT), CONTENT)
    connection.sendall(head(target, "Transfer-Encoding: chunked") + chunk)
    assert statuses(connection, 1) == [200]
    assert local.hub.lfs.path(OID).read_bytes() == CONTENT
