"""LFS objects by their hash: callers who cannot read an object learn and get nothing, even if the Hub stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.lfs.store import Pointer

SECRET = b"\0private weights" * 100
OID = hashlib.sha256(SECRET).hexdigest()
OBJECT = {"oid": OID, "size": len(SECRET)}
POINTER = Pointer(OID, len(SECRET)).text()


@pytest.fixture
def hidden(ada):
    """Commit the secret to the private repository ``ada/hidden``."""
    ada("POST", "/api/repos/create", {"name": "hidden", "private": True})
    assert ada.commit("models/ada/hidden", ada.large("w.bin", ada.upload(SECRET, "ada/hidden"))).status == 200


@pytest.fixture
def bobs(bob):
    """The public repository ``bob/b``."""
    assert bob("POST", "/api/repos/create", {"name": "b"}).status == 200
    return "models/bob/b"


def batch(caller, repo: str, operation: str = "upload", **more: object):
    answer = caller(
        "POST", f"/{repo}.git/info/lfs/objects/batch", {"operation": operation, "objects": [OBJECT], **more}
    )
    assert answer.status == 200, answer.body
    return answer.json()["objects"][0]


WAYS: dict[str, Callable] = {
    "line": lambda who, repo: who.commit(repo, who.large("x.bin", OID)),
    "line with its size": lambda who, repo: who.commit(repo, who.large("x.bin", OID, len(SECRET))),
    "pointer": lambda who, repo: who.commit(repo, who.file("x.bin", POINTER)),
    "pointer as text": lambda who, repo: who.commit(
        repo, ("file", {"path": "README.md", "content": POINTER.decode(), "encoding": "utf-8"})
    ),
    "old upload": lambda who, repo: who("POST", f"/api/{repo}/upload/main/x.txt", POINTER),
}


@pytest.mark.parametrize("way", WAYS)
def test_who_knows_no_more_than_the_hash_cannot_commit_it(hidden, bob, bobs, way):
    answer = WAYS[way](bob, bobs)
    assert answer.status == 422
    assert "was not uploaded" in answer.json()["error"]
    assert [one["path"] for one in bob("GET", f"/api/{bobs}/tree/main").json()] == [".gitattributes"]


@pytest.mark.parametrize("way", WAYS)
def test_who_has_uploaded_it_can(hidden, bob, bobs, way):
    assert bob.upload(SECRET, "bob/b") == OID
    assert WAYS[way](bob, bobs).status == 200
    assert "download" in batch(bob, "bob/b", "download")["actions"]


@pytest.mark.parametrize("way", WAYS)
def test_who_may_read_it_elsewhere_can(hub, ada, bob, bobs, way, hidden):
    hub.accounts.add_organization("team", {"bob": "read", "ada": "admin"})
    ada("POST", "/api/repos/move", {"fromRepo": "ada/hidden", "toRepo": "team/hidden", "type": "model"})
    assert WAYS[way](bob, bobs).status == 200


@pytest.mark.parametrize("way", WAYS)
def test_a_pointer_to_nothing_is_refused(bob, bobs, way):
    assert WAYS[way](bob, bobs).status == 422


def test_a_batch_does_not_show_objects_of_other_repositories(hidden, ada, bob, bobs):
    told = batch(bob, "bob/b")
    assert set(told["actions"]) == {"upload", "verify"}, "as if nobody had it"
    verify = told["actions"]["verify"]["href"]
    assert bob("POST", verify, OBJECT).status == 404, "nor does a verification"
    assert bob("PUT", told["actions"]["upload"]["href"], SECRET[1:]).status == 400
    assert bob("POST", verify, OBJECT).status == 404
    assert bob("PUT", told["actions"]["upload"]["href"], SECRET).status == 200
    assert bob("POST", verify, OBJECT).status == 200
    assert "actions" not in batch(bob, "bob/b")
    assert "actions" not in batch(ada, "ada/hidden")


def test_an_upload_counts_for_its_user_and_repository_alone(ada, bob, anyone):
    ada.upload(SECRET, "ada/m")
    assert "actions" in batch(bob, "ada/m"), "who proposes to the same repository has uploaded nothing"
    assert bob.commit("models/ada/m", bob.large("x.bin", OID), to="main?create_pr=1").status == 422
    ada("POST", "/api/repos/create", {"name": "n"})
    assert ada.commit("models/ada/n", ada.large("x.bin", OID)).status == 422
    assert ada.commit("models/ada/m", ada.large("x.bin", OID)).status == 200
    assert ada.commit("models/ada/n", ada.large("x.bin", OID)).status == 200, "now it can be read"
    assert batch(anyone, "ada/n", "download")["actions"]


def test_a_weak_token_names_nothing_that_it_cannot_read(hub, hidden, ada):
    ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada/m", permissions=["repo.write"])])
    assert ada.commit("models/ada/m", ada.large("x.bin", OID)).status == 422
    assert "actions" in batch(ada, "ada/m")


def test_objects_of_a_gated_repository_must_be_asked_for(ada, bob, bobs):
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(SECRET)))
    ada("PUT", "/api/models/ada/m/settings", {"gated": "auto"})
    assert bob.commit(bobs, bob.large("x.bin", OID)).status == 422
    assert bob("POST", "/ada/m/ask-access", {}).status == 303
    assert bob.commit(bobs, bob.large("x.bin", OID)).status == 200


def test_copies_between_repositories_take_the_right_to_read(hidden, ada, bob, bobs):
    body = {
        "target": {"type": "model", "name": "bob/b"},
        "files": [{"xetHash": "0" * 64, "sha256": OID, "filename": "x"}],
    }
    assert bob("POST", "/api/models/ada/hidden/lfs-files/duplicate", body).status == 404
    assert bob("POST", "/api/models/bob/b/lfs-files/duplicate", body).status == 207, "where it is not"
    assert bob.commit(bobs, bob.large("x.bin", OID)).status == 422


def test_parts_of_others_do_not_become_ones_own_upload(hub, ada, bob, bobs):
    hub.lfs.part_size = 1000
    first, second = SECRET[:1000], SECRET[1000:]
    more = {"transfers": ["multipart"]}
    of_ada = batch(ada, "ada/m", **more)["actions"]["upload"]
    urls = [url for name, url in sorted(of_ada["header"].items()) if name.isdecimal()]
    parts = [
        {"partNumber": number, "etag": ada("PUT", url, data).headers["etag"]}
        for number, (url, data) in enumerate(zip(urls, [first, second], strict=True), 1)
    ]
    completion = {"oid": OID, "parts": parts}
    assert bob("POST", batch(bob, "bob/b", **more)["actions"]["upload"]["href"], completion).status == 400
    assert ada("POST", of_ada["href"], completion).status == 200
    assert bob.commit(bobs, bob.large("x.bin", OID)).status == 422


def test_signed_urls_are_good_for_one_thing(ada, bob, bobs):
    href = batch(ada, "ada/m")["actions"]["upload"]["href"]
    parts = urlsplit(href)
    other = hashlib.sha256(b"other").hexdigest()
    for method, url in [
        ("GET", href),
        ("POST", href),
        ("PUT", href.replace(OID, other)),
        ("PUT", href.replace("user=ada", "user=bob")),
        ("PUT", href.replace(f"size={len(SECRET)}", "size=1")),
        ("PUT", f"{href}&user=bob"),
        ("PUT", href.replace("expires=", "expires=9")),
        ("PUT", href.replace(parts.path, f"{parts.path}/1")),
        ("PUT", href.partition("?")[0]),
    ]:
        assert ada(method, url, SECRET).status == 403, (method, url)
    assert ada("PUT", href, SECRET).status == 200


def test_nothing_is_remembered_of_a_repository_that_is_gone(hub, ada):
    ada.upload(SECRET)
    key = hub.store.find("model", "ada/m").facts.id
    assert hub.lfs.was_uploaded(OID, repo=key, user="ada")
    ada("DELETE", "/api/repos/delete", {"name": "m"})
    assert not hub.lfs.was_uploaded(OID, repo=key, user="ada")
