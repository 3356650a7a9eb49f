"""Pull requests as git has them: how they are opened, what they change, and how they are merged."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from hub_typed.local import comparing
from hub_typed.local.commit_text import author_email, author_name, title
from hub_typed.local.discussions import Discussion
from hub_typed.local.events import Actor
from hub_typed.local.faults import bad_request, revision_missing
from hub_typed.local.git import HEADS, PULLS, GitRepo, Signed
from hub_typed.local.store import Repo

__all__ = ["Proposal", "begin", "check_base", "merge", "next_number", "proposal", "record_commits"]


class Proposal:
    """What a pull request brings: the commits of its ref, against the branch they are for.

    Attributes:
        head: Where its ref points to.
        base: Where the branch points to; ``None``, if it was deleted.
    """

    def __init__(self, path: Path, ref: str, base: str) -> None:
        self._git = pygit2.Repository(str(path))
        head = self._commit(ref)
        if head is None:
            raise revision_missing(ref)
        self.head: pygit2.Commit = head
        self.base: pygit2.Commit | None = self._commit(base)

    def commits(self, *, after: str | None = None) -> list[pygit2.Commit]:
        """The commits that are not in the branch, the oldest first.

        Args:
            after: Leave out this commit and those before it.
        """
        walk = self._git.walk(self.head.id, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        for known in filter(None, (self.base and str(self.base.id), after)):
            walk.hide(pygit2.Oid(hex=known))
        return list(walk)

    def diff(self) -> str:
        """What it changes since it left the branch, as git writes it; nothing, if there is no branch any more."""
        return "" if self.base is None else comparing.patch(self._git.path, str(self.base.id), str(self.head.id))

    def conflicts(self) -> list[str] | bool:
        """The files that cannot be merged; true where there is no branch any more, or it takes too long to find out."""
        if self.base is None:
            return True
        found = comparing.conflicts(self._git.path, str(self.base.id), str(self.head.id))
        return True if found is None else list(found)

    def merge(self, signed: Signed, ref: str) -> str:
        """Put what it changes on top of the branch, as one commit.

        Raises:
            HubFault: 400, the branch is gone, or files conflict; 422, that takes too long to find out.
        """
        if self.base is None:
            raise bad_request(f"There is no branch {ref} any more that this could be merged into")
        tree, conflicts = comparing.merged(self._git.path, str(self.base.id), str(self.head.id))
        if conflicts:
            raise bad_request(f"This pull request cannot be merged, files conflict: {', '.join(conflicts)}")
        author = signed.signature()
        made = self._git.create_commit(ref, author, author, signed.message, pygit2.Oid(hex=tree), [self.base.id])
        return str(made)

    def _commit(self, ref: str) -> pygit2.Commit | None:
        try:
            return self._git.lookup_reference(ref).peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.GitError):  # absent, or something else than a commit
            return None


def check_base(branch: str) -> str:
    """The full name of a branch that pull requests can be for.

    Raises:
        HubFault: 400, it is none.
    """
    if branch.startswith("refs/") and not branch.startswith(HEADS):
        raise bad_request(f"A pull request is for a branch, not for {branch}")
    return HEADS + branch.removeprefix(HEADS)


def next_number(repo: Repo, git: GitRepo) -> int:
    """What the next discussion is to be numbered; a ref that has none was left by a process that was killed."""
    refs = [int(ref.removeprefix(PULLS)) for ref, _ in git.refs(PULLS)]
    return max(repo.discussions.last_number(), *refs, 0) + 1


def proposal(repo: Repo, discussion: Discussion) -> Proposal | None:
    """What a pull request brings; ``None`` for a mere discussion."""
    if discussion.ref is None or discussion.base is None:
        return None
    return Proposal(repo.path, discussion.ref, discussion.base)


def begin(repo: Repo, discussion: Discussion, actor: Actor, description: str) -> Discussion:
    """Begin a discussion, or a pull request whose ref is there; the caller holds the repository's lock."""
    brought = proposal(repo, discussion)
    commits = map(actor.commits, brought.commits() if brought else ())
    head = str(brought.head.id) if brought else None
    begun = discussion.after(actor.comments(description), *commits, head=head)
    repo.discussions.add(begun)
    return begun


def record_commits(repo: Repo, actor: Actor, refs: Iterable[str]) -> None:
    """Tell of the commits that were just pushed to these refs, as far as pull requests are among them.

    The caller holds the repository's lock.
    """
    for pull in filter(None, map(repo.discussions.of_ref, refs)):
        brought = proposal(repo, pull)
        if brought is not None:
            commits = map(actor.commits, brought.commits(after=pull.head))
            repo.discussions.keep(pull.after(*commits, head=str(brought.head.id)))


def merge(repo: Repo, pull: Discussion, actor: Actor, comment: str | None) -> None:
    """Merge a pull request as the Hub does: all its commits become one; the caller holds the repository's lock.

    Raises:
        HubFault: 400, it cannot be merged, or not any more.
    """
    brought = proposal(repo, pull)
    if brought is None or pull.base is None:
        raise bad_request("This is a discussion, only a pull request can be merged")
    if pull.status != "open":
        advice = "" if pull.status == "merged" else ": open it first"
        raise bad_request(f"This pull request is {pull.status}{advice}")
    signed = Signed(user=actor.user.name, message=_message(pull, brought.commits()))
    merged = brought.merge(signed, pull.base)
    said = [actor.comments(comment)] if comment else []
    repo.discussions.keep(pull.after(*said, actor.changes_status("merged"), status="merged", merge_commit=merged))


def _message(pull: Discussion, commits: list[pygit2.Commit]) -> str:
    subjects = [f"- {title(commit)} ({commit.id})" for commit in commits]
    authors = dict.fromkeys(f"Co-authored-by: {author_name(one)} <{author_email(one)}>" for one in commits)
    parts = [f"{pull.title} (#{pull.num})", "\n".join(subjects), "\n".join(authors)]
    return "\n\n".join(part for part in parts if part)
