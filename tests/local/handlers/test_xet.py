"""Xet over HTTP: tokens, what they permit, the storage, and the headers and members that lead there."""

from __future__ import annotations

import hashlib
import io
import json
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.faults import ExpiredTokens
from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.app import Hub
from hub_typed.local.xet.shards import write_shard
from hub_typed_api.serve import Answer
from tests.local.conftest import ORIGIN, STORAGE, Caller, Got
from tests.local.xet.material import Xorb, file_of, whole

CHUNKS = [b"one " * 100, b"two " * 200, bytes(range(256)) * 4, b"four"]
CONTENT = b"".join(CHUNKS)
XORB = Xorb(CHUNKS)
FILE = file_of(whole(XORB))
OID = hashlib.sha256(CONTENT).hexdigest()
SHARD = write_shard([FILE], [XORB.told])
JSON = {"content-type": "application/json"}
READ, WRITE = (f"/api/models/ada/m/xet-{kind}-token/main" for kind in ("read", "write"))


@pytest.fixture
def clock() -> list[float]:
    """The time of the Hub, in Unix seconds."""
    return [1_800_000_000.0]


@pytest.fixture
def hub(tmp_path: Path, clock: list[float]) -> Hub:
    return Hub(tmp_path / "hub", xet=True, now=lambda: clock[0])


class Storage:
    """Sends requests to the storage with one token."""

    def __init__(self, caller: Caller, url: str) -> None:
        answer = caller("GET", url)
        assert answer.status == 200, answer.body
        told = answer.json()
        assert told["casUrl"] == f"{STORAGE}/_xet"
        assert {name: answer.headers[f"x-xet-{name}"] for name in ("cas-url", "access-token", "token-expiration")} == {
            "cas-url": told["casUrl"],
            "access-token": told["accessToken"],
            "token-expiration": str(told["exp"]),
        }
        self.expires = told["exp"]
        self._root, self._token, self._hub = told["casUrl"], told["accessToken"], caller.hub

    def __call__(self, method: str, path: str, data: bytes | None = None, **headers: str) -> Got:
        given = {"authorization": f"Bearer {self._token}", **headers}
        return Caller(self._hub)(method, f"{self._root}{path}", data, given)

    def upload(self) -> None:
        assert self("POST", f"/v1/xorbs/default/{XORB.name}", XORB.stored).json() == {"was_inserted": True}
        lines = [json.loads(line) for line in self("POST", "/v2/shards", SHARD).body.splitlines()]
        assert lines[-1] == {"type": "result", "result": 1}

    def ask(self, **headers: str) -> Got:
        return self("GET", f"/v2/reconstructions/{FILE.hash}", **headers)


@pytest.fixture
def uploaded(ada: Caller) -> Storage:
    """A storage with the file, which was uploaded for ``ada/m`` and not committed yet."""
    storage = Storage(ada, WRITE)
    storage.upload()
    return storage


@pytest.fixture
def committed(ada: Caller, uploaded: Storage) -> Storage:
    """A storage with the file, which is in ``ada/m``."""
    assert ada.commit("models/ada/m", ada.large("w.bin", OID, len(CONTENT))).status == 200
    return uploaded


def fetched(hub: Hub, download: dict[str, Any], ranges: list[tuple[int, int]] | None = None) -> Got:
    asked = ranges or [(one["bytes"]["start"], one["bytes"]["end"]) for one in download["ranges"]]
    text = ", ".join(f"{start}-{end}" for start, end in asked)
    return Caller(hub)("GET", download["url"], headers={"range": f"bytes={text}"})


def test_a_file_that_was_uploaded_can_be_committed_and_read_in_every_way(hub, ada, committed):
    storage = Storage(ada, READ)
    told = storage.ask().json()
    assert told["offset_into_first_range"] == 0
    assert told["terms"] == [
        {"hash": XORB.name, "unpacked_length": len(CONTENT), "range": {"start": 0, "end": len(CHUNKS)}}
    ]
    (download,) = told["xorbs"][XORB.name]
    answer = fetched(hub, download)
    assert (answer.status, answer.body) == (206, XORB.stored)
    head = ada("HEAD", "/ada/m/resolve/main/w.bin").headers
    assert ada("GET", head["location"]).body == CONTENT, "a client without Xet"
    assert storage("HEAD", f"/v1/files/{FILE.hash}").headers["content-length"] == str(len(CONTENT))
    assert storage("HEAD", f"/v1/xorbs/default/{XORB.name}").headers["content-length"] == str(len(XORB.stored))


