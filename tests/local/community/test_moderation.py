"""Discussions that are pinned or deleted, and pull requests whose ref is deleted."""

from __future__ import annotations

import pytest

from hub_typed.local.server.app import Hub
from tests.local.community.discussing import DENIED, REPO, begin, details, do, head, listed, propose, pull_ref
from tests.local.conftest import Caller

DISCUSSION = f"/api/{REPO}/discussions"


def test_what_is_pinned_comes_first_in_lists(ada, bob):
    first, second, third = begin(bob), begin(bob), begin(bob)

    assert do(ada, first, "pin", pinned=True).status == 200

    assert listed(bob) == [first, third, second]
    assert (details(bob, first)["pinned"], details(bob, second)["pinned"]) == (True, False)
    assert do(ada, first, "pin", pinned=False).status == 200
    assert listed(bob) == [third, second, first]


def test_a_deleted_discussion_is_gone_and_its_number_is_not_given_again(hub, ada, bob):
    begin(bob)
    last = begin(bob)

    assert ada("DELETE", f"{DISCUSSION}/{last}").status == 200

    restarted = Caller(Hub(hub._root), ada.token)
    assert ada("GET", f"{DISCUSSION}/{last}").status == 404
    assert listed(restarted) == [1]
    assert begin(restarted) == last + 1


def test_a_deleted_pull_request_takes_its_ref_along(ada):
    num = propose(ada)

    assert ada("DELETE", f"{DISCUSSION}/{num}").status == 200

    assert ada("GET", f"/api/{REPO}/revision/{pull_ref(num)}").error == (404, "RevisionNotFound")
    assert propose(ada) == num + 1


def test_without_its_ref_a_pull_request_keeps_its_page_and_diff(ada, bob):
    num = propose(bob)
    diff = details(ada, num, diff=True)["diff"]
    assert ada("DELETE", f"{DISCUSSION}/{num}/ref").status == 400
    assert do(ada, num, "status", status="closed").status == 200

    assert ada("DELETE", f"{DISCUSSION}/{num}/ref").status == 200

    assert ada("GET", f"/api/{REPO}/revision/{pull_ref(num)}").error == (404, "RevisionNotFound")
    told = details(ada, num, diff=True)
    assert (told["status"], told["diff"], told["filesWithConflicts"]) == ("closed", diff, [])
    assert "+1" in diff
    assert ada("DELETE", f"{DISCUSSION}/{num}/ref").status == 400
    assert do(ada, num, "status", status="open").status == 400
    assert do(ada, num, "merge").status == 400
    assert propose(bob) == num + 1


def test_the_ref_of_a_merged_pull_request_can_be_deleted(ada):
    num = propose(ada)
    assert do(ada, num, "merge").status == 200
    merged = head(ada)

    assert ada("DELETE", f"{DISCUSSION}/{num}/ref").status == 200

    assert (details(ada, num)["status"], head(ada)) == ("merged", merged)


def test_large_files_that_only_a_pull_request_has_are_freed_with_its_ref(hub, ada):
    shared, only = ada.upload(b"both\0"), ada.upload(b"only the pull request\0")
    assert ada.commit(REPO, ada.large("shared.bin", shared)).status == 200
    lines = [ada.large("shared.bin", shared), ada.large("only.bin", only)]
    assert ada.commit(REPO, *lines, to="main?create_pr=1").status == 200
    storage = f"{DISCUSSION}/1/storage"
    assert ada("GET", storage).json() == {"estimatedStorage": len(b"only the pull request\0"), "refDeleted": False}

    assert do(ada, 1, "status", status="closed").status == 200
    assert ada("DELETE", f"{DISCUSSION}/1/ref").status == 200

    assert ada("GET", storage).json() == {"estimatedStorage": 0, "refDeleted": True}
    assert (hub.lfs.size(shared), hub.lfs.size(only)) == (len(b"both\0"), None)


def test_a_discussion_has_no_ref(ada):
    num = begin(ada)

    assert ada("DELETE", f"{DISCUSSION}/{num}/ref").status == 404
    assert ada("GET", f"{DISCUSSION}/{num}/storage").status == 404


@pytest.mark.parametrize(("method", "what"), [("POST", "/pin"), ("DELETE", ""), ("DELETE", "/ref")])
def test_authors_alone_may_not_moderate(ada, bob, method, what):
    num = begin(bob)

    answer = bob(method, f"{DISCUSSION}/{num}{what}", {"pinned": True})

    assert (answer.status, answer.json()["error"]) == (403, DENIED)
    assert listed(ada) == [num]
