"""Contents of regular and LFS files."""

from __future__ import annotations

import hashlib
import json
from urllib.parse import urlsplit

import pytest

from hub_typed.local.server.app import Hub

ORIGIN = "http://hub.test"
STORAGE = "http://storage.test"
MISSING = "Invalid username or password."
LARGE = b"large\0" * 100


def names(answer):
    return [entry["path"] for entry in answer.json()]


# Large files


def batch(caller, oid: str, size: int, operation: str = "upload") -> dict[str, object]:
    body = {"operation": operation, "transfers": ["basic", "multipart"], "objects": [{"oid": oid, "size": size}]}
    answer = caller("POST", "/ada/m.git/info/lfs/objects/batch", body)
    assert answer.status == 200
    told: dict[str, object] = answer.json()["objects"][0]
    return told


def test_a_large_file_goes_by_the_storage(ada):
    oid = ada.upload(LARGE)
    commit = ada.commit("models/ada/m", ada.large("w.bin", oid)).json()["commitOid"]

    head = ada("HEAD", "/ada/m/resolve/main/w.bin")

    assert head.status == 302
    assert urlsplit(head.headers["location"]).netloc == urlsplit(STORAGE).netloc
    assert head.headers["x-repo-commit"] == commit
    assert head.headers["x-linked-etag"] == f'"{oid}"'
    assert head.headers["x-linked-size"] == str(len(LARGE))
    assert head.body == b""
    got = ada("GET", head.headers["location"])
    assert (got.status, got.body, got.headers["etag"]) == (200, LARGE, f'"{oid}"')


def test_what_the_storage_has_is_not_asked_for_again(ada):
    oid = ada.upload(LARGE)

    assert "actions" not in batch(ada, oid, len(LARGE))


def test_a_repository_gives_only_large_files_that_it_has(ada):
    oid = ada.upload(LARGE)
    assert "error" in batch(ada, oid, len(LARGE), "download"), "uploaded, and no part of the repository yet"

    ada.commit("models/ada/m", ada.large("w.bin", oid))

    assert "download" in json.dumps(batch(ada, oid, len(LARGE), "download"))
    assert "error" in batch(ada, "ab" * 32, 5, "download")


def test_an_upload_can_be_verified(ada, anyone):
    oid = hashlib.sha256(LARGE).hexdigest()
    href = batch(ada, oid, len(LARGE))["actions"]["verify"]["href"]

    assert ada("POST", href, {"oid": oid, "size": len(LARGE)}).status == 404
    ada.upload(LARGE)
    assert ada("POST", href, {"oid": oid, "size": len(LARGE)}).status == 200
    assert ada("POST", href, {"oid": oid, "size": 1}).status == 422
    assert anyone("POST", href, {"oid": oid, "size": len(LARGE)}).status == 200, "the URL itself permits it"
    assert anyone("POST", href, {"oid": "cd" * 32, "size": 5}).status == 403
    assert anyone("POST", href.partition("?")[0], {"oid": oid, "size": len(LARGE)}).status == 403


def test_the_storage_takes_what_was_signed_and_nothing_else(ada):
    oid = "ab" * 32
    href = batch(ada, oid, len(LARGE))["actions"]["upload"]["href"]

    assert ada("PUT", href, LARGE).status == 400, "another hash"
    assert ada("PUT", href, LARGE + b"more").status == 400
    assert ada("PUT", href.replace("size=600", "size=601"), LARGE).status == 403
    assert ada("GET", href).status == 403
    assert ada("DELETE", href).status == 405
    assert ada("PUT", href.replace(oid, "cd" * 32), LARGE).status == 403
    assert ada("GET", f"{STORAGE}/_storage/lfs/{oid}").status == 403
    assert ada("GET", f"{STORAGE}/_storage/../accounts.json").status == 404


def test_the_storage_refuses_the_token_of_the_hub(ada):
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(LARGE)))
    location = ada("HEAD", "/ada/m/resolve/main/w.bin").headers["location"]

    assert ada("GET", location, headers={"Authorization": f"Bearer {ada.token}"}).status == 400


def test_a_signed_url_expires(tmp_path, login):
    moment = [1_800_000_000.0]
    hub = Hub(tmp_path, now=lambda: moment[0])
    ada = login(hub, "ada")
    ada("POST", "/api/repos/create", {"name": "m"})
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(LARGE)))
    location = ada("HEAD", "/ada/m/resolve/main/w.bin").headers["location"]

    assert ada("GET", location).status == 200
    moment[0] += 3601
    assert ada("GET", location).status == 403