def test_both_versions_of_a_reconstruction_say_the_same(hub, ada, committed):
    newer = committed.ask(range="bytes=450-600").json()
    older = committed("GET", f"/v1/reconstructions/{FILE.hash}", range="bytes=450-600").json()
    assert (newer["terms"], newer["offset_into_first_range"]) == (older["terms"], older["offset_into_first_range"])
    assert newer["offset_into_first_range"] == 50
    ((one,),) = (download["ranges"] for download in newer["xorbs"][XORB.name])
    (same,) = older["fetch_info"][XORB.name]
    assert (one["chunks"], one["bytes"]) == (same["range"], same["url_range"])
    start, end = same["url_range"]["start"], same["url_range"]["end"]
    assert fetched(hub, same, [(start, end)]).body == XORB.stored[start : end + 1]


@pytest.mark.parametrize("asked", ["bytes=99999-", "bytes=99999-100000"])
def test_a_range_after_the_end_is_refused(committed, asked):
    assert committed.ask(range=asked).status == 416


def test_several_ranges_come_as_parts(hub, ada, uploaded):
    """The file consists of the first and the last chunk, which lie apart."""
    file = file_of((XORB, 0, 1), (XORB, 3, 4))
    assert uploaded("POST", "/v1/shards", write_shard([file], [XORB.told])).json() == {"result": 1}
    (download,) = uploaded("GET", f"/v2/reconstructions/{file.hash}").json()["xorbs"][XORB.name]
    answer = fetched(hub, download)
    assert answer.status == 206
    assert answer.headers["content-length"] == str(len(answer.body))
    message = message_from_bytes(f"content-type: {answer.headers['content-type']}\r\n\r\n".encode() + answer.body)
    spans = [(one["bytes"]["start"], one["bytes"]["end"]) for one in download["ranges"]]
    parts = message.get_payload()
    assert [part["content-range"] for part in parts] == [
        f"bytes {start}-{end}/{len(XORB.stored)}" for start, end in spans
    ]
    assert [part.get_payload(decode=True) for part in parts] == [XORB.stored[start : end + 1] for start, end in spans]


def test_a_url_is_good_for_its_ranges_only(hub, ada, uploaded):
    file = file_of((XORB, 0, 1))
    assert uploaded("POST", "/v1/shards", write_shard([file])).json() == {"result": 1}
    (download,) = uploaded("GET", f"/v2/reconstructions/{file.hash}").json()["xorbs"][XORB.name]
    end = download["ranges"][0]["bytes"]["end"]
    assert fetched(hub, download, [(0, end)]).status == 206
    for ranges in ([(0, end + 1)], [(0, end), (end + 1, end + 2)], [(len(XORB.stored), len(XORB.stored) + 1)]):
        assert fetched(hub, download, ranges).status == 403
    changed = download["url"].replace("ranges=0-", "ranges=0-9")
    assert Caller(hub)("GET", changed, headers={"range": "bytes=0-1"}).status == 403
    assert Caller(hub)("GET", download["url"]).status == 416, "no whole xorb"
    with_token = {"range": "bytes=0-1", "authorization": f"Bearer {ada.token}"}
    assert Caller(hub)("GET", download["url"], headers=with_token).status == 400


def test_a_file_belongs_to_its_repository(ada, bob, committed):
    """Who reads one repository must not read files of others, and must not learn whether they exist."""
    bob("POST", "/api/repos/create", {"name": "b"})
    other = Storage(bob, "/api/models/bob/b/xet-write-token/main")
    refused = other.ask()
    unknown = other("GET", f"/v2/reconstructions/{'5eed' * 16}")
    assert (refused.status, refused.body) == (unknown.status, unknown.body) == (404, unknown.body)
    assert other("HEAD", f"/v1/files/{FILE.hash}").status == 404
    assert bob.commit("models/bob/b", bob.large("x.bin", OID, len(CONTENT))).status == 200, "ada/m is public"
    assert other.ask().status == 200


