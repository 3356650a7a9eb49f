"""Look up commits on the Hub: the head of a branch, and its history."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Final

from hub_typed.errors import ProtocolError
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.http.io import Io
from hub_typed.http.pages import items, page
from hub_typed_api import path as in_path
from hub_typed_api.models import CommitAnswer, GitCommitInfo
from hub_typed_api.operations import commits as commits_api

__all__: list[str] = []

MAX_COMMITS: Final = 1000
"""Maximum number of commits since the parent that are read."""
COMPARED_TITLE: Final = 500
"""Number of characters of a title that are compared, since the Hub may shorten longer ones."""


async def read_head(io: Io, target: Target) -> str:
    """Return the commit id of the head of the branch.

    Raises:
        ProtocolError: The Hub lists no commit with an id that can be read.
    """
    commits = await newest_commits(io, target, target.revision, 1)
    if not commits:
        raise ProtocolError(
            f"The list of commits of {target.revision!r} of {target.repo_type} {target.repo_id!r} has no commit that "
            "can be read, so the head of the branch is unknown."
        )
    return commits[0].commit_id


async def commits_since(io: Io, target: Target, parent: str) -> list[GitCommitInfo] | None:
    """Return the commits of the branch after a commit, newest first; ``None`` if the commit is not found.

    Args:
        parent: Id of the commit, or its beginning.
    """
    listed = commits_api.list_repo_commits(target.repo_id, repo_type=target.repo_type, revision=target.revision)
    found: list[GitCommitInfo] = []
    async with aclosing(items(io, listed, limit=MAX_COMMITS)) as commits:
        async for commit in commits:
            if commit.commit_id.startswith(parent):
                return found
            found.append(commit)
    return None


def web_url(io: Io, target: Target) -> str:
    """Return the URL of the web page of the repository."""
    return f"{io.settings.endpoint}/{in_path.web_type(target.repo_type)}{target.repo_id}"


async def newest_commits(io: Io, target: Target, revision: str, count: int) -> Sequence[GitCommitInfo]:
    commits = commits_api.list_repo_commits(target.repo_id, repo_type=target.repo_type, revision=revision, limit=count)
    return (await page(io, commits)).items


def has_title(commit: GitCommitInfo, title: str) -> bool:
    return is_same_title(f"{commit.title}\n{commit.message}", title)


def is_same_title(one: str, other: str) -> bool:
    return _first_line(one) == _first_line(other)


def _first_line(text: str) -> str:
    return text.strip().partition("\n")[0].strip()[:COMPARED_TITLE]


def commit_answer(io: Io, target: Target, commit: str, *, pull_request: int | None = None) -> CommitAnswer:
    url = web_url(io, target)
    return CommitAnswer(
        success=True,
        commit_oid=commit,
        commit_url=f"{url}/commit/{commit}",
        pull_request_url=None if pull_request is None else f"{url}/discussions/{pull_request}",
    )
