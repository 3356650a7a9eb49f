"""List discussions and get their details."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from hub_typed.flows.argument_checks import check_choice
from hub_typed.flows.discussions.checks import checked_num
from hub_typed.flows.discussions.discussion import Discussion, DiscussionWithDetails, details_of, discussion_of
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import RepoType
from hub_typed_api.operations import discussions as operations
from hub_typed_api.wire import Call

__all__ = ["get_discussion_details", "get_repo_discussions"]

TYPES = ("all", "discussion", "pull_request")
STATUSES = ("all", "open", "closed")


async def get_repo_discussions(
    io: Io,
    repo_id: str,
    *,
    author: str | None = None,
    discussion_type: Literal["all", "discussion", "pull_request"] | None = None,
    discussion_status: Literal["all", "open", "closed"] | None = None,
    repo_type: RepoType | None = None,
) -> AsyncIterator[Discussion]:
    """List the discussions and pull requests of a repository, newest first.

    Args:
        repo_id: Name, as ``owner/name``.
        author: Only those that this account began.
        discussion_type: Only discussions, or only pull requests; ``all`` of them if not given.
        discussion_status: Only those in this state; ``all`` of them if not given. Drafts count as open, merged ones as
            closed.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_type`` or ``discussion_status`` is another word.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The repository has no discussions, its owner turned them off (403).
    """
    check_choice("discussion_type", discussion_type, TYPES)
    check_choice("discussion_status", discussion_status, STATUSES)
    listed = operations.get_repo_discussions(
        repo_id,
        repo_type=repo_type,
        author=author,
        discussion_type=discussion_type,
        discussion_status=discussion_status,
    )
    async for wire in items(io, listed):
        yield discussion_of(wire, io.settings.endpoint)


async def get_discussion_details(
    io: Io, repo_id: str, discussion_num: int, *, repo_type: RepoType | None = None
) -> DiscussionWithDetails:
    """Get a discussion or pull request with its events, and the diff of a pull request.

    Args:
        repo_id: Name, as ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_num`` is no number of a discussion.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: There is no such discussion (404), or the repository has none at all (403).
    """
    asked = operations.get_discussion_details(repo_id, checked_num(discussion_num), repo_type=repo_type, diff=True)
    endpoint = io.settings.endpoint
    # As part of the parsing: an event of a new type that lacks what all have is an error of the Hub, too.
    return await execute(io, Call(asked.request, lambda response: details_of(asked.parse(response), endpoint)))
