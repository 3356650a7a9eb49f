"""Faults on real sockets: which bytes a client gets, and how its connection ends."""

from __future__ import annotations

import hashlib
import http.client
import json
import os
import socket
import time
from contextlib import closing
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

import pytest

from hub_typed import CommitOperationAdd, HfApi
from hub_typed.local import LocalHub
from hub_typed.local.faults import (
    ClosedConnection,
    Drip,
    ExpiredUrls,
    RateLimited,
    Reset,
    Stall,
    Status,
    Truncated,
    WrongBytes,
)
from hub_typed.local.git.objects import HEADS

REPO = "local-user/thing"
RESOLVED = f"/{REPO}/resolve/main/data.txt"
BODY = os.urandom(500_000).hex().encode()


@pytest.fixture
def hub(local_hub):
    with HfApi() as api:
        api.create_repo(REPO)
        api.create_commit(REPO, [CommitOperationAdd("data.txt", BODY)], commit_message="m")
    local_hub.stats.reset()
    return local_hub


@pytest.fixture
def connection(hub):
    with closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=10)) as made:
        yield made


def read(connection, path=RESOLVED):
    """Request a file; return its bytes until the end of the connection, and the error there."""
    connection.request("GET", path)
    received = bytearray()
    try:
        response = connection.getresponse()
        while piece := response.read1(1 << 16):
            received += piece
    except (OSError, http.client.HTTPException) as error:
        return bytes(received), type(error)
    return bytes(received), None


def create_branch(connection, hub, name):
    """Create a branch; return the status."""
    headers = {"Authorization": f"Bearer {hub.token}"}
    connection.request("POST", f"/api/models/{REPO}/branch/{name}", body=b"{}", headers=headers)
    response = connection.getresponse()
    response.read()
    return response.status


def branches(hub):
    return {name.removeprefix(HEADS) for name, _ in hub.hub.store.find("model", REPO).git().refs(HEADS)}


@pytest.mark.parametrize("after", [1, 1000, 654_321, len(BODY) - 1])
def test_a_response_is_reset_at_the_exact_byte(hub, connection, after):
    rule = hub.faults.add(Reset(after, of="response"), times=1)
    assert read(connection) == (BODY[:after], ConnectionResetError)
    assert [one.sent for one in hub.hub.requests] == [after]
    connection.close()
    assert read(connection) == (BODY, None)
    assert (rule.count, rule.matched) == (1, 2)


@pytest.mark.parametrize("at", [1, 1000, 654_321, len(BODY) - 1, len(BODY) + 1])
def test_a_response_ends_early_at_the_exact_byte(hub, connection, at):
    hub.faults.add(Truncated(at))
    received, error = read(connection)
    assert received == BODY[: min(at, len(BODY) - 1)]
    assert error is None  # http.client only tells a whole read from a part of one
    assert [one.sent for one in hub.hub.requests] == [len(received)]


@pytest.mark.parametrize(
    ("fault", "error"),
    [(Reset(of="response"), ConnectionResetError), (Truncated(), http.client.RemoteDisconnected)],
)
def test_a_response_may_end_before_its_headers_although_the_request_was_applied(hub, connection, fault, error):
    hub.faults.add(fault, operation="refs.create_branch")
    with pytest.raises(error):
        create_branch(connection, hub, "dev")
    assert "dev" in branches(hub)


@pytest.mark.parametrize("fault", [Reset(), Reset(after=1), Reset(after=100)])
def test_a_request_that_is_reset_is_not_applied(hub, connection, fault):
    hub.faults.add(fault, operation="refs.create_branch")
    with pytest.raises(ConnectionResetError):
        create_branch(connection, hub, "dev")
    assert "dev" not in branches(hub)
    (broken,) = hub.hub.requests
    assert (broken.operation, broken.status) == ("refs.create_branch", 0)
    assert broken.received == min(fault.after, len(b"{}"))


def test_a_request_without_a_body_can_be_reset(hub, connection):
    hub.faults.add(Reset())
    with pytest.raises(ConnectionResetError):
        read_head(connection)


