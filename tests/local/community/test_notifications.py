"""Notifications: who gets which, and what becomes of them."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.community.discussing import REPO, begin, do, propose
from tests.local.conftest import Caller

INBOX = "/api/notifications"
WATCH = "/api/settings/watch"


def titles(caller, query=""):
    answer = caller("GET", f"{INBOX}?{query}")
    assert answer.status == 200, answer.body
    return [one["discussion"]["title"] for one in answer.json()["notifications"]]


def test_an_owner_is_notified_of_discussions_and_pull_requests(ada, bob, anyone):
    num = begin(bob, "A question")
    propose(bob, summary="A change")

    told = ada("GET", INBOX).json()

    newest, first = told["notifications"]
    assert (newest["discussion"]["title"], newest["discussion"]["isPullRequest"]) == ("A change", True)
    assert (first["type"], first["read"], first["repo"]) == ("repo", False, {"type": "model", "name": "ada/m"})
    assert (first["discussion"]["num"], first["discussion"]["participating"][0]["user"]) == (num, "bob")
    assert told["count"] == {"view": 2, "unread": 2, "all": 2}
    assert bob("GET", INBOX).json()["notifications"] == [], "nobody is notified of what they did"
    assert anyone("GET", INBOX).status == 401


def test_who_takes_part_or_is_mentioned_is_notified_from_then_on(hub, ada, bob, login):
    eve, dan = login(hub, "eve"), login(hub, "dan")
    num = begin(bob)
    do(eve, num, "comment", comment="Why not?")
    assert (titles(bob), titles(eve), titles(dan)) == (["A question"], [], [])

    do(ada, num, "comment", comment="Ask @dan, not @danny or x@eve.")

    assert (titles(eve, "mention=participating"), titles(dan, "mention=mentions")) == (["A question"], ["A question"])
    assert (titles(eve, "mention=mentions"), titles(dan, "mention=participating")) == ([], [])


def test_a_read_notification_is_unread_after_another_event(hub, ada, bob):
    num = begin(bob)
    (one,) = ada("GET", INBOX).json()["notifications"]
    ids = {"discussionIds": [one["discussion"]["id"]]}

    assert ada("POST", f"{INBOX}/mark-as-read", ids).status == 200

    restarted = Caller(Hub(hub._root), ada.token)
    assert (titles(restarted), titles(restarted, "readStatus=unread")) == (["A question"], [])
    assert restarted("GET", INBOX).json()["count"] == {"view": 1, "unread": 0, "all": 1}
    do(bob, num, "comment", comment="Well?")
    assert titles(ada, "readStatus=unread") == ["A question"]
    assert ada("POST", f"{INBOX}/mark-as-read?applyToAll=true", {}).status == 200
    assert titles(ada, "readStatus=unread") == []
    assert ada("POST", f"{INBOX}/mark-as-read?applyToAll=true", {"read": False}).status == 200
    assert titles(ada, "readStatus=unread") == ["A question"]


def test_a_deleted_notification_comes_again_with_another_event(hub, ada, bob):
    num, other = begin(bob, "First"), begin(bob, "Second")
    ids = {one["discussion"]["num"]: one["discussion"]["id"] for one in ada("GET", INBOX).json()["notifications"]}

    assert ada("DELETE", INBOX, {"discussionIds": [ids[num], "unknown"]}).status == 200

    assert titles(Caller(Hub(hub._root), ada.token)) == ["Second"]
    do(bob, num, "comment", comment="Well?")
    assert titles(ada) == ["First", "Second"]
    assert ada("DELETE", f"{INBOX}?applyToAll=true&repoName=ada/none", {}).status == 200
    assert len(titles(ada)) == 2
    assert ada("DELETE", f"{INBOX}?applyToAll=true&repoName=ada/m", {}).status == 200
    assert titles(ada) == []
    assert ada("DELETE", INBOX, {}).status == 400
    assert other


def test_what_is_watched_notifies_of_new_discussions(hub, ada, bob, login):
    eve = login(hub, "eve")
    begin(bob, "Before")
    repo, user = hub.store.find("model", "ada/m").facts.id, hub.accounts.user("ada").id

    assert eve("PATCH", WATCH, {"add": [{"type": "repo", "id": repo}]}).status == 200
    begin(bob, "Watched")
    assert titles(eve) == ["Watched"]

    changed = {"add": [{"type": "user", "id": user}], "delete": [{"type": "repo", "id": repo}]}
    assert eve("PATCH", WATCH, changed).status == 200
    assert titles(eve) == []
    begin(bob, "Of the owner")
    assert titles(Caller(Hub(hub._root), eve.token)) == ["Of the owner"]
    for unknown in ({"type": "repo", "id": "none"}, {"type": "org", "id": user}, {"type": "job", "id": "none"}):
        assert eve("PATCH", WATCH, {"add": [unknown]}).status == 400


def test_owners_and_members_may_stop_to_watch(hub, ada, bob, login):
    lab = hub.accounts.add_organization("lab", {"ada": "admin", "eve": "read"})
    assert ada("POST", "/api/repos/create", {"name": "m", "organization": "lab"}).status == 200
    eve = login(hub, "eve")
    begin(bob, "Of the lab", repo="models/lab/m")
    begin(bob, "Of ada")
    assert (titles(ada), titles(eve)) == (["Of ada", "Of the lab"], ["Of the lab"])

    assert ada("PATCH", WATCH, {"delete": [{"type": "user", "id": hub.accounts.user("ada").id}]}).status == 200
    assert eve("PATCH", WATCH, {"delete": [{"type": "org", "id": lab.id}]}).status == 200

    assert (titles(ada), titles(eve)) == (["Of the lab"], [])


def test_nobody_is_notified_of_what_they_may_not_see(ada, bob):
    num = begin(bob)
    do(ada, num, "comment", comment="@bob")
    assert titles(bob) == ["A question"]

    assert ada("PUT", f"/api/{REPO}/settings", {"private": True}).status == 200

    assert titles(bob) == []


@pytest.mark.parametrize("page", ["posts/ada/first", "blog/ada/long", "papers/2401.00000"])
def test_authors_and_commenters_are_notified_of_comments(hub, ada, bob, login, page):
    hub.community.publications.add_post("ada", "first", "First")
    article = hub.community.publications.add_article("long", "Long", author="ada")
    author = ada("GET", "/api/papers/2401.00000").json()["authors"][0]["_id"]
    ada("POST", "/api/settings/papers/claim", {"paperId": "2401.00000", "claimAuthorId": author})
    assert bob("POST", f"/api/{page}/comment", {"comment": "Good."}).status == 201
    assert login(hub, "eve")("POST", f"/api/{page}/comment", {"comment": "Better."}).status == 201

    kinds = [caller("GET", INBOX).json()["notifications"][0]["type"] for caller in (ada, bob)]

    kind = {"posts": "post", "blog": "community_blog", "papers": "paper"}[page.partition("/")[0]]
    assert kinds == [kind, kind]
    filters = {"postAuthor=ada": "post", f"articleId={article.id}": "community_blog", "paperId=2401.00000": "paper"}
    for query, of_kind in filters.items():
        assert len(ada("GET", f"{INBOX}?{query}").json()["notifications"]) == (of_kind == kind)


def test_settings_of_emails_are_stored(hub, ada):
    url = "/api/settings/notifications"
    assert ada("PATCH", url, {"notifications": {"announcements": False, "job_status": True}}).status == 200
    assert ada("PATCH", url, {"notifications": {"announcements": True}}).status == 200

    assert Hub(hub._root).community.inboxes.of("ada").emails == {"announcements": True, "job_status": True}
    assert ada("PATCH", url, {"notifications": {"announcements": "no"}}).status == 400


def test_the_client_reads_all_pages():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api, HfApi(hub.endpoint, hub.add_user("bob")) as bob:
        repo_id = api.create_repo("m").repo_id
        for number in range(3):
            bob.create_discussion(repo_id, f"Question {number}")
        hub.hub.page_size = 2

        pages = [page.items for page in api.pages(operations.notifications.list_notifications())]

        assert [[one.discussion.title for one in page] for page in pages if page] == [
            ["Question 2", "Question 1"],
            ["Question 0"],
        ]
