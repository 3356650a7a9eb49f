"""Gated repositories, with the messages and headers of the real Hub."""

from __future__ import annotations

import hashlib

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub
from tests.local.forms import multipart, urlencoded

REQUESTS = "/api/models/ada/m/user-access-request"
RESTRICTED = (
    "Access to model ada/m is restricted. You must have access to it and be authenticated to access it. Please log in."
)
LARGE = b"\0large" * 100


@pytest.fixture
def gate(ada):
    """Make ``ada/m`` gated; return a function that changes its mode."""

    def closed(gated="manual"):
        assert ada("PUT", "/api/models/ada/m/settings", {"gated": gated}).json() == {"gated": gated}

    closed()
    return closed


def ask(caller, **fields):
    return caller("POST", "/ada/m/ask-access", fields)


def handle(caller, **members):
    return caller("POST", f"{REQUESTS}/handle", members)


def test_who_is_not_logged_in_is_told_to(gate, anyone):
    for path in (
        "/ada/m/resolve/main/.gitattributes",
        "/api/models/ada/m/auth-check",
        "/ada/m.git/info/refs?service=git-upload-pack",
    ):
        answer = anyone("GET", path)
        assert answer.error == (401, "GatedRepo")
        assert answer.headers["x-error-message"] == RESTRICTED
        assert "www-authenticate" in answer.headers
    assert anyone("GET", "/ada/m/resolve/main/.gitattributes").body.decode() == RESTRICTED
    assert anyone("GET", "/api/models/ada/m/auth-check").json() == {"error": RESTRICTED}


def test_git_asks_for_a_password_where_nobody_is_logged_in(gate, anyone):
    answer = anyone("GET", "/ada/m.git/info/refs?service=git-upload-pack")
    assert answer.headers["www-authenticate"].startswith("Basic")


def test_no_route_serves_files_without_access(gate, ada, bob):
    oid = ada.upload(LARGE)
    batch = {"operation": "download", "objects": [{"oid": oid, "size": len(LARGE)}]}
    doors = [
        ("GET", "/ada/m/resolve/main/.gitattributes", None),
        ("HEAD", "/ada/m/resolve/main/.gitattributes", None),
        ("GET", "/ada/m.git/info/refs?service=git-upload-pack", None),
        ("POST", "/ada/m.git/info/lfs/objects/batch", batch),
        ("GET", "/api/models/ada/m/auth-check", None),
        ("POST", "/api/models/ada/m/duplicate", {"repository": "bob/m"}),
        ("POST", "/api/models/ada/m/preupload/main?create_pr=1", {"files": []}),
    ]
    for method, path, data in doors:
        assert bob(method, path, data).error == (403, "GatedRepo"), path
        assert ada(method, path, data).error != (403, "GatedRepo"), path
    ask(bob)
    assert handle(ada, user="bob", status="accepted").status == 200
    for method, path, data in doors:
        assert bob(method, path, data).status == 200, path


@pytest.mark.parametrize("path", ["", "/refs", "/commits/main", "/tree/main", "/revision/main"])
def test_what_is_no_file_stays_open(gate, anyone, path):
    assert anyone("GET", f"/api/models/ada/m{path}").status == 200


def test_hashes_are_masked_for_those_who_may_not_have_the_files(gate, ada, bob, anyone):
    oid = ada.upload(LARGE)
    ada.commit("models/ada/m", ada.large("x.bin", oid))
    for caller, shown in ((ada, oid), (bob, "*" * 64), (anyone, "*" * 64)):
        tree = caller("GET", "/api/models/ada/m/tree/main").json()
        info = caller("POST", "/api/models/ada/m/paths-info/main", b"paths=x.bin").json()
        assert [one["lfs"]["oid"] for one in [*tree, *info] if "lfs" in one] == [shown, shown]
    assert hashlib.sha256(LARGE).hexdigest() == oid


def test_each_state_is_told_in_its_own_words(gate, ada, bob):
    def told():
        return bob("GET", "/api/models/ada/m/auth-check").headers["x-error-message"]

    about = "Your request to access model ada/m"
    assert told().endswith("Visit http://hub.test/ada/m to ask for access.")
    answer = ask(bob)
    assert (answer.status, answer.headers["location"]) == (303, "http://hub.test/ada/m")
    assert answer.body == b"See Other. Redirecting to http://hub.test/ada/m"
    assert told() == f"{about} is awaiting a review from the repo authors."
    handle(ada, user="bob", status="rejected")
    assert told() == f"{about} has been rejected by the repo's authors."
    handle(ada, user="bob", status="reset")
    assert (
        told() == f"{about} has been reset by the repo's authors. Visit http://hub.test/ada/m to submit a new request."
    )