def read_head(connection):
    connection.request("GET", RESOLVED)
    return connection.getresponse()


def upload_url(hub, connection, content):
    oid = hashlib.sha256(content).hexdigest()
    batch = {"operation": "upload", "objects": [{"oid": oid, "size": len(content)}]}
    headers = {"Authorization": f"Bearer {hub.token}", "Content-Type": "application/json"}
    connection.request("POST", f"/{REPO}.git/info/lfs/objects/batch", body=json.dumps(batch), headers=headers)
    (told,) = json.loads(connection.getresponse().read())["objects"]
    return urlsplit(told["actions"]["upload"]["href"])


def put(url, content):
    with closing(http.client.HTTPConnection(url.netloc, timeout=10)) as storage:
        storage.request("PUT", f"{url.path}?{url.query}", body=content)
        response = storage.getresponse()
        return response.status, response.read()


@pytest.mark.parametrize("after", [1, 100_000, 5_000_000])
def test_an_upload_is_reset_after_so_many_bytes_which_are_counted(hub, connection, after):
    content = os.urandom(8_000_000)
    url = upload_url(hub, connection, content)
    hub.faults.add(Reset(after), operation="storage.upload*", times=1)
    before = hub.stats.snapshot()
    with pytest.raises((ConnectionResetError, BrokenPipeError)):
        put(url, content)
    assert (hub.stats.snapshot() - before).received == after
    assert put(url, content)[0] == 200
    assert (hub.stats.snapshot() - before).received == after + len(content)
    assert (hub.stats.snapshot() - before).lfs_objects == 1


def test_the_bytes_of_an_upload_that_its_client_breaks_off_are_counted(hub, connection):
    content = os.urandom(500_000)
    url = upload_url(hub, connection, content)
    before = hub.stats.snapshot()
    with socket.create_connection((url.hostname, url.port), timeout=10) as client:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(content)}\r\n\r\n"
        client.sendall(head.encode() + content[:400_000])
    end = time.monotonic() + 10
    while not (hub.stats.snapshot() - before).received:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert (hub.stats.snapshot() - before).received == 400_000


def test_signed_urls_expire_and_later_ones_are_valid(hub, connection):
    content = os.urandom(1000)
    old = [upload_url(hub, connection, content), upload_url(hub, connection, content[1:])]
    rule = hub.faults.add(ExpiredUrls(), operation="storage.upload", times=1)
    for url in (old[0], old[1]):
        status, body = put(url, content)
        assert status == 403
        assert b"<Message>Request has expired</Message>" in body
    assert rule.count == 1
    assert put(upload_url(hub, connection, content), content)[0] == 200


def test_a_status_takes_the_place_of_the_response(hub, connection):
    hub.faults.add(Status(503, headers={"retry-after": "7"}), operation="refs.create_branch", times=2)
    hub.faults.add(Status(504, "lost", applied=True), operation="refs.*", times=1)
    found = [create_branch(connection, hub, name) for name in "abcd"]
    assert found == [503, 503, 504, 200]
    assert branches(hub) == {"main", "c", "d"}
    assert [(one.operation, one.status) for one in hub.hub.requests] == [
        ("refs.create_branch", status) for status in found
    ]


def test_what_is_handled_and_fails_has_the_status_of_the_fault_as_well(hub, connection):
    hub.faults.add(Status(504, applied=True), operation="refs.create_branch")
    assert [create_branch(connection, hub, "main"), create_branch(connection, hub, "main")] == [504, 504]


@pytest.mark.parametrize("seconds", [0, 7, 10**9])
def test_a_rate_limit_is_told_in_each_form(hub, connection, seconds):
    found = {}
    for form in ("ratelimit", "retry-after", "retry-after-date"):
        hub.faults.clear()
        hub.faults.add(RateLimited(seconds, form))
        response = read_head(connection)
        assert response.status == 429
        response.read()
        found[form] = response.headers
    assert found["ratelimit"]["ratelimit"] == f'"resolvers";r=0;t={seconds}'
    assert '"resolvers"' in found["ratelimit"]["ratelimit-policy"]
    assert found["retry-after"]["retry-after"] == str(seconds)
    assert "ratelimit" not in found["retry-after"]
    date = parsedate_to_datetime(found["retry-after-date"]["retry-after"]).timestamp()
    assert date - time.time() == pytest.approx(seconds, abs=5)


