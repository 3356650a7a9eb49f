"""The history of a repository."""

from __future__ import annotations

from hub_typed.io import Io
from hub_typed.session import items
from hub_typed_api.models import GitCommitInfo
from hub_typed_api.operations import commits as operations

__all__ = ["list_repo_commits"]


async def list_repo_commits(
    io: Io,
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    formatted: bool = False,
) -> list[GitCommitInfo]:
    """List the commits of a revision, the latest first.

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