def test_a_very_large_file_goes_up_in_parts(hub, ada):
    hub.lfs.part_size = 256
    oid = hashlib.sha256(LARGE).hexdigest()
    upload = batch(ada, oid, len(LARGE))["actions"]["upload"]
    numbers = sorted(name for name in upload["header"] if name.isdigit())
    assert (upload["header"]["chunk_size"], numbers) == ("256", ["00001", "00002", "00003"])

    def put(number, content):
        return ada("PUT", upload["header"][number], content)

    def complete(etags):
        parts = [{"partNumber": number, "etag": etag} for number, etag in enumerate(etags, 1)]
        return ada("POST", upload["href"], {"oid": oid, "parts": parts}).status

    etags = [
        put(number, LARGE[at : at + 256]).headers["etag"] for number, at in zip(numbers, (0, 256, 512), strict=True)
    ]

    assert put("00001", LARGE[:255]).status == 400
    assert put("00001", LARGE[:257]).status == 400
    assert complete(etags[:2]) == 400
    assert complete([etags[1], etags[0], etags[2]]) == 400
    assert complete(["nonsense"] * 3) == 400
    assert hub.lfs.size(oid) is None
    assert complete(etags) == 200
    assert hub.lfs.size(oid) == len(LARGE)
    assert not list((hub.lfs.path(oid).parents[2] / "incoming").iterdir())


def test_parts_are_for_clients_that_know_them(hub, ada):
    hub.lfs.part_size = 256
    objects = [{"oid": "ab" * 32, "size": 1000}]

    answer = ada("POST", "/ada/m.git/info/lfs/objects/batch", {"operation": "upload", "objects": objects}).json()

    assert answer["transfer"] == "basic"
    assert "header" not in answer["objects"][0]["actions"]["upload"]


# Contents


def test_a_small_file_comes_from_the_hub_itself(ada):
    commit = ada.put("models/ada/m", "d/caché 1.txt", b"hello")
    blob = ada("GET", "/api/models/ada/m/tree/main/d").json()[0]["oid"]

    answer = ada("GET", "/ada/m/resolve/main/d/cach%C3%A9%201.txt")

    assert (answer.status, answer.body) == (200, b"hello")
    assert answer.headers["etag"] == f'"{blob}"'
    assert answer.headers["x-repo-commit"] == commit
    assert answer.headers["content-length"] == "5"
    assert answer.headers["accept-ranges"] == "bytes"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("inline; filename*=UTF-8''cach%C3%A9%201.txt; filename=")
    head = ada("HEAD", "/ada/m/resolve/main/d/cach%C3%A9%201.txt")
    assert (head.body, head.headers["content-length"]) == (b"", "5")


def test_the_path_for_caches_gives_what_resolve_gives(ada):
    commit = ada.put("models/ada/m", "d/x y", b"hello")
    ada.put("models/ada/m", "d/x y", b"later")

    answer = ada("GET", f"/api/resolve-cache/models/ada/m/{commit}/d/x%20y", headers={"range": "bytes=1-2"})

    assert (answer.status, answer.body, answer.headers["x-repo-commit"]) == (206, b"el", commit)
    stale = ada("GET", f"/api/resolve-cache/models/ada/m/{commit}/d/x%20y", headers={"if-match": '"other"'})
    assert stale.status == 412
    assert ada("GET", f"/api/resolve-cache/models/ada/m/{commit}/d/z").error == (404, "EntryNotFound")


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_missing_file_tells_the_commit(ada, method):
    sha = ada("GET", "/api/models/ada/m").json()["sha"]

    answer = ada(method, "/ada/m/resolve/main/nope")

    assert answer.error == (404, "EntryNotFound")
    assert answer.headers["x-error-message"] == "Entry not found"
    assert answer.headers["x-repo-commit"] == sha
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.body == (b"" if method == "HEAD" else b"Entry not found")


def test_a_folder_is_no_file_and_a_wrong_revision_no_revision(ada):
    ada.put("models/ada/m", "d/x", b"1")

    assert ada("GET", "/ada/m/resolve/main/d").error == (404, "EntryNotFound")
    assert ada("GET", "/ada/m/resolve/nope/d/x").error == (404, "RevisionNotFound")


@pytest.mark.parametrize(
    ("asked", "status", "body", "told"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=-2", 206, b"89", "bytes 8-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=5-99", 206, b"56789", "bytes 5-9/10"),
        ("bytes=10-", 416, None, "bytes */10"),
        ("bytes=-0", 416, None, "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=0-1,3-4", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("lines=1-2", 200, b"0123456789", None),
    ],
)
@pytest.mark.parametrize("kind", ["regular", "large"])
def test_parts_can_be_asked_for(ada, kind, asked, status, body, told):
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(b"0123456789")), ada.file("w.txt", b"0123456789"))
    url = "/ada/m/resolve/main/w.txt"
    if kind == "large":
        url = ada("HEAD", "/ada/m/resolve/main/w.bin").headers["location"]

    answer = ada("GET", url, headers={"Range": asked})

    assert (answer.status, answer.headers.get("content-range")) == (status, told)
    if body is not None:
        assert (answer.body, answer.headers["content-length"]) == (body, str(len(body)))


def test_a_part_of_what_has_changed_comes_whole(ada):
    ada.put("models/ada/m", "x", b"0123456789")
    etag = ada("HEAD", "/ada/m/resolve/main/x").headers["etag"]

    def get(**headers: str) -> int:
        return ada(
            "GET", "/ada/m/resolve/main/x", headers={name.replace("_", "-"): headers[name] for name in headers}
        ).status

    assert get(Range="bytes=5-", If_Range=etag) == 206
    assert get(Range="bytes=5-", If_Range='"other"') == 200
    assert get(If_Match=etag) == 200
    assert get(If_Match='"other"') == 412
