"""Requests shared by the tests of discussions and pull requests."""

from __future__ import annotations

REPO = "models/ada/m"
DENIED = "You have read access but not the required permissions for this operation"


def begin(caller, title="A question", text="Why?", repo=REPO, *, pull=False):
    """Open a discussion or an empty pull request; return its number."""
    body = {"title": title, "description": text, "pullRequest": pull}
    answer = caller("POST", f"/api/{repo}/discussions", body)
    assert answer.status == 200, answer.body
    return answer.json()["num"]


def propose(caller, path="x", content=b"1\n", to="main", **header):
    """Open a pull request with a commit of one file; return its number."""
    answer = caller.commit(REPO, caller.file(path, content), to=f"{to}?create_pr=1", **header)
    assert answer.status == 200, answer.body
    return int(answer.json()["pullRequestUrl"].rpartition("/")[2])


def details(caller, num, *, diff=False, repo=REPO):
    """Return the details of a discussion."""
    answer = caller("GET", f"/api/{repo}/discussions/{num}{'?diff=1' if diff else ''}")
    assert answer.status == 200, answer.body
    return answer.json()


def do(caller, num, what, **body):
    """Change a discussion; return the response."""
    return caller("POST", f"/api/{REPO}/discussions/{num}/{what}", body)


def kinds(caller, num):
    """Return the types of the events of a discussion."""
    return [event["type"] for event in details(caller, num)["events"]]


def listed(caller, query="", repo=REPO):
    """Return the numbers of the discussions in a list."""
    answer = caller("GET", f"/api/{repo}/discussions?{query}")
    assert answer.status == 200, answer.body
    return [one["num"] for one in answer.json()["discussions"]]


def head(caller, revision="main"):
    """Return the commit a revision points to."""
    return caller("GET", f"/api/{REPO}/revision/{revision}").json()["sha"]


def pull_ref(num):
    """Return the ref of a pull request, encoded for a path."""
    return f"refs%2Fpr%2F{num}"
