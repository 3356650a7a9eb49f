"""Look up the pull request of a request whose response was lost."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from datetime import datetime

from hub_typed.flows.commits.commit_lookup import commit_answer, has_title, is_same_title, newest_commits
from hub_typed.flows.commits.lost_commit import is_made_of
from hub_typed.flows.commits.prepared_changes import Change, Target
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed_api.models import CommitAnswer, DiscussionSummary
from hub_typed_api.operations import discussions as discussions_api

__all__: list[str] = []


async def find_pull_request(
    io: Io, target: Target, title: str, changes: Sequence[Change], parent: str, not_before: datetime
) -> CommitAnswer | None:
    """Return the response for the pull request that a request has opened, if it exists.

    Args:
        title: Its title, and the first line of the message of its commit.
        parent: Id of the commit that it is based on, or the beginning of the id; empty for any.
        not_before: Older pull requests are not considered.

    Raises:
        SourceChangedError: A file has changed since it was sent, so the commit cannot be compared with it.
    """
    listed = discussions_api.get_repo_discussions(
        target.repo_id, repo_type=target.repo_type, discussion_type="pull_request"
    )
    recent: list[DiscussionSummary] = []
    async with aclosing(items(io, listed)) as pull_requests:
        async for one in pull_requests:
            if one.created_at >= not_before:
                recent.append(one)
            elif not one.pinned:  # pinned ones may come first
                break
    for one in reversed(recent):
        if not is_same_title(one.title, title):
            continue
        for head in await newest_commits(io, target, f"refs/pr/{one.num}", 1):
            if has_title(head, title) and await is_made_of(io, target, head.commit_id, changes, parent):
                return commit_answer(io, target, head.commit_id, pull_request=one.num)
    return None