def test_a_request_tells_the_name_and_the_address(gate, ada, bob):
    ask(bob)
    (one,) = ada("GET", f"{REQUESTS}/pending").json()
    assert set(one) == {"requestId", "status", "timestamp", "user"}
    assert (one["user"]["user"], one["user"]["email"]) == ("bob", "bob@users.noreply.localhost")
    handle(ada, requestId=one["requestId"], status="accepted")
    (one,) = ada("GET", f"{REQUESTS}/accepted").json()
    assert (one["grantedBy"]["user"], one["reviewedAt"] >= one["timestamp"]) == ("ada", True)
    (told,) = ada("GET", "/ada/m/user-access-report").json()
    assert (told["user"], told["status"], told["time"]) == ("bob", "accepted", one["timestamp"])


@pytest.mark.parametrize(
    ("members", "status", "error"),
    [
        ({"status": "accepted"}, 400, "✖ Either userId or user must be provided, but not both"),
        (
            {"status": "accepted", "user": "bob", "userId": "1"},
            400,
            "✖ Either userId or user must be provided, but not both",
        ),
        ({"status": "accepted", "user": "nobody"}, 404, "User not found"),
        ({"status": "accepted", "userId": "f" * 24}, 404, "User not found"),
        ({"status": "pending", "user": "bob"}, 404, "No access request found matching your criteria"),
        ({"status": "accepted", "requestId": "x"}, 404, "No access request found matching your criteria"),
        (
            {"status": "rejected", "user": "bob", "rejectionReason": "x" * 201},
            400,
            "✖ Too big: expected string to have <=200 characters\n  → at rejectionReason",
        ),
        ({"status": "maybe", "user": "bob"}, 400, None),
        ({"user": "bob"}, 400, None),
    ],
)
def test_a_decision_that_makes_no_sense_is_refused(gate, ada, bob, members, status, error):
    ask(bob)
    answer = handle(ada, **members)
    assert answer.status == status
    assert error in (None, answer.json()["error"])


def test_a_list_has_its_limits(gate, hub, ada, bob, login):
    ask(bob)
    ask(login(hub, "bea"))
    assert ada("GET", f"{REQUESTS}/pending?limit=5").json() == {
        "error": "✖ Too small: expected number to be >=10\n  → at limit"
    }
    assert ada("GET", f"{REQUESTS}/pending?limit=1001").status == 400
    assert ada("GET", f"{REQUESTS}/other").status == 400

    def names(query):
        return [one["user"]["user"] for one in ada("GET", f"{REQUESTS}/pending?{query}").json()]

    assert names("") == ["bob", "bea"]
    assert names("q=be") == ["bea"]
    assert names("after=2999-01-01T00:00:00.000Z") == []
    assert names("before=2999-01-01T00:00:00.000Z") == ["bob", "bea"]


def test_only_writers_see_requests_and_decide(gate, ada, bob, anyone, hub, login):
    for caller, status in ((bob, 403), (anyone, 401), (login(hub, "ada", "read"), 403)):
        assert caller("GET", f"{REQUESTS}/pending").status == status
        assert caller("GET", "/ada/m/user-access-report").status == status
        assert handle(caller, user="bob", status="accepted").status == status
        assert caller("POST", f"{REQUESTS}/grant", {"user": "bob"}).status == status
        assert (
            caller("POST", f"{REQUESTS}/batch", {"status": "accepted", "requests": [{"user": "bob"}]}).status == status
        )
    assert ask(anyone).status == 401
    assert anyone("POST", f"{REQUESTS}/cancel").status == 401


@pytest.mark.parametrize("requests", [[], [{"user": "bob"}] * 101, [{}], [{"user": "bob", "userId": "1"}]])
def test_a_batch_that_makes_no_sense_is_refused(gate, ada, bob, requests):
    assert ada("POST", f"{REQUESTS}/batch", {"status": "accepted", "requests": requests}).status == 400


