"""Discussions and pull requests of the embedded Hub: what is told, who may do what, and what a merge leaves behind."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import attrs
import pytest

from hub_typed.local.accounts import Scope
from hub_typed.local.app import Hub
from hub_typed.local.discussions import Discussion
from hub_typed.local.faults import HubFault
from hub_typed.local.pulls import Proposal
from tests.local.conftest import Caller

REPO = "models/ada/m"
DENIED = "You have read access but not the required permissions for this operation"


def begin(caller, title="A question", text="Why?", repo=REPO, *, pull=False):
    body = {"title": title, "description": text, "pullRequest": pull}
    answer = caller("POST", f"/api/{repo}/discussions", body)
    assert answer.status == 200, answer.body
    return answer.json()["num"]


def propose(caller, path="x", content=b"1\n", to="main", **header):
    answer = caller.commit(REPO, caller.file(path, content), to=f"{to}?create_pr=1", **header)
    assert answer.status == 200, answer.body
    return int(answer.json()["pullRequestUrl"].rpartition("/")[2])


def details(caller, num, *, diff=False, repo=REPO):
    answer = caller("GET", f"/api/{repo}/discussions/{num}{'?diff=1' if diff else ''}")
    assert answer.status == 200, answer.body
    return answer.json()


def do(caller, num, what, **body):
    return caller("POST", f"/api/{REPO}/discussions/{num}/{what}", body)


def kinds(caller, num):
    return [event["type"] for event in details(caller, num)["events"]]


def listed(caller, query="", repo=REPO):
    answer = caller("GET", f"/api/{repo}/discussions?{query}")
    assert answer.status == 200, answer.body
    return [one["num"] for one in answer.json()["discussions"]]


def head(caller, revision="main"):
    return caller("GET", f"/api/{REPO}/revision/{revision}").json()["sha"]


def pull_ref(num):
    return f"refs%2Fpr%2F{num}"


# Discussions


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


@pytest.mark.parametrize("repo_type", ["dataset", "space"])
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
    """One of each: closed, open, draft, merged, open; from two people."""
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


# Pull requests


def test_an_empty_pull_request_is_a_draft_at_the_head_of_main(ada, bob):
    answer = bob("POST", f"/api/{REPO}/discussions", {"title": "To come", "description": "", "pullRequest": True})

    references = {"base": "refs/heads/main", "headCommitId": head(ada)}
    assert answer.json()["references"] == references
    assert head(ada, pull_ref(1)) == head(ada)
    told = details(ada, 1, diff=True)
    assert (told["status"], told["isPullRequest"], told["changes"]) == ("draft", True, references)
    assert (told["filesWithConflicts"], told["diff"]) == ([], "")
    assert "diff" not in details(ada, 1)


def test_commits_to_a_pull_request_are_events(ada, bob):
    num = begin(bob, pull=True)
    first = bob.put(REPO, "x", b"1\n", to=pull_ref(num))
    second = ada.put(REPO, "y", b"2\n", to=pull_ref(num))

    told = details(ada, num)

    commits = [event for event in told["events"] if event["type"] == "commit"]
    assert [(one["author"]["name"], one["data"]["oid"], one["data"]["subject"]) for one in commits] == [
        ("bob", first, "a change"),
        ("ada", second, "a change"),
    ]
    assert commits[1]["data"]["parents"] == [first]
    assert told["changes"]["headCommitId"] == second


def test_a_pull_request_that_begins_with_a_commit_is_open(ada):
    num = propose(ada, summary="Add x", description="Because.")

    told = details(ada, num)

    assert (told["title"], told["status"]) == ("Add x", "open")
    assert kinds(ada, num) == ["comment", "commit"]
    assert told["events"][0]["data"]["latest"]["raw"] == "Because."


def test_the_diff_is_what_git_says(ada):
    ada.put(REPO, "x", b"1\n")
    num = propose(ada, "x", b"2\n")
    ada.put(REPO, "unrelated", b"1\n")

    told = details(ada, num, diff=True)

    assert told["diff"].splitlines() == [
        "diff --git a/x b/x",
        "index d00491f..0cfbf08 100644",
        "--- a/x",
        "+++ b/x",
        "@@ -1 +1 @@",
        "-1",
        "+2",
    ]
    assert told["filesWithConflicts"] == []


def test_a_draft_becomes_a_pull_request_that_can_be_merged(ada):
    num = begin(ada, pull=True)
    ada.put(REPO, "x", b"1\n", to=pull_ref(num))
    refused = do(ada, num, "merge")
    assert (refused.status, refused.json()["error"]) == (400, "This pull request is draft: open it first")

    assert do(ada, num, "status", status="open").status == 200
    assert do(ada, num, "merge").status == 200

    assert ada("GET", "/ada/m/resolve/main/x").body == b"1\n"


def test_a_merge_puts_one_commit_on_the_branch(ada, bob):
    ada.put(REPO, "mine", b"1\n")
    num = propose(bob, "x", b"1\n", summary="Add x")
    second = bob.put(REPO, "y", b"2\n", to=pull_ref(num))
    before = ada.put(REPO, "mine", b"2\n")

    answer = do(ada, num, "merge", comment="Thanks!")

    assert answer.status == 200
    told = details(ada, num, diff=True)
    merged = told["changes"]["mergeCommitId"]
    assert (told["status"], merged, told["filesWithConflicts"]) == ("merged", head(ada), [])
    assert [event["type"] for event in told["events"]][-2:] == ["comment", "status-change"]
    assert told["events"][-1]["data"] == {"status": "merged"}
    assert "+++ b/x" in told["diff"]
    latest, earlier, *_ = ada("GET", f"/api/{REPO}/commits/main").json()
    assert (latest["id"], latest["title"], latest["authors"][0]["user"]) == (merged, f"Add x (#{num})", "ada")
    assert earlier["id"] == before
    assert f"- a change ({second})" in latest["message"]
    assert "Co-authored-by: bob <" in latest["message"]
    contents = {path: ada("GET", f"/ada/m/resolve/main/{path}").body for path in ("mine", "x", "y")}
    assert contents == {"mine": b"2\n", "x": b"1\n", "y": b"2\n"}


def test_a_pull_request_goes_into_its_own_branch(ada):
    ada("POST", f"/api/{REPO}/branch/dev", {})
    before = head(ada)
    num = propose(ada, to="dev")

    assert do(ada, num, "merge").status == 200

    assert (head(ada), head(ada, "dev")) == (before, details(ada, num)["changes"]["mergeCommitId"])


def test_an_empty_pull_request_is_merged_too(ada):
    num = begin(ada, pull=True)
    do(ada, num, "status", status="open")

    assert do(ada, num, "merge").status == 200

    assert details(ada, num)["changes"]["mergeCommitId"] == head(ada)


def test_files_that_conflict_are_told_and_not_merged(ada):
    ada.put(REPO, "x", b"1\n")
    num = propose(ada, "x", b"2\n")
    ada.put(REPO, "x", b"3\n")
    ada.put(REPO, "y", b"3\n")

    assert details(ada, num)["filesWithConflicts"] == ["x"]
    refused = do(ada, num, "merge")
    assert (refused.status, "files conflict: x" in refused.json()["error"]) == (400, True)
    assert (details(ada, num)["status"], kinds(ada, num)) == ("open", ["comment", "commit"])
    ada.put(REPO, "x", b"1\n")
    assert details(ada, num)["filesWithConflicts"] == []
    assert do(ada, num, "merge").status == 200
    assert ada("GET", "/ada/m/resolve/main/x").body == b"2\n"


def test_a_branch_that_is_gone_takes_no_pull_request(ada):
    ada("POST", f"/api/{REPO}/branch/dev", {})
    num = propose(ada, to="dev")
    ada("DELETE", f"/api/{REPO}/branch/dev")

    told = details(ada, num, diff=True)

    assert (told["filesWithConflicts"], told["diff"]) == (True, "")
    refused = do(ada, num, "merge")
    assert (refused.status, "refs/heads/dev" in refused.json()["error"]) == (400, True)


def test_a_branch_that_was_squashed_still_takes_a_pull_request(ada):
    ada.put(REPO, "x", b"1\n")
    num = propose(ada, "y", b"2\n")
    assert ada("POST", f"/api/{REPO}/super-squash/main", {"message": "One"}).status == 200

    told = details(ada, num, diff=True)

    assert (told["filesWithConflicts"], [line for line in told["diff"].splitlines() if line[:3] == "+++"]) == (
        [],
        ["+++ b/y"],
    )
    assert do(ada, num, "merge").status == 200
    assert ada("GET", "/ada/m/resolve/main/y").body == b"2\n"


def test_a_squashed_pull_request_tells_its_new_commit(ada):
    num = propose(ada)
    ada.put(REPO, "y", b"2\n", to=pull_ref(num))

    answer = ada("POST", f"/api/{REPO}/super-squash/{pull_ref(num)}", {"message": "One"})

    assert details(ada, num)["events"][-1]["data"] == {
        "subject": "One",
        "oid": answer.json()["commitId"],
        "parents": [],
    }


@pytest.mark.parametrize("end", ["closed", "merged"])
def test_a_pull_request_that_is_over_takes_no_commits(ada, bob, end):
    num = propose(bob)
    over = do(ada, num, "merge") if end == "merged" else do(bob, num, "status", status="closed")
    assert over.status == 200

    for caller in (ada, bob):
        refused = caller.commit(REPO, caller.file("y", b"2"), to=pull_ref(num))
        assert (refused.status, f"is {end}" in refused.json()["error"]) == (403, True)
    refs = ada("GET", f"/api/{REPO}/refs?include_prs=1").json()["pullRequests"]
    assert [one["ref"] for one in refs] == [f"refs/pr/{num}"]
    again = do(bob, num, "status", status="open")
    assert again.status == (200 if end == "closed" else 400)
    assert bob.commit(REPO, bob.file("y", b"2"), to=pull_ref(num)).status == (200 if end == "closed" else 403)


@pytest.mark.parametrize("state", ["discussion", "draft", "closed", "merged"])
def test_what_cannot_be_merged(ada, state):
    num = begin(ada, pull=state == "draft") if state in ("discussion", "draft") else propose(ada)
    if state == "closed":
        do(ada, num, "status", status="closed")
    elif state == "merged":
        do(ada, num, "merge")
    before = head(ada)

    refused = do(ada, num, "merge")

    assert (refused.status, state in refused.json()["error"], head(ada)) == (400, True, before)


def test_numbers_are_given_once_even_where_a_ref_was_left_behind(hub, ada):
    with hub.store.find("model", "ada/m").writing() as git:
        git.create_branch("refs/pr/7", git.commit_at("main"))

    assert [begin(ada), propose(ada), begin(ada, pull=True)] == [8, 9, 10]


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


def test_only_who_may_write_merges(hub, ada, bob, login):
    num = propose(bob)

    for caller in (bob, login(hub, "eve")):
        refused = do(caller, num, "merge")
        assert (refused.status, refused.json()["error"]) == (403, DENIED)
    assert do(ada, num, "merge").status == 200


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


def test_a_discussion_knows_its_events_as_they_are_now(hub, ada):
    num = begin(ada)
    discussion = hub.store.find("model", "ada/m").discussions.get(num)
    (comment,) = discussion.comments
    hidden = attrs.evolve(comment, data=attrs.evolve(comment.data, hidden=True))

    assert discussion.revised(hidden).comments == [hidden]
    assert discussion.revised(attrs.evolve(hidden, id="other")) == discussion


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


# Pull requests as git has them


def test_a_pull_request_without_its_ref_cannot_be_read(hub, ada):
    propose(ada)
    path = hub.store.find("model", "ada/m").path

    with pytest.raises(HubFault, match="refs/pr/2"):
        Proposal(path, "refs/pr/2", "refs/heads/main")


def test_a_renamed_file_is_told_as_renamed(hub, ada):
    content = b"".join(b"%d\n" % number for number in range(100))
    ada.put(REPO, "old", content)
    answer = ada.commit(
        REPO, ada.file("new", content + b"more\n"), ("deletedFile", {"path": "old"}), to="main?create_pr=1"
    )
    assert answer.status == 200

    diff = details(ada, 1, diff=True)["diff"].splitlines()

    assert diff[0] == "diff --git a/old b/new"
    assert {"rename from old", "rename to new", "+more"} < set(diff)


def test_text_in_another_encoding_and_bytes_do_no_harm_to_a_diff(ada):
    propose(ada, "latin", b"caf\xe9\n")
    ada.commit(REPO, ada.file("bytes", b"\0\1\2"), to=pull_ref(1))

    diff = details(ada, 1, diff=True)["diff"].splitlines()

    assert "+caf\N{REPLACEMENT CHARACTER}" in diff
    assert "Binary files /dev/null and b/bytes differ" in diff


# Beside each other


def test_comments_at_the_same_time_are_all_kept(hub, ada, bob):
    num = begin(ada)

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: do((ada, bob)[n % 2], num, "comment", comment=f"Number {n}"), range(40)))

    assert {answer.status for answer in answers} == {201}
    said = {event["data"]["latest"]["raw"] for event in details(ada, num)["events"]}
    assert said == {"Why?", *(f"Number {n}" for n in range(40))}


def test_a_pull_request_is_merged_once(ada):
    first, second = propose(ada, "x"), propose(ada, "y")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: do(ada, n, "merge").status, [first, second] * 4))

    assert sorted(answers) == [200, 200, *[400] * 6]
    titles = [commit["title"] for commit in ada("GET", f"/api/{REPO}/commits/main").json()]
    assert sorted(titles) == ["a change (#1)", "a change (#2)", "initial commit"]


def test_numbers_are_given_once_however_many_begin(ada, bob):
    def start(n):
        return propose(ada, f"x{n}") if n % 3 == 0 else begin((ada, bob)[n % 2], pull=n % 3 == 1)

    with ThreadPoolExecutor(8) as pool:
        numbers = list(pool.map(start, range(12)))

    assert sorted(numbers) == list(range(1, 13)) == sorted(listed(ada))
