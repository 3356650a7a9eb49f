"""Discussions of the embedded Hub: responses, permissions and validation."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import attrs
import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.community.discussions import Discussion
from hub_typed.local.server.app import Hub
from tests.local.community.discussing import REPO, begin, details, do, kinds, listed, propose
from tests.local.conftest import Caller


def test_a_discussion_begins_with_a_comment(ada, bob):
    answer = bob("POST", f"/api/{REPO}/discussions", {"title": "  A question ", "description": "Why <b>?\n\nSo."})

    assert answer.json() == {"num": 1, "url": "http://hub.test/ada/m/discussions/1", "pullRequest": False}
    told = details(ada, 1, diff=True)
    assert (told["title"], told["status"], told["isPullRequest"]) == ("A question", "open", False)
    assert told["repo"] == {"name": "ada/m", "type": "model"}
    assert (told["author"]["name"], told["author"]["type"]) == ("bob", "user")
    assert not {"changes", "diff", "filesWithConflicts"} & set(told)
    (comment,) = told["events"]
    assert (comment["type"], comment["author"]["name"], comment["createdAt"]) == ("comment", "bob", told["createdAt"])
    assert comment["data"]["latest"]["raw"] == "Why <b>?\n\nSo."
    assert comment["data"]["latest"]["html"] == "<p>Why &lt;b&gt;?</p>\n<p>So.</p>"


def test_comments_follow_each_other_whoever_writes_them(ada, bob, anyone):
    num = begin(bob)

    answer = do(ada, num, "comment", comment=" Because. ")

    assert answer.status == 201
    assert answer.json()["newMessage"]["data"]["latest"]["raw"] == " Because. "
    said = [(event["author"]["name"], event["data"]["latest"]["raw"]) for event in details(anyone, num)["events"]]
    assert said == [("bob", "Why?"), ("ada", " Because. ")]
    assert details(anyone, num)["events"][1] == answer.json()["newMessage"]


def test_an_edited_comment_keeps_its_history(ada):
    num = begin(ada)
    (comment,) = details(ada, num)["events"]

    for text in ("How?", "Where?"):
        answer = do(ada, num, f"comment/{comment['id']}/edit", content=text)

    data = answer.json()["updatedComment"]["data"]
    assert details(ada, num)["events"] == [answer.json()["updatedComment"]]
    assert (data["edited"], data["numEdits"], data["latest"]["raw"]) == (True, 2, "Where?")
    assert [version["raw"] for version in data["history"]] == ["Why?", "How?"]
    assert answer.json()["updatedComment"]["createdAt"] == comment["createdAt"] <= data["latest"]["updatedAt"]


def test_a_hidden_comment_is_gone_for_good(tmp_path, ada, bob):
    num = begin(ada, text="A secret")
    do(bob, num, "comment", comment="An answer")
    comment, other = details(ada, num)["events"]
    do(ada, num, f"comment/{comment['id']}/edit", content="A second secret")

    answer = do(ada, num, f"comment/{comment['id']}/hide")

    data = answer.json()["updatedComment"]["data"]
    assert (data["hidden"], data["hiddenBy"], data["history"]) == (True, "ada", [])
    assert data["latest"]["raw"] == "This comment has been hidden"
    assert do(ada, num, f"comment/{comment['id']}/hide").json() == answer.json()
    assert details(ada, num)["events"] == [answer.json()["updatedComment"], other]
    edited = do(ada, num, f"comment/{comment['id']}/edit", content="Back")
    assert (edited.status, edited.json()["error"]) == (400, "A hidden comment cannot be edited")
    assert not any(b"secret" in kept.read_bytes() for kept in tmp_path.rglob("discussions/*"))


def test_a_discussion_is_renamed(ada):
    num = begin(ada)

    answer = do(ada, num, "title", title=" A better question ")

    assert answer.json()["newTitle"]["data"] == {"from": "A question", "to": "A better question"}
    told = details(ada, num)
    assert (told["title"], told["events"][-1]) == ("A better question", answer.json()["newTitle"])


def test_a_discussion_is_closed_and_opened_again(ada):
    num = begin(ada)

    closed = do(ada, num, "status", status="closed", comment="Done.")
    assert (closed.json()["newStatus"]["data"], details(ada, num)["status"]) == ({"status": "closed"}, "closed")
    assert kinds(ada, num) == ["comment", "comment", "status-change"]
    assert do(ada, num, "comment", comment="Still here").status == 201
    assert do(ada, num, "status", status="open").status == 200
    assert details(ada, num)["status"] == "open"
    assert do(ada, num, "status", status="open").status == 400


def test_events_are_told_in_the_order_and_at_the_time_they_happened(tmp_path, login):
    clock = iter(range(1_700_000_000, 1_800_000_000))
    ada = login(Hub(tmp_path, now=lambda: next(clock)), "ada")
    ada("POST", "/api/repos/create", {"name": "m"})
    num = begin(ada)
    do(ada, num, "title", title="Another one")
    do(ada, num, "status", status="closed")

    moments = [event["createdAt"] for event in details(ada, num)["events"]]

    assert moments == sorted(set(moments))
    assert len(moments) == 3
    assert moments[0].startswith("2023-11-14T22:")


@pytest.mark.parametrize("repo_type", ["dataset", "space", "kernel"])
def test_other_types_have_their_own_numbers_and_pages(ada, repo_type):
    begin(ada)
    ada("POST", "/api/repos/create", {"name": "m", "type": repo_type, "sdk": "static"})
    repo = f"{repo_type}s/ada/m"

    answer = ada("POST", f"/api/{repo}/discussions", {"title": "A question", "description": ""})

    assert answer.json()["num"] == 1
    assert answer.json()["url"] == f"http://hub.test/{repo}/discussions/1"
    assert details(ada, 1, repo=repo)["repo"] == {"name": "ada/m", "type": repo_type}


def test_discussions_move_with_their_repository_and_survive_a_new_start(hub, tmp_path, ada, login):
    num = propose(ada)
    do(ada, num, "comment", comment="Nice")
    before = details(ada, num, diff=True)
    ada("POST", "/api/repos/move", {"fromRepo": "ada/m", "toRepo": "ada/n"})

    again = login(Hub(tmp_path / "hub"), "ada")

    after = details(again, num, diff=True, repo="models/ada/n")
    assert after == {**before, "repo": {"name": "ada/n", "type": "model"}}
    assert again("GET", f"/api/{REPO}/discussions/{num}").headers["location"] == f"/api/models/ada/n/discussions/{num}"
    assert begin(again, repo="models/ada/n") == num + 1


# The list


@pytest.fixture
def some(ada, bob):
    """One discussion of each status: closed, open, draft, merged, open; by two users."""
    do(ada, begin(ada, "The first question"), "status", status="closed")
    begin(bob, "A second QUESTION", "On weights")
    begin(bob, "Empty so far", pull=True)
    do(ada, propose(ada, summary="Merged"), "merge")
    propose(bob, "y", summary="Waiting")


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("", [5, 4, 3, 2, 1]),
        ("type=all&status=all&sort=trending", [5, 4, 3, 2, 1]),
        ("type=discussion", [2, 1]),
        ("type=pull_request", [5, 4, 3]),
        ("status=open", [5, 3, 2]),
        ("status=closed", [4, 1]),
        ("author=bob", [5, 3, 2]),
        ("author=nobody", []),
        ("author=ada&type=pull_request&status=closed", [4]),
        ("search=question", [2, 1]),
        ("search=second+weights", [2]),
        ("search=second+nothing", []),
    ],
)
@pytest.mark.usefixtures("some")
def test_the_list_shows_what_is_asked_for_the_latest_first(anyone, query, numbers):
    assert listed(anyone, query) == numbers


@pytest.mark.usefixtures("some")
def test_the_list_comes_in_pages(hub, ada):
    hub.page_size = 2

    pages = [ada("GET", f"/api/{REPO}/discussions?p={number}").json() for number in range(4)]

    assert [[one["num"] for one in page["discussions"]] for page in pages] == [[5, 4], [3, 2], [1], []]
    assert [(page["count"], page["start"], page["numClosedDiscussions"]) for page in pages] == [
        (5, 0, 2),
        (5, 2, 2),
        (5, 4, 2),
        (5, 6, 2),
    ]
    assert ada("GET", f"/api/{REPO}/discussions?type=discussion").json()["count"] == 2


@pytest.mark.usefixtures("some")
def test_an_entry_of_the_list_says_what_kind_it_is(ada):
    entries = {one["num"]: one for one in ada("GET", f"/api/{REPO}/discussions").json()["discussions"]}

    told = {num: (one["status"], one["isPullRequest"], one["numComments"]) for num, one in entries.items()}
    assert told == {
        1: ("closed", False, 1),
        2: ("open", False, 1),
        3: ("draft", True, 1),
        4: ("merged", True, 1),
        5: ("open", True, 1),
    }
    owner = {"name": "ada", "type": "user", "isParticipating": True, "isDiscussionAuthor": True}
    assert entries[1]["repoOwner"] == owner
    assert entries[2]["repoOwner"] == {**owner, "isParticipating": False, "isDiscussionAuthor": False}


@pytest.mark.parametrize("query", ["type=issue", "status=merged", "sort=oldest", "p=-1", "p=two"])
def test_a_list_that_cannot_be_made(ada, query):
    assert ada("GET", f"/api/{REPO}/discussions?{query}").status == 400


# Who may do what


def test_a_discussion_belongs_to_who_began_it_and_to_the_owner(hub, ada, bob, login):
    eve = login(hub, "eve")
    num = begin(bob)
    comment = details(ada, num)["events"][0]["id"]
    changes = [("title", {"title": "Mine"}), ("status", {"status": "closed"}), (f"comment/{comment}/hide", {})]
    for what, body in changes:
        refused = do(eve, num, what, **body)
        assert (refused.status, "Only the author" in refused.json()["error"]) == (403, True)
    for caller in (eve, ada):
        assert do(caller, num, f"comment/{comment}/edit", content="Mine").status == 403
    assert do(bob, num, "title", title="His own").status == 200
    for what, body in changes:
        assert do(ada, num, what, **body).status == 200


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("reader", 403), ("scoped", 403)])
def test_who_may_only_read_says_nothing(hub, ada, anyone, login, who, status):
    num = begin(ada)
    comment = details(ada, num)["events"][0]["id"]
    reading = [Scope(entity="ada", permissions=("repo.content.read", "repo.write"))]
    caller = {
        "nobody": anyone,
        "reader": login(hub, "ada", "read"),
        "scoped": Caller(hub, hub.accounts.add_fine_grained("ada", reading)),
    }[who]

    answers = [
        caller("POST", f"/api/{REPO}/discussions", {"title": "A question", "description": ""}),
        do(caller, num, "comment", comment="Hi"),
        do(caller, num, f"comment/{comment}/edit", content="Hi"),
        do(caller, num, f"comment/{comment}/hide"),
        do(caller, num, "title", title="Another"),
        do(caller, num, "status", status="closed"),
    ]

    assert [answer.status for answer in answers] == [status] * len(answers)
    assert listed(caller) == [num]


def test_a_token_for_discussions_alone_discusses(hub, ada):
    scopes = [Scope(entity="ada/m", permissions=("repo.content.read", "discussion.write"))]
    caller = Caller(hub, hub.accounts.add_fine_grained("ada", scopes))
    num = begin(caller)

    assert do(caller, num, "comment", comment="Hi").status == 201
    assert do(caller, propose(ada), "merge").status == 403


def test_the_discussions_of_a_private_repository_are_hidden(ada, bob, anyone):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    begin(ada, repo="models/ada/secret")

    for path in ("discussions", "discussions/1"):
        assert bob("GET", f"/api/models/ada/secret/{path}").error == (404, "RepoNotFound")
        assert anyone("GET", f"/api/models/ada/secret/{path}").status == 401
    assert bob("POST", "/api/models/ada/secret/discussions/1/comment", {"comment": "Hi"}).status == 404


def test_where_discussions_are_turned_off_there_are_none(hub, ada):
    num = propose(ada)
    hub.store.find("model", "ada/m").change(discussions_disabled=True)

    answers = [
        ada("GET", f"/api/{REPO}/discussions"),
        ada("GET", f"/api/{REPO}/discussions/{num}"),
        ada("POST", f"/api/{REPO}/discussions", {"title": "A question", "description": ""}),
        do(ada, num, "comment", comment="Hi"),
        do(ada, num, "merge"),
        ada.commit(REPO, ada.file("y", b"1"), to="main?create_pr=1"),
    ]

    assert {(answer.status, answer.json()["error"]) for answer in answers} == {
        (403, "Discussions are disabled for this repository")
    }
    assert ada.commit(REPO, ada.file("y", b"1")).status == 200


# What makes no sense


@pytest.mark.parametrize("num", [0, 2, 99999])
def test_a_discussion_that_is_not_there(ada, num):
    begin(ada)

    answers = [
        ada("GET", f"/api/{REPO}/discussions/{num}"),
        do(ada, num, "comment", comment="Hi"),
        do(ada, num, "comment/abc/edit", content="Hi"),
        do(ada, num, "comment/abc/hide"),
        do(ada, num, "title", title="Another"),
        do(ada, num, "status", status="closed"),
        do(ada, num, "merge"),
    ]

    assert {(answer.error, answer.json()["error"]) for answer in answers} == {((404, None), "Discussion not found")}


def test_a_comment_that_is_not_there(ada):
    num = begin(ada)
    do(ada, num, "title", title="Another")
    title_change = details(ada, num)["events"][-1]["id"]

    for comment in ("abc", title_change):
        for what, body in (("edit", {"content": "Hi"}), ("hide", {})):
            answer = do(ada, num, f"comment/{comment}/{what}", **body)
            assert (answer.status, answer.json()["error"]) == (404, "Comment not found")


@pytest.mark.parametrize(
    ("what", "body"),
    [
        ("title", {"title": "ab"}),
        ("title", {"title": "a" * 201}),
        ("title", {"title": 3}),
        ("title", {}),
        ("comment", {"comment": " \n"}),
        ("comment", {"comment": "a" * 65537}),
        ("comment", {"comment": ["Hi"]}),
        ("comment", {}),
        ("status", {"status": "merged"}),
        ("status", {"status": "draft"}),
        ("status", {"status": ["closed"]}),
        ("status", {"status": "closed", "comment": ""}),
        ("merge", {"comment": ""}),
    ],
)
def test_a_change_that_makes_no_sense(ada, what, body):
    num = propose(ada)
    before = details(ada, num)

    assert do(ada, num, what, **body).status == 400
    assert details(ada, num) == before


@pytest.mark.parametrize("body", [{"title": "ab", "description": ""}, {"title": "A title"}, {"description": "Why?"}])
def test_a_discussion_that_makes_no_sense(ada, body):
    assert ada("POST", f"/api/{REPO}/discussions", body).status == 400
    assert listed(ada) == []


# What is kept


def test_a_discussion_knows_its_events_as_they_are_now(hub, ada):
    num = begin(ada)
    discussion = hub.store.find("model", "ada/m").discussions.get(num)
    (comment,) = discussion.comments
    hidden = attrs.evolve(comment, data=attrs.evolve(comment.data, hidden=True))

    assert discussion.with_comment(hidden).comments == [hidden]
    assert discussion.with_comment(attrs.evolve(hidden, id="other")) == discussion


def test_a_discussion_whose_author_is_gone_has_none(hub, ada):
    discussions = hub.store.find("model", "ada/m").discussions
    discussions.add(Discussion(num=1, title="From nobody", author="gone", created_at=datetime.now(UTC)))

    assert "author" not in details(ada, 1)
    assert "author" not in ada("GET", f"/api/{REPO}/discussions").json()["discussions"][0]


def test_an_organization_is_told_as_the_owner(hub, ada, bob):
    hub.accounts.add_organization("team", {"ada": "write"})
    assert ada("POST", "/api/repos/create", {"name": "m", "organization": "team"}).status == 200
    begin(bob, repo="models/team/m")

    (entry,) = bob("GET", "/api/models/team/m/discussions").json()["discussions"]

    assert (entry["repoOwner"]["name"], entry["repoOwner"]["type"]) == ("team", "org")
    title = ada("POST", "/api/models/team/m/discussions/1/title", {"title": "A member may"})
    assert title.status == 200


def test_comments_at_the_same_time_are_all_kept(hub, ada, bob):
    num = begin(ada)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: do((ada, bob)[n % 2], num, "comment", comment=f"Number {n}"), range(40)))

    assert {answer.status for answer in answers} == {201}
    said = {event["data"]["latest"]["raw"] for event in details(ada, num)["events"]}
    assert said == {"Why?", *(f"Number {n}" for n in range(40))}


def test_numbers_are_given_once_however_many_begin(ada, bob):
    def start(n):
        return propose(ada, f"x{n}") if n % 3 == 0 else begin((ada, bob)[n % 2], pull=n % 3 == 1)

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(start, range(12)))

    assert sorted(numbers) == list(range(1, 13)) == sorted(listed(ada))