def test_where_nothing_is_gated_nothing_is_asked_for(gate, ada, bob):
    ask(bob)
    gate(False)
    assert ask(bob).error == (400, "RepoNotGated")
    assert handle(ada, user="bob", status="accepted").error == (400, "RepoNotGated")
    assert len(ada("GET", f"{REQUESTS}/pending").json()) == 1
    gate("auto")
    assert bob("GET", "/api/models/ada/m/auth-check").error == (403, "GatedRepo")  # asked before it was automatic


def test_requests_outlive_a_restart(gate, ada, bob, hub, tmp_path):
    ask(bob)
    bob.hub = ada.hub = Hub(tmp_path / "hub")
    assert len(ada("GET", f"{REQUESTS}/pending").json()) == 1
    assert bob("GET", "/api/models/ada/m").json()["gated"] == "manual"


def test_a_fine_grained_token_must_be_good_for_it(gate, ada, bob, hub, anyone):
    ask(bob)
    handle(ada, user="bob", status="accepted")
    for entity, status in (("ada/other", 403), ("ada/m", 200)):
        token = hub.accounts.add_fine_grained("bob", [Scope(entity=entity, permissions=("repo.content.read",))])
        answer = anyone("GET", "/api/models/ada/m/auth-check", headers={"authorization": f"Bearer {token}"})
        assert answer.status == status
    assert "fine-grained token settings" not in answer.body.decode()


FORM = """---
extra_gated_fields:
  Name: text
  Where: ip_location
  Use:
    type: select
    options: [research, {label: Study, value: education}]
  I agree: checkbox
---
"""


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"Name": "Bob", "Use": "research", "I agree": True}, 303),
        ({"Name": "Bob", "Use": "education", "I agree": "on", "Where": "CH"}, 303),
        ({"Name": "Bob", "Use": "Study", "I agree": True}, 400),
        ({"Name": "Bob", "Use": "research", "I agree": False}, 400),
        ({"Name": "", "Use": "research", "I agree": True}, 400),
        ({"Name": 7, "Use": "research", "I agree": True}, 400),
        ({"Name": "Bob", "Use": "research", "I agree": True, "More": "x"}, 400),
        ({}, 400),
    ],
)
def test_a_form_is_filled_in_as_its_card_says(gate, ada, bob, fields, status):
    ada.put("models/ada/m", "README.md", FORM.encode())
    assert ask(bob, **fields).status == status
    found = [one["fields"] for one in ada("GET", f"{REQUESTS}/pending").json()]
    assert found == ([fields] if status == 303 else [])


@pytest.mark.parametrize("form", [multipart, urlencoded])
def test_access_is_asked_for_by_a_form_as_by_json(gate, ada, bob, form):
    ada.put("models/ada/m", "README.md", FORM.encode())
    fields = {"Name": "Zoë & Bob", "Use": "research", "I agree": "on"}

    assert bob("POST", "/ada/m/ask-access", *form(Name="Bob")).status == 400
    assert bob("POST", "/ada/m/ask-access", *form(**fields)).status == 303
    (asked,) = ada("GET", f"{REQUESTS}/pending").json()
    assert asked["fields"] == fields


@pytest.mark.parametrize("form", [multipart, urlencoded])
def test_an_empty_form_asks_for_access(gate, ada, bob, form):
    assert bob("POST", "/ada/m/ask-access", *form()).status == 303
    assert len(ada("GET", f"{REQUESTS}/pending").json()) == 1


def test_a_repository_that_is_not_gated_has_no_access_lists(gate, ada, bob, anyone):
    ask(bob)
    gate(False)

    lists = [f"{REQUESTS}/{status}" for status in ("pending", "accepted", "rejected", "reset")]
    for path in (*lists, "/ada/m/user-access-report"):
        assert ada("GET", path).error == (400, "RepoNotGated")
        assert ada("GET", path).headers["x-error-message"] == "This repository is not gated"
        assert bob("GET", path).status == 403
        assert anyone("GET", path).status == 401
    gate("auto")
    assert len(ada("GET", f"{REQUESTS}/pending").json()) == 1


