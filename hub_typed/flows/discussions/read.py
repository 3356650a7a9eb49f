"""Listing discussions and fetching their details."""

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
        repo_id: Name of the repository, ``owner/name``.
        author: Only those opened by this account.
        discussion_type: Only discussions or only pull requests; ``all`` if not given.
        discussion_status: Only those with this status; ``all`` if not given. Drafts count as open, merged pull requests
            as closed.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_type`` or ``discussion_status`` has another value.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: Discussions are disabled for the repository (403).
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
        yield discussion_of(wire, io.settings.endpoint, repo_id, repo_type)


async def get_discussion_details(
    io: Io, repo_id: str, discussion_num: int, *, repo_type: RepoType | None = None
) -> DiscussionWithDetails:
    """Fetch a discussion or pull request with its events, and the diff of a pull request.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The discussion does not exist (404), or discussions are disabled for the repository (403).
    """
    call = operations.get_discussion_details(repo_id, checked_num(discussion_num), repo_type=repo_type, diff=True)
    endpoint = io.settings.endpoint
    # Converted as part of parsing, so that an invalid event of an unknown type raises a ProtocolError, too.
    parsed = Call(call.request, lambda response: details_of(call.parse(response), endpoint, repo_id, repo_type))
    return await execute(io, parsed)
