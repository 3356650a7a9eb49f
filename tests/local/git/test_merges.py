"""Pull requests of the embedded Hub, from the first commit to the merge."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from hub_typed.local.errors import HubResponseError
from hub_typed.local.repos.pull_requests import Proposal
from tests.local.community.discussing import DENIED, REPO, begin, details, do, head, kinds, propose, pull_ref


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


def test_numbers_are_given_once_even_where_a_ref_was_left_behind(hub, ada):
    with hub.store.find("model", "ada/m").writing() as git:
        git.create_branch("refs/pr/7", git.commit_at("main"))

    assert [begin(ada), propose(ada), begin(ada, pull=True)] == [8, 9, 10]


# What it changes


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


def test_a_pull_request_without_its_ref_cannot_be_read(hub, ada):
    propose(ada)
    path = hub.store.find("model", "ada/m").path

    with pytest.raises(HubResponseError, match="refs/pr/2"):
        Proposal(path, "refs/pr/2", "refs/heads/main")


# How it ends


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


def test_only_who_may_write_merges(hub, ada, bob, login):
    num = propose(bob)

    for caller in (bob, login(hub, "eve")):
        refused = do(caller, num, "merge")
        assert (refused.status, refused.json()["error"]) == (403, DENIED)
    assert do(ada, num, "merge").status == 200


def test_a_pull_request_is_merged_once(ada):
    first, second = propose(ada, "x"), propose(ada, "y")

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: do(ada, n, "merge").status, [first, second] * 4))

    assert sorted(answers) == [200, 200, *[400] * 6]
    titles = [commit["title"] for commit in ada("GET", f"/api/{REPO}/commits/main").json()]
    assert sorted(titles) == ["a change (#1)", "a change (#2)", "initial commit"]
