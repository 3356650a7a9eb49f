"""Discussions and pull requests, with and without their events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from hub_typed.flows.discussions.events import DiscussionEvent, author_name, events_of
from hub_typed_api import path
from hub_typed_api.fields import Fields
from hub_typed_api.models import Account, DiscussionDetails, DiscussionRepo, DiscussionStatus, DiscussionSummary

__all__ = ["Discussion", "DiscussionWithDetails"]


def _summary(made: Discussion) -> DiscussionSummary:
    """Return what the Hub would send for a discussion that is not built from a response."""
    return DiscussionSummary(**_common(made))


def _details(made: DiscussionWithDetails) -> DiscussionDetails:
    return DiscussionDetails(**_common(made), events=[event.wire for event in made.events], diff=made.diff)


def _common(made: Discussion) -> dict[str, Any]:
    return {
        "num": made.num,
        "title": made.title,
        "status": made.status,
        "is_pull_request": made.is_pull_request,
        "created_at": made.created_at,
        "repo": DiscussionRepo(name=made.repo_id, type=made.repo_type),
        "author": Account(name=made.author, fullname=made.author, avatar_url="", type="user"),
    }


@attrs.frozen
class Discussion(Fields):
    """A discussion or pull request.

    Attributes:
        status: ``open`` or ``closed``; a pull request may also be ``draft`` or ``merged``.
        num: Number in the repository, from 1; discussions and pull requests share one numbering.
        repo_id: Name of the repository, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``.
        author: Name of the account that opened it; ``deleted`` if the account is deleted.
        endpoint: URL of the Hub.
        wire: The Hub's response, including members without an attribute here, as the number of comments; built from the
            attributes if not given.
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
    wire: DiscussionSummary | DiscussionDetails = attrs.field(
        repr=False, kw_only=True, default=attrs.Factory(_summary, takes_self=True)
    )

    @property
    def git_reference(self) -> str | None:
        """Git ref of a pull request, for example ``refs/pr/1``; ``None`` for a discussion."""
        return f"refs/pr/{self.num}" if self.is_pull_request else None

    @property
    def url(self) -> str:
        """URL of its web page."""
        return f"{self.endpoint}/{path.web_type(self.repo_type)}{self.repo_id}/discussions/{self.num}"


@attrs.frozen
class DiscussionWithDetails(Discussion):
    """A discussion or pull request with its events.

    Attributes:
        events: Its events, oldest first.
        conflicting_files: Files of a pull request with merge conflicts; ``True`` if they are unknown; ``None`` for a
            discussion.
        target_branch: Ref that a pull request targets, for example ``refs/heads/main``; ``None`` for a discussion.
        merge_commit_oid: Merge commit of a pull request; ``None`` if it is not merged.
        diff: Changes of a pull request as a git diff; ``None`` for a discussion.
    """

    events: list[DiscussionEvent]
    conflicting_files: list[str] | bool | None
    target_branch: str | None
    merge_commit_oid: str | None
    diff: str | None
    wire: DiscussionDetails = attrs.field(repr=False, kw_only=True, default=attrs.Factory(_details, takes_self=True))


def discussion_of(wire: DiscussionSummary, endpoint: str, repo_id: str, repo_type: str | None) -> Discussion:
    """Build a discussion from a response; the repository is the requested one if the response does not name it."""
    return Discussion(
        title=wire.title,
        status=wire.status,
        num=wire.num,
        repo_id=getattr(wire.repo, "name", repo_id),
        repo_type=getattr(wire.repo, "type", repo_type or "model"),
        author=author_name(wire),
        is_pull_request=wire.is_pull_request,
        created_at=wire.created_at,
        endpoint=endpoint,
        wire=wire,
    )


def details_of(wire: DiscussionDetails, endpoint: str, repo_id: str, repo_type: str | None) -> DiscussionWithDetails:
    """Build a discussion with its events, as `discussion_of`."""
    return DiscussionWithDetails(
        title=wire.title,
        status=wire.status,
        num=wire.num,
        repo_id=getattr(wire.repo, "name", repo_id),
        repo_type=getattr(wire.repo, "type", repo_type or "model"),
        author=author_name(wire),
        is_pull_request=wire.is_pull_request,
        created_at=wire.created_at,
        endpoint=endpoint,
        events=events_of(wire.events),
        conflicting_files=wire.files_with_conflicts,
        target_branch=wire.changes.base if wire.changes else None,
        merge_commit_oid=wire.changes.merge_commit_id if wire.changes else None,
        diff=wire.diff,
        wire=wire,
    )
