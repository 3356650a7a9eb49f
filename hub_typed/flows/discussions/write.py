"""Creating, commenting on, editing, closing and merging discussions and pull requests."""

from __future__ import annotations

from typing import Final, Literal

from hub_typed.flows.argument_checks import check_choice
from hub_typed.flows.discussions.checks import (
    checked_num,
    checked_optional_comment,
    checked_text,
    checked_title,
)
from hub_typed.flows.discussions.discussion import DiscussionWithDetails
from hub_typed.flows.discussions.events import (
    DiscussionComment,
    DiscussionStatusChange,
    DiscussionTitleChange,
    comment_of,
    status_change_of,
    title_change_of,
)
from hub_typed.flows.discussions.read import get_discussion_details
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import RepoType
from hub_typed_api.operations import discussions as operations
from hub_typed_api.wire import Call

__all__ = [
    "change_discussion_status",
    "comment_discussion",
    "create_discussion",
    "create_pull_request",
    "edit_discussion_comment",
    "hide_discussion_comment",
    "merge_pull_request",
    "rename_discussion",
]

DEFAULT_DESCRIPTION: Final = "Discussion opened with the huggingface_hub Python library"
"""Default text of the first comment, as documented for huggingface_hub."""


async def create_discussion(
    io: Io,
    repo_id: str,
    title: str,
    *,
    description: str | None = None,
    repo_type: RepoType | None = None,
    pull_request: bool = False,
) -> DiscussionWithDetails:
    """Create a discussion, or a pull request without a commit.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        title: Title of 3 to 200 characters; surrounding white space is stripped.
        description: First comment in Markdown, at most 65536 characters; a note that a client opened it if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        pull_request: Create a pull request, which is a draft until `change_discussion_status` opens it. Commits go to
            its ``git_reference``; `create_commit` with ``create_pr=True`` opens a pull request with a commit.

    Raises:
        ValueError: The title is too short or too long, or the description too long.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access, or discussions are disabled for the repository (403).
    """
    title = checked_title(title)
    text = checked_optional_comment(description) or DEFAULT_DESCRIPTION
    call = operations.create_discussion(
        repo_id, repo_type=repo_type, title=title, description=text, pull_request=pull_request
    )
    return await get_discussion_details(io, repo_id, (await execute(io, call)).num, repo_type=repo_type)


async def create_pull_request(
    io: Io, repo_id: str, title: str, *, description: str | None = None, repo_type: RepoType | None = None
) -> DiscussionWithDetails:
    """Create a pull request without a commit; it is a draft until `change_discussion_status` opens it.

    Commits go to its ``git_reference``; `create_commit` with ``create_pr=True`` opens a pull request with a commit.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        title: Title of 3 to 200 characters; surrounding white space is stripped.
        description: First comment in Markdown, at most 65536 characters; a note that a client opened it if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: The title is too short or too long, or the description too long.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access, or discussions are disabled for the repository (403).
    """
    return await create_discussion(io, repo_id, title, description=description, repo_type=repo_type, pull_request=True)


async def comment_discussion(
    io: Io, repo_id: str, discussion_num: int, comment: str, *, repo_type: RepoType | None = None
) -> DiscussionComment:
    """Comment on a discussion or pull request.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        comment: Text in Markdown, 1 to 65536 characters.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: The comment is empty or too long, or ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The discussion does not exist (404), or the token has no write access (403).
    """
    num, text = checked_num(discussion_num), checked_text(comment, "comment")
    call = operations.comment_discussion(repo_id, num, repo_type=repo_type, comment=text)
    return await execute(io, Call(call.request, lambda response: comment_of(call.parse(response).new_message)))


async def edit_discussion_comment(
    io: Io,
    repo_id: str,
    discussion_num: int,
    comment_id: str,
    new_content: str,
    *,
    repo_type: RepoType | None = None,
) -> DiscussionComment:
    """Edit the text of a comment.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        comment_id: Id of the comment, which is the id of its event.
        new_content: New text in Markdown, 1 to 65536 characters.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: The text is empty or too long, or ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: The comment is hidden.
        HfHubHTTPError: The discussion or comment does not exist (404), or the comment is by another author (403).
    """
    num, text = checked_num(discussion_num), checked_text(new_content, "comment")
    call = operations.edit_discussion_comment(repo_id, num, comment_id.lower(), repo_type=repo_type, content=text)
    return await execute(io, Call(call.request, lambda response: comment_of(call.parse(response).updated_comment)))


async def hide_discussion_comment(
    io: Io, repo_id: str, discussion_num: int, comment_id: str, *, repo_type: RepoType | None = None
) -> DiscussionComment:
    """Hide a comment permanently; its text can no longer be read or restored.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        comment_id: Id of the comment, which is the id of its event.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The discussion or comment does not exist (404), or the token may not hide it (403).
    """
    call = operations.hide_discussion_comment(
        repo_id, checked_num(discussion_num), comment_id.lower(), repo_type=repo_type
    )
    return await execute(io, Call(call.request, lambda response: comment_of(call.parse(response).updated_comment)))


async def rename_discussion(
    io: Io, repo_id: str, discussion_num: int, new_title: str, *, repo_type: RepoType | None = None
) -> DiscussionTitleChange:
    """Rename a discussion or pull request.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        new_title: Title of 3 to 200 characters; surrounding white space is stripped.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: The title is too short or too long, or ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The discussion does not exist (404), or another account opened it (403).
    """
    num, title = checked_num(discussion_num), checked_title(new_title)
    call = operations.rename_discussion(repo_id, num, repo_type=repo_type, title=title)
    return await execute(io, Call(call.request, lambda response: title_change_of(call.parse(response).new_title)))


async def change_discussion_status(
    io: Io,
    repo_id: str,
    discussion_num: int,
    new_status: Literal["open", "closed"],
    *,
    comment: str | None = None,
    repo_type: RepoType | None = None,
) -> DiscussionStatusChange:
    """Close or reopen a discussion or pull request; opening a draft makes it ready to merge.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the discussion or pull request, from 1.
        new_status: ``open`` or ``closed``.
        comment: Comment to add, in Markdown, at most 65536 characters.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: ``new_status`` has another value, or ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: It already has this status, or is merged.
        HfHubHTTPError: The discussion does not exist (404), or another account opened it (403).
    """
    num, text = checked_num(discussion_num), checked_optional_comment(comment)
    check_choice("new_status", new_status, ("open", "closed"))
    call = operations.change_discussion_status(repo_id, num, repo_type=repo_type, status=new_status, comment=text)
    return await execute(io, Call(call.request, lambda response: status_change_of(call.parse(response).new_status)))


async def merge_pull_request(
    io: Io, repo_id: str, discussion_num: int, *, comment: str | None = None, repo_type: RepoType | None = None
) -> None:
    """Merge a pull request into its branch; `get_discussion_details` returns the merge commit.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        discussion_num: Number of the pull request, from 1.
        comment: Comment to add, in Markdown, at most 65536 characters.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        ValueError: ``discussion_num`` is not a positive integer.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        BadRequestError: Files conflict, or it is a discussion, a draft, closed, or already merged.
        HfHubHTTPError: The pull request does not exist (404), or the token has no write access (403).
    """
    num, text = checked_num(discussion_num), checked_optional_comment(comment)
    await execute(io, operations.merge_pull_request(repo_id, num, repo_type=repo_type, comment=text))
