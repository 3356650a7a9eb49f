"""Commit history of a repository."""

from __future__ import annotations

from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import GitCommitInfo
from hub_typed_api.operations import commits as operations

__all__ = ["list_repo_commits", "super_squash_history"]


async def list_repo_commits(
    io: Io,
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    formatted: bool = False,
) -> list[GitCommitInfo]:
    """List the commits of a revision, newest first.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        formatted: Also ask for title and message as HTML.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """
    commits = operations.list_repo_commits(
        repo_id, repo_type=repo_type, revision=revision, expand=["formatted"] if formatted else None
    )
    return [commit async for commit in items(io, commits)]


async def super_squash_history(
    io: Io,
    repo_id: str,
    *,
    branch: str | None = None,
    commit_message: str | None = None,
    repo_type: str | None = None,
) -> None:
    """Squash the history of a branch into one commit with the same files; this cannot be undone.

    The branch can then no longer be merged with others, for they have no commit in common any more.

    Args:
        repo_id: Name, as ``owner/name``.
        branch: Name of the branch; ``main`` if not given.
        commit_message: Message of the commit, 500 characters at most; the Hub has one of its own if not given.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such branch.
        BadRequestError: The name is that of a tag, or a commit.
    """
    squashing = operations.super_squash_history(
        repo_id, repo_type=repo_type, branch="main" if branch is None else branch, message=commit_message
    )
    await execute(io, squashing)
