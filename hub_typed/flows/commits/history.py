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
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch, tag or commit; ``main`` if not given.
        formatted: Also return the title and message as HTML.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
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

    Afterwards, the branch has no commit in common with other branches and can no longer be merged with them.

    Args:
        repo_id: Name, ``owner/name``.
        branch: Name of the branch; ``main`` if not given.
        commit_message: Message of the commit, 500 characters at most; ``Super-squash branch '...' using
            huggingface_hub`` if not given.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        BadRequestError: ``branch`` names a tag or a commit.
    """
    squashed = "main" if branch is None else branch
    message = commit_message or f"Super-squash branch '{squashed}' using huggingface_hub"
    await execute(io, operations.super_squash_history(repo_id, repo_type=repo_type, branch=squashed, message=message))
