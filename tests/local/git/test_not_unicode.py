"""Texts that cannot be encoded as UTF-8: the Hub refuses them everywhere, and changes nothing."""

from __future__ import annotations

import io
import json
import socket
from urllib.parse import urlsplit

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.incoming_request import IncomingRequest

LONE = [b'"\\ud800"', b'"caf\\udce9"', b'"\\uDFFF x"', b'"\xed\xa0\x80"', b'"caf\xe9"']
HEADER = b'{"key":"header","value":{"summary":"s","description":""}}\n'
HASH = b"a" * 64
JSON = {"content-type": "application/json"}


def asked(path):
    words = {"headers": {}, "body": io.BytesIO(), "size": 0, "origin": "http://hub", "storage_origin": "http://storage"}
    return IncomingRequest(method="GET", path=path, **words)


def lines(*bodies):
    return HEADER + b"".join(body + b"\n" for body in bodies)


BODIES = {
    "a file": (
        "POST",
        "/api/models/ada/m/commit/main",
        b'{"key":"file","value":{"path":%s,"content":"x","encoding":"utf-8"}}',
    ),
    "content": (
        "POST",
        "/api/models/ada/m/commit/main",
        b'{"key":"file","value":{"path":"a","content":%s,"encoding":"utf-8"}}',
    ),
    "a large file": (
        "POST",
        "/api/models/ada/m/commit/main",
        b'{"key":"lfsFile","value":{"path":%s,"algo":"sha256","oid":"' + HASH + b'","size":1}}',
    ),
    "a deletion": ("POST", "/api/models/ada/m/commit/main", b'{"key":"deletedFile","value":{"path":%s}}'),
    "a deleted folder": ("POST", "/api/models/ada/m/commit/main", b'{"key":"deletedFolder","value":{"path":%s}}'),
    "a preupload": ("POST", "/api/models/ada/m/preupload/main", b'{"files":[{"path":%s,"size":1,"sample":"eA=="}]}'),
    "a repository": ("POST", "/api/repos/create", b'{"type":"model","organization":"ada","name":%s}'),
    "a tag": ("POST", "/api/models/ada/m/tag/main", b'{"tag":%s}'),
    "a message": ("POST", "/api/models/ada/m/tag/main", b'{"tag":"v1","message":%s}'),
    "a title": ("POST", "/api/models/ada/m/discussions", b'{"title":%s,"description":"d","pullRequest":false}'),
    "settings": ("PUT", "/api/models/ada/m/settings", b'{"gated":"auto","note":%s}'),
    "paths": ("POST", "/api/models/ada/m/paths-info/main", b'{"paths":[%s]}'),
    "a collection": ("POST", "/api/collections", b'{"title":%s,"namespace":"ada"}'),
    "a move": ("POST", "/api/repos/move", b'{"fromRepo":"ada/m","toRepo":%s,"type":"model"}'),
    "an unknown member": ("POST", "/api/models/ada/m/tag/main", b'{"tag":"v2","other":{"deep":[%s]}}'),
    "a name of a member": ("POST", "/api/models/ada/m/tag/main", b'{"tag":"v3",%s:1}'),
}


def state(api):
    answers = [api("GET", f"/api/models/ada/m/{what}") for what in ("tree/main?recursive=1", "refs", "discussions")]
    assert [answer.status for answer in answers] == [200, 200, 200]
    return [answer.body for answer in answers]


@pytest.mark.parametrize("value", LONE, ids=ascii)
@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_no_body_brings_such_a_text(ada, body, value):
    before = state(ada)
    method, path, text = body
    data = lines(text % value) if "/commit/" in path else text % value
    answer = ada(method, path, data, JSON)
    assert answer.status == 400, answer.body
    answer.body.decode()
    assert state(ada) == before


@pytest.mark.parametrize("body", BODIES.values(), ids=list(BODIES))
def test_the_same_bodies_with_another_text_are_understood(ada, body):
    method, path, text = body
    value = b'"ada/x"' if path.endswith("move") else b'"fine"'
    data = lines(text % value) if "/commit/" in path else text % value
    assert ada(method, path, data, JSON).status != 400


def test_a_summary_with_such_a_text_makes_no_commit(ada):
    data = b'{"key":"header","value":{"summary":"\\ud800","description":""}}\n'
    data += b'{"key":"file","value":{"path":"a","content":"x","encoding":"utf-8"}}\n'
    before = state(ada)
    assert ada("POST", "/api/models/ada/m/commit/main", data).status == 400
    assert state(ada) == before


@pytest.mark.parametrize("name", ["caf%E9", "%ED%A0%80", "%FF", "a%2F%C3"])
def test_no_path_and_no_query_brings_such_a_name(ada, name):
    before = state(ada)
    for method, path, body in (
        ("POST", f"/api/models/ada/m/branch/{name}", {}),
        (
            "POST",
            f"/api/models/ada/m/commit/{name}",
            lines(b'{"key":"file","value":{"path":"a","content":"x","encoding":"utf-8"}}'),
        ),
        ("GET", f"/api/models/ada/m/tree/main/{name}", None),
        ("GET", f"/ada/m/resolve/main/{name}", None),
        ("GET", f"/api/models?search={name}", None),
        ("POST", "/api/models/ada/m/paths-info/main", f"paths={name}".encode()),
    ):
        answer = ada(method, path, body)
        assert answer.status == 400, (path, answer.body)
        answer.body.decode()
    assert state(ada) == before


def test_texts_beyond_ascii_are_taken_however_they_are_escaped(ada):
    for path in (b'"\\ud83d\\ude00.txt"', '"caf\u00e9.txt"'.encode(), b'"\\u00e9/\\uD55C"', b'"a\\\\ud800"'):
        data = lines(b'{"key":"file","value":{"path":%s,"content":"x","encoding":"utf-8"}}' % path)
        assert ada("POST", "/api/models/ada/m/commit/main", data).status == 200
    paths = {entry["path"] for entry in ada("GET", "/api/models/ada/m/tree/main?recursive=1").json()}
    assert {"\U0001f600.txt", "caf\u00e9.txt", "\u00e9/\ud55c", r"a\ud800"} <= paths


@pytest.mark.parametrize("target", [b"/api/models/ada/m/branch/caf\xe9", b"/api/models/ada/m/branch/\xff\xfe"])
def test_raw_bytes_in_a_request_line_are_no_name_either(target):
    with LocalHub() as hub:
        hub.hub.store.create("model", "ada/m", user="ada")
        where = urlsplit(hub.endpoint)
        with socket.create_connection((where.hostname, where.port), 20) as connection:
            head = f"Host: {where.netloc}\r\nAuthorization: Bearer {hub.token}\r\nContent-Length: 2\r\n"
            connection.sendall(b"POST " + target + b" HTTP/1.1\r\n" + head.encode() + b"Connection: close\r\n\r\n{}")
            said = b""
            while piece := connection.recv(65536):
                said += piece
        assert said.split(b" ", 2)[1] == b"400", said
        answer = hub.hub.answer(asked("/api/models/ada/m/refs"))
        assert [one["name"] for one in json.loads(answer.body)["branches"]] == ["main"]