@pytest.mark.parametrize(
    "card", ["---\nextra_gated_fields: [a, b]\n---\n", "---\n[\n---\n", "---\nlicense: mit\n---\n"]
)
def test_a_card_without_a_form_asks_for_nothing(gate, ada, bob, card):
    ada.put("models/ada/m", "README.md", card.encode())
    assert ask(bob).status == 303
    assert ask(bob, Name="Bob").status == 400


@pytest.mark.parametrize(
    "settings",
    [
        {"gated": True},
        {"gated": "yes"},
        {"gated": 0},
        {"visibility": "protected"},
        {"visibility": "secret"},
        {"visibility": "private", "private": True},
        {"discussionsSorting": "odd"},
        {"gatedNotificationsMode": "never"},
    ],
)
def test_settings_that_make_no_sense_are_refused(ada, settings):
    before = ada("GET", "/api/models/ada/m").json()
    assert ada("PUT", "/api/models/ada/m/settings", settings).status == 400
    assert ada("GET", "/api/models/ada/m").json() == before


def test_settings_are_repeated_as_they_were_sent(ada):
    sent = {"visibility": "private", "gated": "auto", "discussionsDisabled": True, "discussionsSorting": "trending"}
    assert ada("PUT", "/api/models/ada/m/settings", sent).json() == sent
    assert ada("PUT", "/api/models/ada/m/settings", {"gatedNotificationsEmail": "a@b.c"}).json() == {
        "gatedNotificationsEmail": "a@b.c"
    }


def test_a_diff_is_shown_only_to_those_who_may_have_the_files(gate, ada, bob, anyone):
    ada.put("models/ada/m", "w.txt", b"SECRET\nsecond\n")
    answer = ada.commit("models/ada/m", ada.file("w.txt", b"SECRET\nchanged\n"), to="main?create_pr=1")
    num = int(answer.json()["pullRequestUrl"].rpartition("/")[2])
    for caller, shown in ((ada, True), (bob, False), (anyone, False)):
        answer = caller("GET", f"/api/models/ada/m/discussions/{num}?diff=1")
        assert (answer.status, b"SECRET" in answer.body, "diff" in answer.json()) == (200, shown, shown)
    ask(bob)
    handle(ada, user="bob", status="accepted")
    assert "SECRET" in bob("GET", f"/api/models/ada/m/discussions/{num}?diff=1").json()["diff"]


@pytest.mark.parametrize("kind", ["model", "dataset"])
def test_infos_with_blobs_mask_the_hashes_of_large_files(ada, bob, anyone, kind):
    ada("POST", "/api/repos/create", {"name": "g", "type": kind})
    prefix = "" if kind == "model" else "datasets/"
    oid = ada.upload(LARGE, f"{prefix}ada/g")
    ada.commit(f"{kind}s/ada/g", ada.large("x.bin", oid))
    ada("PUT", f"/api/{kind}s/ada/g/settings", {"gated": "auto"})
    for caller, shown in ((ada, oid), (bob, "*" * 64), (anyone, "*" * 64)):
        for path in (f"/api/{kind}s/ada/g?blobs=true", f"/api/{kind}s/ada/g/revision/main?blobs=true"):
            (file,) = [one for one in caller("GET", path).json()["siblings"] if one["rfilename"] == "x.bin"]
            assert (file["lfs"]["sha256"], file["size"]) == (shown, len(LARGE))


def test_a_refused_head_tells_no_hash(gate, ada, bob, anyone):
    ada.commit("models/ada/m", ada.large("x.bin", ada.upload(LARGE)))
    for caller, status in ((bob, 403), (anyone, 401)):
        answer = caller("HEAD", "/ada/m/resolve/main/x.bin")
        assert answer.error == (status, "GatedRepo")
        assert not {"etag", "x-linked-etag", "x-linked-size", "x-repo-commit", "location"} & answer.headers.keys()


def test_asking_and_withdrawing_take_a_token_that_may_speak_for_its_user(hub, login, gate, bob):
    reader = login(hub, "bob", "read")
    assert ask(reader).status == 403
    ask(bob)
    assert reader("POST", f"{REQUESTS}/cancel").status == 403
    weak = login(hub, "bob")
    weak.token = hub.accounts.add_fine_grained("bob", [Scope(entity="bob", permissions=["repo.write"])])
    assert weak("POST", f"{REQUESTS}/cancel").status == 403
    assert bob("POST", f"{REQUESTS}/cancel").status == 200