def test_a_response_pauses_where_it_is_told_to(hub, connection):
    hub.faults.add(Stall(0.2, after=1000))
    response = read_head(connection)
    assert response.read(1000) == BODY[:1000]
    began = time.monotonic()
    assert response.read() == BODY[1000:]
    assert time.monotonic() - began > 0.1


def test_a_silent_hub_ends_when_its_client_does(hub, connection):
    hub.faults.add(Stall(), operation="refs.create_branch")
    connection.timeout = 0.2
    with pytest.raises(TimeoutError):
        create_branch(connection, hub, "dev")
    connection.close()
    assert "dev" in branches(hub)


@pytest.mark.parametrize("of", ["request", "response"])
def test_a_hub_that_stops_does_not_wait_for_a_pause(of):
    with LocalHub() as hub, closing(http.client.HTTPConnection(urlsplit(hub.endpoint).netloc, timeout=10)) as one:
        rule = hub.faults.add(Stall(of=of))
        one.request("POST", "/api/repos/create", body=b"{}")
        while not rule.count:
            time.sleep(0.001)
        began = time.monotonic()
        hub.stop()
        assert time.monotonic() - began < 0.9
        with pytest.raises(ConnectionResetError):
            one.getresponse()


def test_a_request_that_is_not_read_fills_the_buffers_of_its_client(hub, connection):
    content = os.urandom(20_000_000)
    url = upload_url(hub, connection, content)
    hub.faults.add(Stall(of="request", after=1000))
    with socket.create_connection((url.hostname, url.port), timeout=0.3) as client:
        head = f"PUT {url.path}?{url.query} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: {len(content)}\r\n\r\n"
        client.sendall(head.encode())
        with pytest.raises(TimeoutError):
            client.sendall(content)


def test_bodies_drip_at_their_rate(hub, connection):
    url = upload_url(hub, connection, BODY[:50_000])
    hub.faults.add(Drip(200_000), operation="files.resolve_file", times=1)
    hub.faults.add(Drip(200_000, of="request"), operation="storage.upload")
    began = time.monotonic()
    response = read_head(connection)
    response.read(100_000)
    assert time.monotonic() - began > 0.4
    connection.close()
    began = time.monotonic()
    assert put(url, BODY[:50_000])[0] == 200
    assert time.monotonic() - began > 0.2


@pytest.mark.parametrize(("at", "count"), [(0, 1), (300_000, 5), (len(BODY) - 1, 1), (len(BODY), 1)])
def test_wrong_bytes_are_as_many_as_the_right_ones(hub, connection, at, count):
    hub.faults.add(WrongBytes(at, count))
    wrong = bytes(byte ^ 0xFF for byte in BODY[at : at + count])
    assert read(connection) == (BODY[:at] + wrong + BODY[at + count :], None)


def test_a_kept_connection_is_closed_without_notice(hub, connection):
    hub.faults.add(ClosedConnection(), times=1)
    response = read_head(connection)
    assert response.read() == BODY
    assert response.headers.get("connection") is None
    assert connection.sock.recv(1) == b""


def test_a_head_request_has_faults_as_well(hub, connection):
    hub.faults.add(Truncated(5), method="HEAD", times=1)
    connection.request("HEAD", RESOLVED)
    with pytest.raises(http.client.RemoteDisconnected):
        connection.getresponse()
    hub.faults.add(Status(500), method="HEAD")
    connection.request("HEAD", RESOLVED)
    assert connection.getresponse().status == 500


def test_other_hosts_are_refused_whatever_the_faults(hub, connection):
    rule = hub.faults.add(Status(503))
    connection.request("GET", RESOLVED, headers={"Host": "evil.test"})
    assert connection.getresponse().status == 421
    assert rule.matched == 0
