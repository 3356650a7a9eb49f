"""Pull requests with regard to commits: how they are opened, committed to and listed."""

from __future__ import annotations

import pytest

from hub_typed.local.community.discussions import Discussion

REPO = "models/ada/m"
PULL = "refs%2Fpr%2F1"
DENIED = "You have read access but not the required permissions for this operation"


def head(caller, revision="main"):
    return caller("GET", f"/api/{REPO}/revision/{revision}").json()["sha"]


def files(caller, revision="main"):
    return [entry["path"] for entry in caller("GET", f"/api/{REPO}/tree/{revision}?recursive=true").json()]


def propose(caller, *lines, to="main", **header):
    return caller.commit(REPO, *lines, to=f"{to}?create_pr=1", **header)


def test_a_pull_request_is_a_ref_beside_the_branch(ada):
    before = head(ada)

    answer = propose(ada, ada.file("x", b"1"))

    told = answer.json()
    assert answer.status == 200
    assert told["pullRequestUrl"] == "http://hub.test/ada/m/discussions/1"
    assert told["commitUrl"] == f"http://hub.test/ada/m/commit/{told['commitOid']}"
    assert head(ada) == before
    assert head(ada, PULL) == told["commitOid"]
    assert files(ada, PULL) == [".gitattributes", "x"]
    history = ada("GET", f"/api/{REPO}/commits/{PULL}").json()
    assert [one["id"] for one in history] == [told["commitOid"], before]


def test_refs_tell_the_pull_requests_where_they_are_asked_for(ada):
    oids = [propose(ada, ada.file("x", bytes([number]))).json()["commitOid"] for number in range(2)]

    refs = ada("GET", f"/api/{REPO}/refs?include_prs=1").json()

    assert refs["pullRequests"] == [
        {"name": "1", "ref": "refs/pr/1", "targetCommit": oids[0]},
        {"name": "2", "ref": "refs/pr/2", "targetCommit": oids[1]},
    ]
    assert [one["name"] for one in refs["branches"]] == ["main"]
    assert "pullRequests" not in ada("GET", f"/api/{REPO}/refs").json()


def test_more_can_be_committed_to_it(ada):
    first = propose(ada, ada.file("x", b"1")).json()["commitOid"]

    second = ada.commit(REPO, ada.file("y", b"2"), to=PULL)

    assert second.status == 200
    assert "pullRequestUrl" not in second.json()
    assert head(ada, PULL) == second.json()["commitOid"] != first
    assert files(ada, PULL) == [".gitattributes", "x", "y"]
    assert ada("GET", f"/ada/m/resolve/{PULL}/y").body == b"2"
    assert ada.commit(REPO, ada.file("y", b"3"), to=PULL, parentCommit=first).status == 412
    assert ada.commit(REPO, ada.file("y", b"3"), to="refs%2Fpr%2F2").error == (404, "RevisionNotFound")


def test_it_begins_where_its_header_says(ada):
    old = head(ada)
    ada.put(REPO, "x", b"1")

    assert propose(ada, ada.file("y", b"2"), parentCommit=old[:5]).status == 200

    assert files(ada, PULL) == [".gitattributes", "y"]
    history = ada("GET", f"/api/{REPO}/commits/{PULL}").json()
    assert [one["id"] for one in history][1:] == [old]
    assert propose(ada, ada.file("y", b"2"), parentCommit="0" * 40).error == (404, "RevisionNotFound")


def test_a_branch_can_have_one_and_nothing_else(hub, ada):
    ada("POST", f"/api/{REPO}/branch/dev%2Fx", {})
    ada("POST", f"/api/{REPO}/tag/main", {"tag": "v1"})

    assert propose(ada, ada.file("x", b"1"), to="dev%2Fx").status == 200
    assert propose(ada, ada.file("x", b"1"), to="v1").error == (404, "RevisionNotFound")
    assert propose(ada, ada.file("x", b"1"), to="nope").error == (404, "RevisionNotFound")
    assert propose(ada, ada.file("x", b"1"), to=PULL).status == 400
    assert [one.base for one in hub.store.find("model", "ada/m").discussions.all()] == ["refs/heads/dev/x"]


def test_what_fails_opens_none(hub, ada):
    assert propose(ada, ("deletedFile", {"path": "nope"})).error == (404, "EntryNotFound")

    assert hub.store.find("model", "ada/m").discussions.all() == []
    assert ada("GET", f"/api/{REPO}/refs?include_prs=1").json()["pullRequests"] == []


def test_one_that_changes_nothing_begins_at_the_head(ada):
    answer = propose(ada)

    assert answer.json()["commitOid"] == head(ada) == head(ada, PULL)


def test_what_is_known_of_it_is_kept_and_moves_along(hub, ada):
    made = propose(ada, ada.file("x", b"1"), summary="Add x\nand more", description="Because.").json()["commitOid"]
    repo = hub.store.move(hub.store.find("model", "ada/m"), "ada/n")

    (kept,) = repo.discussions.all()

    assert (kept.num, kept.title, kept.author, kept.status) == (1, "Add x", "ada", "open")
    assert (kept.base, kept.ref, kept.head) == ("refs/heads/main", "refs/pr/1", made)
    assert [comment.data.latest.raw for comment in kept.comments] == ["and more\n\nBecause."]
    assert Discussion(num=2, title="A question", author="ada", created_at=kept.created_at).ref is None


# Who may do what


def test_anyone_may_propose_a_change_and_go_on_with_it(hub, ada, bob, login):
    content = b"large\0" * 100
    asked = {"files": [{"path": "w.bin", "size": len(content), "sample": "AA=="}]}
    assert bob("POST", f"/api/{REPO}/preupload/main", asked).status == 403
    assert bob("POST", f"/api/{REPO}/preupload/main?create_pr=1", asked).json()["files"][0]["uploadMode"] == "lfs"
    oid = bob.upload(content)

    assert propose(bob, bob.large("w.bin", oid)).status == 200

    assert bob("POST", f"/api/{REPO}/preupload/{PULL}", asked).status == 200
    batch = {"operation": "upload", "objects": [], "ref": {"name": "refs/pr/1"}}
    assert bob("POST", "/ada/m.git/info/lfs/objects/batch", batch).status == 200
    assert bob.commit(REPO, bob.file("x", b"1"), to=PULL).status == 200
    assert ada.commit(REPO, ada.file("x", b"2"), to=PULL).status == 200
    for caller, revision in [(bob, "main"), (login(hub, "eve"), PULL)]:
        refused = caller.commit(REPO, caller.file("x", b"3"), to=revision)
        assert (refused.status, refused.json()["error"]) == (403, DENIED)


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("reader", 403)])
def test_who_may_only_read_proposes_nothing(hub, ada, anyone, login, who, status):
    caller = {"nobody": anyone, "reader": login(hub, "ada", "read")}[who]

    assert propose(caller, caller.file("x", b"1")).status == status
    assert caller("POST", f"/api/{REPO}/preupload/main?create_pr=1", {"files": []}).status == status
    batch = {"operation": "upload", "objects": []}
    assert caller("POST", "/ada/m.git/info/lfs/objects/batch", batch).status == status


def test_what_is_private_is_proposed_to_by_nobody_else(ada, bob):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})

    answer = bob.commit("models/ada/secret", bob.file("x", b"1"), to="main?create_pr=1")

    assert answer.error == (404, "RepoNotFound")
