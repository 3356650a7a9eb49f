"""Pull requests in git: creation, diff and merge."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import pygit2
from pygit2.enums import SortMode

from hub_typed.local.community.discussion_events import Actor
from hub_typed.local.community.discussions import Discussion
from hub_typed.local.errors import bad_request, revision_missing
from hub_typed.local.git import comparison
from hub_typed.local.git.commit_text import author_email, author_name, title
from hub_typed.local.git.objects import HEADS, PULLS, AuthoredMessage
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.repos.store import Repo

__all__ = [
    "Proposal",
    "check_base",
    "create_discussion",
    "delete_ref",
    "merge",
    "next_number",
    "proposal",
    "record_commits",
]


class Proposal:
    """Commits of a pull request, relative to its target branch.

    Attributes:
        head: Commit that the ref of the pull request points to.
        base: Commit that the target branch points to; ``None`` if the branch was deleted.

    Raises:
        HubResponseError: 404 RevisionNotFound, the ref does not exist.
    """

    def __init__(self, path: Path, ref: str, base: str) -> None:
        self._git = pygit2.Repository(str(path))
        head = self._commit(ref)
        if head is None:
            raise revision_missing(ref)
        self.head: pygit2.Commit = head
        self.base: pygit2.Commit | None = self._commit(base)

    def commits(self, *, after: str | None = None) -> list[pygit2.Commit]:
        """Return the commits that are not in the target branch, oldest first.

        Args:
            after: Commit to skip, with its ancestors.
        """
        walk = self._git.walk(self.head.id, SortMode.TOPOLOGICAL | SortMode.REVERSE)
        for known in filter(None, (self.base and str(self.base.id), after)):
            walk.hide(pygit2.Oid(hex=known))
        return list(walk)

    def diff(self) -> str:
        """Return the diff since the merge base; empty if the target branch was deleted."""
        return "" if self.base is None else comparison.diff_since_merge_base(*self._commits(self.base))

    def conflicts(self) -> list[str] | bool:
        """Return the paths of conflicting files; true if the target branch was deleted or merging takes too long."""
        if self.base is None:
            return True
        paths = comparison.find_conflicts(*self._commits(self.base))
        return True if paths is None else list(paths)

    def merge(self, authored: AuthoredMessage, ref: str) -> str:
        """Merge into the target branch as one commit, and return its hash.

        Raises:
            HubResponseError: 400, the target branch was deleted, or files conflict; 422, merging takes too long.
        """
        if self.base is None:
            raise bad_request(f"This pull request cannot be merged, its target branch {ref} was deleted")
        tree, conflicts = comparison.merge_commits(*self._commits(self.base))
        if conflicts:
            raise bad_request(f"This pull request cannot be merged, files conflict: {', '.join(conflicts)}")
        author = authored.signature()
        parents = [self.base.id]
        return str(self._git.create_commit(ref, author, author, authored.message, pygit2.Oid(hex=tree), parents))

    def _commits(self, base: pygit2.Commit) -> tuple[str, str, str]:
        return self._git.path, str(base.id), str(self.head.id)

    def _commit(self, ref: str) -> pygit2.Commit | None:
        try:
            return self._git.lookup_reference(ref).peel(pygit2.Commit)
        except (KeyError, ValueError, pygit2.GitError):  # missing, or not a commit
            return None


def check_base(branch: str) -> str:
    """Return the full name of a branch that may be the target of a pull request.

    Raises:
        HubResponseError: 400, the ref is not a branch.
    """
    if branch.startswith("refs/") and not branch.startswith(HEADS):
        raise bad_request(f"The target of a pull request must be a branch, not {branch}")
    return HEADS + branch.removeprefix(HEADS)


def next_number(repo: Repo, git: GitRepo) -> int:
    """Return the number of the next discussion. Killed processes may leave refs without a discussion."""
    refs = [int(ref.removeprefix(PULLS)) for ref, _ in git.refs(PULLS)]
    return max(repo.discussions.last_number(), *refs, 0) + 1


def proposal(repo: Repo, discussion: Discussion) -> Proposal | None:
    """Return the proposal of a pull request; ``None`` for a discussion, or if the ref was deleted."""
    if discussion.ref is None or discussion.base is None or discussion.kept_diff is not None:
        return None
    return Proposal(repo.path, discussion.ref, discussion.base)


def delete_ref(repo: Repo, ref: str) -> None:
    """Delete the ref of a pull request, if it exists. The caller holds the lock of the repository."""
    with suppress(KeyError):
        pygit2.Repository(str(repo.path)).references.delete(ref)


def create_discussion(repo: Repo, discussion: Discussion, actor: Actor, description: str) -> Discussion:
    """Create a discussion, or a pull request whose ref exists. The caller holds the lock of the repository."""
    proposed = proposal(repo, discussion)
    commits = map(actor.commit_event, proposed.commits() if proposed else ())
    head = str(proposed.head.id) if proposed else None
    created = discussion.with_events(actor.new_comment(description), *commits, head=head)
    repo.discussions.add(created)
    return created


def record_commits(repo: Repo, actor: Actor, refs: Iterable[str]) -> None:
    """Add events for the commits pushed to the refs of pull requests.

    The caller holds the lock of the repository.
    """
    for pull in filter(None, map(repo.discussions.find_by_ref, refs)):
        proposed = proposal(repo, pull)
        if proposed is not None:
            commits = map(actor.commit_event, proposed.commits(after=pull.head))
            repo.discussions.update(pull.with_events(*commits, head=str(proposed.head.id)))


def merge(repo: Repo, pull: Discussion, actor: Actor, comment: str | None) -> None:
    """Squash and merge a pull request. The caller holds the lock of the repository.

    Raises:
        HubResponseError: 400, it is not an open pull request, its target branch was deleted, or files conflict.
    """
    proposed = proposal(repo, pull)
    if pull.base is None:
        raise bad_request("This is a discussion, only a pull request can be merged")
    if proposed is None or pull.status != "open":
        advice = "" if pull.status == "merged" else ": open it first"
        raise bad_request(f"This pull request is {pull.status}{advice}")
    authored = AuthoredMessage(user=actor.user.name, message=_message(pull, proposed.commits()))
    merge_commit = proposed.merge(authored, pull.base)
    comments = [actor.new_comment(comment)] if comment else []
    merged = pull.with_events(*comments, actor.status_event("merged"), status="merged", merge_commit=merge_commit)
    repo.discussions.update(merged)


def _message(pull: Discussion, commits: list[pygit2.Commit]) -> str:
    subjects = [f"- {title(commit)} ({commit.id})" for commit in commits]
    authors = dict.fromkeys(f"Co-authored-by: {author_name(one)} <{author_email(one)}>" for one in commits)
    parts = [f"{pull.title} (#{pull.num})", "\n".join(subjects), "\n".join(authors)]
    return "\n\n".join(part for part in parts if part)
