"""Discussions and pull requests, in lists and with details."""

from __future__ import annotations

from datetime import datetime

import attrs

from hub_typed.flows.discussions.events import DiscussionEvent, event_of, named
from hub_typed_api import path
from hub_typed_api.models import DiscussionDetails, DiscussionStatus, DiscussionSummary

__all__ = ["Discussion", "DiscussionWithDetails"]


@attrs.frozen(kw_only=True)
class Discussion:
    """A discussion or pull request.

    Attributes:
        status: ``open`` or ``closed``; a pull request may be ``draft`` or ``merged`` too.
        num: Its number in the repository, from 1; both kinds are counted together.
        repo_id: Its repository, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``.
        author: Who began it, by name; ``deleted`` where the account was.
        endpoint: URL of the Hub.
        wire: What the Hub sent, with members that have no attribute here, as the number of comments.
    """

    title: str
    status: DiscussionStatus
    num: int
    repo_id: str
    repo_type: str
    author: str
    is_pull_request: bool
    created_at: datetime
    endpoint: str
    wire: DiscussionSummary | DiscussionDetails = attrs.field(repr=False)

    @property
    def git_reference(self) -> str | None:
        """Ref of a pull request, as ``refs/pr/1``; ``None`` for a discussion."""
        return f"refs/pr/{self.num}" if self.is_pull_request else None

    @property
    def url(self) -> str:
        """URL on the web."""
        return f"{self.endpoint}/{path.web_type(self.repo_type)}{self.repo_id}/discussions/{self.num}"


@attrs.frozen(kw_only=True)
class DiscussionWithDetails(Discussion):
    """A discussion or pull request with its events.

    Attributes:
        events: What happened, the oldest first.
        conflicting_files: Files of a pull request that cannot be merged; true where they are not known; ``None`` for a
            mere discussion.
        target_branch: Ref that a pull request is to be merged into, as ``refs/heads/main``; ``None`` likewise.
        merge_commit_oid: The commit that a pull request was merged by; ``None`` if it was not.
        diff: What a pull request changes, as git writes it; ``None`` for a mere discussion.
    """

    events: list[DiscussionEvent]
    conflicting_files: list[str] | bool | None
    target_branch: str | None
    merge_commit_oid: str | None
    diff: str | None
    wire: DiscussionDetails = attrs.field(repr=False)


def discussion_of(wire: DiscussionSummary, endpoint: str) -> Discussion:
    """Build a discussion from a response."""
    return Discussion(
        title=wire.title,
        status=wire.status,
        num=wire.num,
        repo_id=wire.repo.name,
        repo_type=wire.repo.type,
        author=named(wire.author),
        is_pull_request=wire.is_pull_request,
        created_at=wire.created_at,
        endpoint=endpoint,
        wire=wire,
    )


def details_of(wire: DiscussionDetails, endpoint: str) -> DiscussionWithDetails:
    """Build a discussion with its events from a response."""
    return DiscussionWithDetails(
        title=wire.title,
        status=wire.status,
        num=wire.num,
        repo_id=wire.repo.name,
        repo_type=wire.repo.type,
        author=named(wire.author),
        is_pull_request=wire.is_pull_request,
        created_at=wire.created_at,
        endpoint=endpoint,
        events=[event_of(event) for event in wire.events],
        conflicting_files=wire.files_with_conflicts,
        target_branch=wire.changes.base if wire.changes else None,
        merge_commit_oid=wire.changes.merge_commit_id if wire.changes else None,
        diff=wire.diff,
        wire=wire,
    )
