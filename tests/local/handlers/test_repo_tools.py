"""Sizes, differences, scans and tokens of repositories."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64decode
from datetime import UTC, datetime

import pytest

from hub_typed import HfApi, operations
from hub_typed.local import LocalHub
from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"


def test_the_size_of_a_folder_is_that_of_the_contents():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        api.create_repo("m")
        repo_id = f"{api.whoami()['name']}/m"
        api.upload_file(path_or_fileobj=b"abc", path_in_repo="data/a.txt", repo_id=repo_id)
        api.upload_file(path_or_fileobj=b"large\0" * 100, path_in_repo="data/in/b.bin", repo_id=repo_id)

        def size(path: str | None) -> tuple[str | None, int | None]:
            asked = operations.repo_tools.get_tree_size(repo_id, path_in_repo=path, repo_type="model", revision="main")
            told = api.call(asked)
            return told.path, told.size

        assert size("data") == ("/data", 603)
        assert size("data/in") == ("/data/in", 600)
        assert size(None)[0] == "/"


def test_the_size_of_what_is_no_folder_is_not_found(ada):
    ada.put("models/ada/m", "a.txt", b"a")

    for path in ("a.txt", "missing"):
        assert ada("GET", f"/api/models/ada/m/treesize/main/{path}").error == (404, "EntryNotFound")


def test_two_revisions_are_compared_or_one_with_its_parent(ada, anyone):
    first = ada.put("models/ada/m", "a.txt", b"one\n")
    ada.put("models/ada/m", "a.txt", b"two\n")
    ada.put("models/ada/m", "b.txt", b"new\n")

    both = anyone("GET", f"/api/models/ada/m/compare/{first}..main")
    last = anyone("GET", "/api/models/ada/m/compare/main")

    assert both.headers["content-type"].startswith("text/plain")
    assert b"-one\n+two\n" in both.body
    assert b"+new\n" in both.body
    assert b"a.txt" not in last.body
    assert b"+new\n" in last.body
    assert anyone("GET", "/api/models/ada/m/compare/main..main").body == b""
    assert anyone("GET", "/api/models/ada/m/compare/main..none").error == (404, "RevisionNotFound")


def test_a_raw_comparison_has_a_line_for_each_file(ada):
    oid = ada.upload(b"large\0" * 100)
    ada.put("models/ada/m", "old.txt", b"the same\n" * 3)
    ada.put("models/ada/m", "gone.txt", b"x")
    lines = [
        ada.file("new.txt", b"the same\n" * 3),
        ("deletedFile", {"path": "old.txt"}),
        ("deletedFile", {"path": "gone.txt"}),
        ada.file("raw.png", b"\0"),
        ada.large("w.bin", oid),
    ]
    assert ada.commit("models/ada/m", *lines).status == 200

    told = ada("GET", "/api/models/ada/m/compare/main?raw=true").body.decode()
    every = ada("GET", f"/api/models/ada/m/compare/{EMPTY_TREE}..main?raw=true").body.decode()

    rows = [line.split("\t") for line in told.splitlines()]
    assert [(row[0], row[1].rpartition(" ")[2], *row[2:]) for row in rows] == [
        ("T 1", "D", "gone.txt"),
        ("T 27", "R", "old.txt", "new.txt"),
        ("B 1", "A", "raw.png"),
        ("T 600", "A", "w.bin"),
    ]
    old, new = rows[2][1].split(" ")[2:4]
    assert (rows[2][1].split(" ")[:2], old, len(new)) == ([":000000", "100644"], "0" * 40 + "...", 43)
    assert [line.split("\t")[2] for line in every.splitlines()] == [".gitattributes", "new.txt", "raw.png", "w.bin"]


def test_no_file_has_issues(ada):
    assert ada("GET", "/api/models/ada/m/scan").json() == {"scansDone": True, "filesWithIssues": []}


@pytest.fixture
def private(ada):
    assert ada("POST", "/api/repos/create", {"name": "p", "private": True}).status == 200
    assert ada("POST", "/api/repos/create", {"name": "q", "private": True}).status == 200
    return "models/ada/p"


def token_of(caller, repo, query=""):
    answer = caller("GET", f"/api/{repo}/jwt{query}")
    assert answer.status == 200, answer.body
    told = answer.json()
    assert told["accessToken"] == f"Bearer {told['token']}"
    return told


def test_a_token_of_a_repository_reads_that_one_alone(hub, ada, private):
    bearer = Caller(hub, token_of(ada, private)["token"])

    assert bearer("GET", f"/api/{private}").status == 200
    assert bearer("GET", "/api/models/ada/q").error == (404, "RepoNotFound")
    assert bearer.commit(private, bearer.file("a", b"a")).status == 403
    assert bearer("GET", f"/api/{private}/jwt").status == 403, "it would never expire"


def test_a_token_to_write_writes_to_that_one_alone(hub, ada, private):
    bearer = Caller(hub, token_of(ada, private, "?write=true")["token"])

    assert bearer.commit(private, bearer.file("a", b"a")).status == 200
    assert bearer.commit("models/ada/m", bearer.file("a", b"a")).status == 403


def test_a_token_is_not_for_a_repository_of_another_type_with_the_same_name(hub, ada, private):
    made = {"type": "dataset", "name": "p", "private": True}
    assert ada("POST", "/api/repos/create", made).status == 200
    bearer = Caller(hub, token_of(ada, private, "?write=true")["token"])

    assert bearer("GET", "/api/datasets/ada/p").error == (404, "RepoNotFound")
    assert bearer("DELETE", "/api/repos/delete", {"type": "dataset", "name": "p"}).status == 404
    assert ada("GET", "/api/datasets/ada/p").status == 200


@pytest.mark.parametrize("seconds", [-1, 1 - (1 << 53)])
def test_a_token_never_expires_before_now(ada, private, seconds):
    now = time.time()

    assert token_of(ada, private, f"?expires_in={seconds}")["exp"] >= int(now)


def test_a_token_is_a_json_web_token_that_expires(tmp_path, private, ada):
    told = token_of(ada, private, "?expires_in=60")
    text = told["token"].split(".")[1]
    claims = json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    assert (claims["exp"], claims["sub"]) == (told["exp"], "ada/p")

    later = Hub(tmp_path / "hub", now=lambda: told["exp"] + 1.0)

    assert Caller(later, told["token"])("GET", f"/api/{private}").status == 401
    assert token_of(Caller(later, ada.token), private, "?expires_in=80000")["exp"] == told["exp"] + 1 + 3600
    until = datetime.fromtimestamp(told["exp"] + 61, UTC).isoformat().replace("+00:00", "Z")
    assert token_of(Caller(later, ada.token), private, f"?expiration={until}")["exp"] == told["exp"] + 61


def test_a_token_ends_with_the_one_that_it_was_issued_for(hub, ada, private):
    told = token_of(ada, private)

    hub.accounts.delete_token(ada.token)

    assert Caller(hub, told["token"])("GET", f"/api/{private}").status == 401


@pytest.mark.parametrize("form", ["x{}", ".{}", "{}x", ".", "a.b"])
def test_a_forged_token_is_refused(hub, ada, private, form):
    forged = form.format(token_of(ada, private)["token"])

    assert Caller(hub, forged)("GET", f"/api/{private}").status == 401


def test_a_token_gives_no_more_than_the_caller_has(hub, ada, bob, anyone, private):
    narrow = hub.accounts.add_fine_grained("ada", [Scope(entity="ada/q", permissions=("repo.content.read",))])

    assert bob("GET", f"/api/{private}/jwt").status == 404
    assert bob("GET", "/api/models/ada/m/jwt?write=true").status == 403
    assert anyone("GET", "/api/models/ada/m/jwt").status == 401
    assert Caller(hub, narrow)("GET", "/api/models/ada/m/jwt").status == 403
    assert Caller(hub, narrow)("GET", "/api/models/ada/q/jwt?write=true").status == 403