def test_an_uncommitted_file_is_read_by_who_uploaded_it(ada, bob, anyone, uploaded):
    assert uploaded.ask().status == 200
    assert Storage(ada, READ).ask().status == 404
    assert Storage(anyone, READ).ask().status == 404
    assert bob.commit("models/ada/m", bob.large("x.bin", OID, len(CONTENT)), to="main?create_pr=1").status == 422


def test_a_token_for_reading_writes_nothing(ada, committed):
    storage = Storage(ada, READ)
    assert storage("POST", f"/v1/xorbs/default/{XORB.name}", XORB.stored).status == 403
    assert storage("POST", "/v1/shards", SHARD).status == 403
    assert storage("POST", "/v2/shards", SHARD).status == 403
    assert storage.ask().status == 200


def test_tokens_of_the_hub_and_others_are_refused(hub, ada, committed):
    for token in (ada.token, "xet_", "xet_AAAA", "xet_é"):
        headers = {"authorization": f"Bearer {token}"}
        assert Caller(hub)("GET", f"{STORAGE}/_xet/v2/reconstructions/{FILE.hash}", headers=headers).status == 401
    assert Caller(hub)("GET", f"{STORAGE}/_xet/v2/reconstructions/{FILE.hash}").status == 401
    assert Caller(hub, ada("GET", READ).json()["accessToken"])("GET", "/api/whoami-v2").status == 401


def test_a_token_expires(hub, ada, committed, clock):
    hub.xet_tokens.lifetime = 20
    storage = Storage(ada, READ)
    assert storage.expires == clock[0] + 20
    clock[0] += 20
    assert storage.ask().status == 200
    clock[0] += 1
    assert storage.ask().status == 401
    assert Storage(ada, READ).ask().status == 200


def test_a_fault_lets_all_tokens_expire(hub, ada, committed):
    hub.xet_tokens.expire_all()
    assert committed.ask().status == 401
    assert Storage(ada, READ).ask().status == 200
    assert hub.faults.add(ExpiredTokens(), operation="xet_storage.*", times=1).count == 0


def test_a_token_ends_with_the_repository(ada, committed):
    storage = Storage(ada, READ)
    ada("DELETE", "/api/repos/delete", {"name": "m"})
    assert (storage.ask().status, committed.ask().status) == (401, 401)
    ada("POST", "/api/repos/create", {"name": "m"})
    assert storage.ask().status == 401, "another one of the same name"


