"""Events of a discussion, created for each action of a user."""

from __future__ import annotations

import html
import secrets
from datetime import datetime
from typing import Literal, TypeAlias

import attrs
import pygit2

from hub_typed.local.accounts.accounts import User
from hub_typed.local.git.commit_text import title
from hub_typed_api import models
from hub_typed_api.codec.discussions import unstructure_discussion_comment_version

__all__ = ["Actor", "Status", "account_of"]

Status: TypeAlias = Literal["draft", "open", "closed", "merged"]
HIDDEN = "This comment has been hidden"


def account_of(user: User) -> models.Account:
    """Describe a user as the author of an event."""
    return models.Account(internal_id=user.id, name=user.name, fullname=user.name, avatar_url=user.avatar, type="user")


@attrs.frozen
class Actor:
    """A user at a point in time, who causes events."""

    user: User
    now: datetime

    def comments(self, text: str) -> models.DiscussionCommentEvent:
        """Create a comment event."""
        data = models.DiscussionCommentData(
            edited=False,
            hidden=False,
            latest=self._version(text),
            history=[],
            num_edits=0,
            editors=[self.user.name],
            reactions=[],
            is_report=False,
        )
        return models.DiscussionCommentEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    def edits(self, comment: models.DiscussionCommentEvent, text: str) -> models.DiscussionCommentEvent:
        """Edit the text of a comment."""
        before = [*(comment.data.history or ()), unstructure_discussion_comment_version(comment.data.latest)]
        data = attrs.evolve(
            comment.data, edited=True, latest=self._version(text), history=before, num_edits=len(before)
        )
        return attrs.evolve(comment, data=data)

    def hides(self, comment: models.DiscussionCommentEvent) -> models.DiscussionCommentEvent:
        """Hide a comment and delete its text."""
        data = attrs.evolve(
            comment.data,
            hidden=True,
            hidden_by=self.user.name,
            latest=attrs.evolve(comment.data.latest, raw=HIDDEN, html=_rendered(HIDDEN)),
            history=[],
        )
        return attrs.evolve(comment, data=data)

    def changes_status(self, status: Status) -> models.DiscussionStatusEvent:
        """Create an event that opens, closes or merges a discussion."""
        data = models.DiscussionStatusData(status=status)
        return models.DiscussionStatusEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    def changes_title(self, old: str, new: str) -> models.DiscussionTitleEvent:
        """Create an event that renames a discussion."""
        data = models.DiscussionTitleData(from_=old, to=new)
        return models.DiscussionTitleEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    def commits(self, commit: pygit2.Commit) -> models.DiscussionCommitEvent:
        """Create an event for a commit of a pull request."""
        data = models.DiscussionCommitData(
            subject=title(commit),
            oid=str(commit.id),
            parents=[str(parent) for parent in commit.parent_ids],
        )
        return models.DiscussionCommitEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    @property
    def _account(self) -> models.Account:
        return account_of(self.user)

    def _version(self, text: str) -> models.DiscussionCommentVersion:
        return models.DiscussionCommentVersion(
            raw=text, html=_rendered(text), updated_at=self.now, author=self._account
        )


def _id() -> str:
    return secrets.token_hex(12)


def _rendered(text: str) -> str:
    """Render text as HTML paragraphs, without other Markdown."""
    paragraphs = [part.strip() for part in text.split("\n\n")]
    return "\n".join(f"<p>{html.escape(part)}</p>" for part in paragraphs if part)
