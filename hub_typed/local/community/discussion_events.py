"""Events of discussions, created for actions of users."""

from __future__ import annotations

import html
import secrets
from datetime import datetime
from typing import Literal, TypeAlias

import attrs
import pygit2

from hub_typed.local.accounts.identity import User
from hub_typed.local.git.commit_text import title
from hub_typed_api import models
from hub_typed_api.codec.common import unstructure_discussion_comment_version

__all__ = ["Actor", "Status", "account_of"]

Status: TypeAlias = Literal["draft", "open", "closed", "merged"]
HIDDEN = "This comment has been hidden"


def account_of(user: User) -> models.Account:
    """Return the account of a user, as the author of an event."""
    return models.Account(
        internal_id=user.id, name=user.name, fullname=user.fullname, avatar_url=user.avatar, type="user"
    )


@attrs.frozen
class Actor:
    """Creates events with a user as their author, at a point in time."""

    user: User
    now: datetime

    def new_comment(self, text: str) -> models.DiscussionCommentEvent:
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

    def edit_comment(self, comment: models.DiscussionCommentEvent, text: str) -> models.DiscussionCommentEvent:
        """Return a comment with a new text; the previous version moves to its history."""
        before = [*(comment.data.history or ()), unstructure_discussion_comment_version(comment.data.latest)]
        data = attrs.evolve(
            comment.data, edited=True, latest=self._version(text), history=before, num_edits=len(before)
        )
        return attrs.evolve(comment, data=data)

    def hide_comment(self, comment: models.DiscussionCommentEvent) -> models.DiscussionCommentEvent:
        """Return a comment as hidden, without its text and history."""
        data = attrs.evolve(
            comment.data,
            hidden=True,
            hidden_by=self.user.name,
            latest=attrs.evolve(comment.data.latest, raw=HIDDEN, html=_to_html(HIDDEN)),
            history=[],
        )
        return attrs.evolve(comment, data=data)

    def status_event(self, status: Status) -> models.DiscussionStatusEvent:
        """Create an event for a discussion that is opened, closed or merged."""
        data = models.DiscussionStatusData(status=status)
        return models.DiscussionStatusEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    def title_event(self, old: str, new: str) -> models.DiscussionTitleEvent:
        """Create an event for a new title."""
        data = models.DiscussionTitleData(from_=old, to=new)
        return models.DiscussionTitleEvent(id=_id(), created_at=self.now, author=self._account, data=data)

    def commit_event(self, commit: pygit2.Commit) -> models.DiscussionCommitEvent:
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
        return models.DiscussionCommentVersion(raw=text, html=_to_html(text), updated_at=self.now, author=self._account)


def _id() -> str:
    return secrets.token_hex(12)


def _to_html(text: str) -> str:
    """Render text as HTML paragraphs; other Markdown is not supported."""
    paragraphs = [part.strip() for part in text.split("\n\n")]
    return "\n".join(f"<p>{html.escape(part)}</p>" for part in paragraphs if part)