def test_a_token_survives_that_the_repository_is_renamed(ada, committed):
    ada("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "ada/n", "type": "model"})
    assert committed.ask().status == 200


def test_a_token_ends_with_the_access_of_its_user(hub, ada, bob, anyone, committed):
    theirs, nobodys = Storage(bob, READ), Storage(anyone, READ)
    assert (theirs.ask().status, nobodys.ask().status) == (200, 200)
    ada("PUT", "/api/models/ada/m/settings", {"private": True})
    assert (theirs.ask().status, nobodys.ask().status) == (401, 401)
    assert committed.ask().status == 200
    hub.accounts.delete_token(ada.token)
    assert committed.ask().status == 401


def test_a_member_who_must_ask_for_the_files_writes_and_reads_none(hub, ada, bob, committed):
    hub.accounts.add_organization("team", {"bob": "write", "ada": "admin"})
    ada("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "team/m", "type": "model"})
    ada("PUT", "/api/models/team/m/settings", {"gated": "manual"})
    hub.store.find("model", "team/m").change(org_members_gated=True)
    storage = Storage(bob, "/api/models/team/m/xet-write-token/main")
    assert storage.ask().status == 404
    assert bob("GET", "/api/models/team/m/xet-read-token/main").status == 403
    assert committed.ask().status == 200


def test_who_may_only_propose_uploads_for_a_pull_request(ada, bob):
    assert bob("GET", WRITE).status == 403
    storage = Storage(bob, "/api/models/ada/m/xet-write-token/None?create_pr=1")
    storage.upload()
    change = bob.commit("models/ada/m", bob.large("x.bin", OID, len(CONTENT)), to="main?create_pr=1")
    assert change.status == 200
    assert bob("GET", "/ada/m/resolve/refs%2Fpr%2F1/x.bin").headers["x-xet-hash"] == FILE.hash


@pytest.mark.parametrize(
    ("who", "url", "status"),
    [
        ("anyone", WRITE, 401),
        ("bob", WRITE, 403),
        ("ada", "/api/models/ada/m/xet-write-token/other", 404),
        ("ada", "/api/models/ada/m/xet-read-token/other", 404),
        ("ada", "/api/models/ada/none/xet-read-token/main", 404),
        ("anyone", "/api/models/ada/none/xet-read-token/main", 401),
    ],
)
def test_a_token_is_refused(request, ada, who, url, status):
    assert request.getfixturevalue(who)("GET", url).status == status


def test_a_weak_token_of_the_hub_gets_no_other(hub, ada):
    ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada/m", permissions=["repo.content.read"])])
    assert (ada("GET", READ).status, ada("GET", WRITE).status) == (200, 403)


def test_resolve_and_trees_name_the_hash(ada, committed):
    answer = ada("HEAD", "/ada/m/resolve/main/w.bin")
    commit = answer.headers["x-repo-commit"]
    token = f"{ORIGIN}/api/models/ada/m/xet-read-token/{commit}"
    assert answer.status == 302
    assert answer.headers["x-xet-hash"] == FILE.hash
    assert answer.headers["x-xet-refresh-route"] == token
    assert f'<{token}>; rel="xet-auth"' in answer.headers["link"]
    assert Storage(ada, urlsplit(token).path).ask().status == 200
    assert "x-xet-hash" not in ada("HEAD", "/ada/m/resolve/main/.gitattributes").headers
    info = ada("GET", "/ada/m/resolve/main/w.bin", headers={"accept": "application/vnd.xet-fileinfo+json, */*"})
    assert (info.status, info.json()["hash"], info.json()["size"]) == (200, FILE.hash, len(CONTENT))
    assert info.json()["refreshUrl"] == token
    entries = {one["path"]: one for one in ada("GET", "/api/models/ada/m/tree/main").json()}
    assert (entries["w.bin"]["xetHash"], "xetHash" in entries[".gitattributes"]) == (FILE.hash, False)
    (entry,) = ada("POST", "/api/models/ada/m/paths-info/main", {"paths": ["w.bin"]}, JSON).json()
    assert entry["xetHash"] == FILE.hash
    (file,) = ada("GET", "/api/models/ada/m/lfs-files").json()
    assert file["xetHash"] == FILE.hash
    assert ada("GET", "/api/models/ada/m?expand=xetEnabled").json()["xetEnabled"] is True


def test_a_file_that_came_by_lfs_gets_a_hash(hub, ada):
    oid = ada.upload(CONTENT)
    ada.commit("models/ada/m", ada.large("w.bin", oid))
    entry = {one["path"]: one for one in ada("GET", "/api/models/ada/m/tree/main").json()}["w.bin"]
    assert "xetHash" not in entry, "which would take long for many files"
    name = ada("HEAD", "/ada/m/resolve/main/w.bin").headers["x-xet-hash"]
    entry = {one["path"]: one for one in ada("GET", "/api/models/ada/m/tree/main").json()}["w.bin"]
    assert entry["xetHash"] == name
    told = Storage(ada, READ)("GET", f"/v2/reconstructions/{name}").json()
    ((download,),) = told["xorbs"].values()
    assert CONTENT in fetched(hub, download).body


def test_a_batch_for_clients_with_xet_leads_to_the_storage(ada):
    asked = {"operation": "upload", "transfers": ["basic", "multipart", "xet"], "objects": [{"oid": OID, "size": 9}]}
    told = ada("POST", "/ada/m.git/info/lfs/objects/batch", asked | {"ref": {"name": "main"}}).json()
    assert told["transfer"] == "xet"
    action = told["objects"][0]["actions"]["upload"]
    assert action["href"] == ORIGIN + WRITE
    assert action["header"]["x-xet-cas-url"] == f"{STORAGE}/_xet"
    href = ada("POST", "/ada/m.git/info/lfs/objects/batch", asked).json()["objects"][0]["actions"]["upload"]["href"]
    Storage(ada, href).upload()
    asked["objects"] = [{"oid": OID, "size": len(CONTENT)}]
    assert "actions" not in ada("POST", "/ada/m.git/info/lfs/objects/batch", asked).json()["objects"][0]


def test_a_shard_that_lies_is_refused(ada):
    storage = Storage(ada, WRITE)
    assert storage("POST", "/v1/shards", SHARD).status == 400, "its xorb is missing"
    (line,) = map(json.loads, storage("POST", "/v2/shards", SHARD).body.splitlines())
    assert (line["type"], XORB.name in line["message"]) == ("error", True)
    assert storage("POST", "/v2/shards", b"no shard").status == 400
    assert storage("POST", f"/v1/xorbs/default/{'5eed' * 16}", XORB.stored).status == 400
    assert storage("HEAD", f"/v1/xorbs/default/{XORB.name}").status == 404
    assert ada.commit("models/ada/m", ada.large("w.bin", OID, len(CONTENT))).status == 422


def test_a_chunk_that_is_stored_is_found(ada, uploaded):
    first = "".join(f"{int.from_bytes(XORB.index.hashes[at : at + 8], 'little'):016x}" for at in range(0, 32, 8))
    answer = uploaded("GET", f"/v1/chunks/default/{first}")
    assert answer.status == 200
    assert answer.body.startswith(b"HFRepoMetaData")
    assert uploaded("GET", f"/v1/chunks/default/{'5eed' * 16}").status == 404


def test_copies_need_the_hash_of_the_file(ada, committed):
    ada("POST", "/api/repos/create", {"name": "n"})
    body: dict[str, Any] = {"target": {"type": "model", "name": "ada/n"}, "files": [{"sha256": OID}]}
    body["files"][0]["xetHash"] = "5eed" * 16
    assert ada("POST", "/api/models/ada/m/lfs-files/duplicate", body).status == 207
    body["files"][0]["xetHash"] = FILE.hash
    assert ada("POST", "/api/models/ada/m/lfs-files/duplicate", body).status == 200


@pytest.mark.parametrize(
    ("path", "size", "kind", "status"),
    [
        (f"/v1/xorbs/default/{XORB.name}", 67 << 20, "write", 413),
        ("/v2/shards", 65 << 20, "write", 413),
        ("/v2/shards", 1000, "read", 403),
        (f"/v1/xorbs/default/{XORB.name}", 1000, "", 401),
        ("/v1/telemetry", 1 << 20, "read", 413),
    ],
)
def test_a_body_is_refused_before_it_is_read(hub, ada, path, size, kind, status):
    root = "" if "telemetry" in path else "/_xet"
    headers = {}
    if kind:
        headers["authorization"] = f"Bearer {ada('GET', WRITE if kind == 'write' else READ).json()['accessToken']}"
    asked = IncomingRequest(
        method="POST",
        path=root + path,
        headers=headers,
        body=io.BytesIO(),
        size=size,
        origin=ORIGIN,
        storage_origin=STORAGE,
    )
    admitted = hub.admit(asked)
    assert isinstance(admitted, Answer)
    assert admitted.status == status


def test_summaries_are_ignored(hub, ada):
    token = ada("GET", READ).json()["accessToken"]
    for origin in (ORIGIN, STORAGE):
        headers = {"authorization": f"Bearer {token}"}
        assert Caller(hub)("POST", f"{origin}/v1/telemetry", {"bytes": 1}, headers).status == 200


def test_a_hub_without_xet_says_so_and_still_reads_what_came_by_it(hub, ada, committed, tmp_path):
    token = ada.token
    hub.stop()
    caller = Caller(Hub(tmp_path / "hub"), token)
    for url in (READ, WRITE):
        answer = caller("GET", url)
        assert (answer.status, "HF_HUB_DISABLE_XET" in answer.json()["error"]) == (404, True)
    head = caller("HEAD", "/ada/m/resolve/main/w.bin").headers
    assert "x-xet-hash" not in head
    assert caller("GET", head["location"]).body == CONTENT
    assert "xetHash" not in {one["path"]: one for one in caller("GET", "/api/models/ada/m/tree/main").json()}["w.bin"]
    asked = {"operation": "upload", "transfers": ["basic", "xet"], "objects": [{"oid": "5eed" * 16, "size": 9}]}
    assert caller("POST", "/ada/m.git/info/lfs/objects/batch", asked).json()["transfer"] == "basic"
    assert caller("GET", "/api/models/ada/m?expand=xetEnabled").json()["xetEnabled"] is False
