"""A fake Hub in memory whose branch has a history, which compares parents, and whose responses may get lost."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, TypeAlias

import attrs

from hub_typed.errors import HubError, HubTimeoutError, TransportError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.commits.operations import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
)
from hub_typed_api.wire import Response
from tests.flows.commits.conftest import MiniHub, Sent, answered

Tree: TypeAlias = dict[str, str]
Effect: TypeAlias = Literal["none", "at once", "late"]
ATTEMPTS = 5
"""Number of attempts by default."""
LARGE = b"large content"
FILES = {
    "kept.txt": "1" * 40,
    "old.txt": "2" * 40,
    "logs/1.log": "3" * 40,
    "logs/d/2.log": "4" * 40,
    "have.bin": MiniHub.sha256(b"have"),
}
AMBIGUOUS: list[Response | Exception] = [
    *(answered(status, {"error": "oops"}) for status in (408, 500, 502, 503, 504)),
    answered(200, {"success": True}),
    attrs.evolve(answered(), body=b"<html>", headers={"content-type": "text/html"}),
    TransportError("the connection broke"),
    HubTimeoutError("no response"),
]
"""Outcomes after which the commit may exist."""


def operations() -> list[CommitOperation]:
    """Operations of every kind, for a Hub that has `FILES`."""
    return [
        CommitOperationAdd("a.txt", b"a"),
        CommitOperationAdd("w.bin", LARGE),
        CommitOperationDelete("old.txt"),
        CommitOperationDelete("logs/"),
        CommitOperationCopy("have.bin", "copy.bin"),
    ]


def is_complete(tree: Tree) -> bool:
    """Whether a tree has all changes of `operations`."""
    large = MiniHub.sha256(LARGE)
    wanted = {"a.txt": MiniHub.git_id(b"a"), "w.bin": large, "copy.bin": FILES["have.bin"]}
    return wanted.items() <= tree.items() and not {"old.txt", "logs/1.log", "logs/d/2.log"} & tree.keys()


def check(hub: BranchHub, commit: Callable[[], CommitInfo], *, may_fail: bool = False) -> None:
    """Make a commit titled ``m``, and check that it exists exactly once, or that its error is true."""
    failed, info = "", None
    try:
        info = commit()
    except HubError as error:
        failed = str(error)
    hub.process_late()
    made = hub.titled("m")
    if info is None:
        assert may_fail, failed
        assert len(made) <= (1 if "may have been created" in failed else 0), failed
        return
    assert [one.id for one in made] == [info.oid]
    assert info.commit_url == f"https://hub.test/me/repo/commit/{info.oid}"
    assert is_complete(made[0].tree)


@attrs.frozen
class Commit:
    """A commit: its tree is the oid of each file, by path."""

    parent: str
    title: str
    message: str
    tree: Tree

    @property
    def id(self) -> str:
        return hashlib.sha1(repr(self).encode()).hexdigest()


@attrs.frozen
class Pull:
    """A pull request."""

    num: int
    title: str
    commit: str
    created_at: datetime
    pinned: bool = False


@attrs.frozen
class Fault:
    """What happens to a commit request.

    Attributes:
        outcome: What the client gets instead of the response.
        effect: Whether the Hub processes the request ``at once``, ``late`` or not at all.
        delay: Number of requests after which a late one is processed.
        rival: Files that someone else commits then.
    """

    outcome: Response | Exception
    effect: Effect = "none"
    delay: int = 1
    rival: Tree | None = None


@attrs.define(slots=False)
class BranchHub(MiniHub):
    """A Hub with one branch.

    Attributes:
        history: Ids of the commits of the branch, oldest first.
        known: All commits, by id.
        commit_faults: Faults of the next commit requests; ``None`` for a request that is answered.
        rivals: Files that someone else commits before the request with this number, from 0.
        late: Requests that will be processed, each with the number of requests until then.
    """

    files: Tree = attrs.field(factory=FILES.copy)
    history: list[str] = attrs.field(factory=list)
    known: dict[str, Commit] = attrs.field(factory=dict)
    pulls: list[Pull] = attrs.field(factory=list)
    commit_faults: list[Fault | None] = attrs.field(factory=list)
    rivals: dict[int, Tree] = attrs.field(factory=dict)
    late: list[tuple[int, Sent]] = attrs.field(factory=list)

    def __attrs_post_init__(self) -> None:
        self.add(Commit("", "initial commit", "", dict(self.files)))

    @property
    def head(self) -> Commit:
        return self.known[self.history[-1]]

    def add(self, made: Commit) -> str:
        """Put a commit on the branch."""
        self.known[made.id] = made
        self.history.append(made.id)
        self.files = made.tree
        return made.id

    def rival(self, changed: Tree, title: str = "of someone else") -> str:
        """Commit files as someone else."""
        return self.add(Commit(self.head.id, title, "", self.head.tree | changed))

    def titled(self, title: str) -> list[Commit]:
        return [self.known[one] for one in self.history if self.known[one].title == title]

    def process_late(self) -> None:
        """Process all requests that are still to be processed."""
        while self.late:
            self.commit(self.late.pop(0)[1])

    def send(self, request: Any, **given: Any) -> Response:
        if (changed := self.rivals.pop(len(self.sent), None)) is not None:
            self.rival(changed)
        waiting = [(delay - 1, sent) for delay, sent in self.late]
        self.late = [one for one in waiting if one[0] > 0]
        for delay, sent in waiting:
            if delay <= 0:
                self.commit(sent)
        return super().send(request, **given)

    def commit(self, one: Sent) -> Response:
        fault = None
        if self.sent and self.sent[-1] is one and self.commit_faults:
            fault = self.commit_faults.pop(0)
        if fault is None:
            return self.committed(one)
        if fault.effect == "at once":
            self.committed(one)
        elif fault.effect == "late":
            self.late.append((fault.delay, one))
        if fault.rival is not None:
            self.rival(fault.rival)
        if isinstance(fault.outcome, Exception):
            raise fault.outcome
        return fault.outcome

    def committed(self, one: Sent) -> Response:
        header, *lines = one.lines
        given = header["value"]
        opens = "create_pr" in one.query
        required = given.get("parentCommit", "").lower()
        if not opens and not self.head.id.startswith(required):
            return answered(412, {"error": "A commit has happened since."})
        base = self.known[required] if opens and required else self.head
        tree = dict(base.tree)
        for line in lines:
            value = line["value"]
            if line["key"] == "file":
                tree[value["path"]] = self.has_content(base64.b64decode(value["content"]))
            elif line["key"] == "lfsFile":
                tree[value["path"]] = value["oid"]
                tree[".gitattributes"] = self.has_content(b"*.bin filter=lfs\n")
            elif line["key"] == "deletedFile":
                if tree.pop(value["path"], None) is None:
                    return answered(404, {"error": "no such file"}, x_error_code="EntryNotFound")
            else:
                tree = {path: oid for path, oid in tree.items() if not path.startswith(value["path"])}
        made = Commit(base.id, given["summary"], given["description"], tree)
        answer = {"success": True, "commitOid": made.id, "commitUrl": f"https://hub.test/me/repo/commit/{made.id}"}
        if opens:
            self.known[made.id] = made
            self.pulls.append(Pull(len(self.pulls) + 1, made.title, made.id, datetime.now(UTC)))
            answer["pullRequestUrl"] = f"https://hub.test/me/repo/discussions/{len(self.pulls)}"
        else:
            self.add(made)
        return answered(body=answer)

    def has_content(self, content: bytes) -> str:
        oid = self.git_id(content)
        self.contents[oid] = content
        return oid

    def preupload(self, one: Sent) -> Response:
        response = super().preupload(one)
        return attrs.evolve(response, body=response.body.replace(b"a" * 40, self.head.id.encode()))

    def at(self, revision: str) -> Commit:
        if revision.startswith("refs/pr/"):
            return self.known[self.pulls[int(revision.rpartition("/")[2]) - 1].commit]
        return self.known.get(revision, self.head)

    def commits(self, one: Sent) -> Response:
        found: list[dict[str, Any]] = []
        commit: Commit | None = self.at(one.path.partition("/commits/")[2])
        while commit is not None and len(found) < int(one.query.get("limit", ["50"])[0]):
            listed = {"id": commit.id, "title": commit.title, "message": commit.message, "authors": []}
            found.append(listed | {"date": "2026-01-01T00:00:00.000Z"})
            commit = self.known.get(commit.parent)
        return answered(body=found)

    def paths(self, one: Sent) -> Response:
        self.files = self.at(one.path.partition("/paths-info/")[2]).tree
        try:
            return super().paths(one)
        finally:
            self.files = self.head.tree

    def discussions(self, _: Sent) -> Response:
        listed = [
            {
                "num": pull.num,
                "title": pull.title,
                "status": "open",
                "isPullRequest": True,
                "pinned": pull.pinned,
                "createdAt": pull.created_at.isoformat(),
                "repo": {"name": "me/repo", "type": "model"},
                "author": {"name": "me", "fullname": "me", "avatarUrl": "", "type": "user"},
            }
            for pull in sorted(self.pulls, key=lambda pull: (pull.pinned, pull.num), reverse=True)
        ]
        return answered(body={"discussions": listed, "count": len(listed), "start": 0})
