"""Events of a discussion."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import attrs

from hub_typed_api.coerce import date
from hub_typed_api.models import (
    Account,
    AnyDiscussionEvent,
    DiscussionCommentEvent,
    DiscussionCommitEvent,
    DiscussionOtherEvent,
    DiscussionStatus,
    DiscussionStatusEvent,
    DiscussionTitleEvent,
)

__all__ = [
    "DiscussionComment",
    "DiscussionCommit",
    "DiscussionEvent",
    "DiscussionStatusChange",
    "DiscussionTitleChange",
]


@attrs.frozen(kw_only=True)
class DiscussionEvent:
    """Something that happened in a discussion; what the Hub tells most of has a class of its own.

    Attributes:
        id: Hexadecimal digits.
        type: What happened, as ``comment`` or ``pinning-change``.
        author: Whose doing it is, by name; ``deleted`` where the account was.
        wire: The event as the Hub sent it; an object for a type that the library does not know.
    """

    id: str
    type: str
    created_at: datetime
    author: str
    wire: AnyDiscussionEvent = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class DiscussionComment(DiscussionEvent):
    """A comment.

    Attributes:
        content: The text, in Markdown; that of a hidden comment says only that it is hidden.
        edited: Whether it was changed after it had been written.
        hidden: Whether its text is no longer shown.
    """

    content: str
    edited: bool
    hidden: bool
    wire: DiscussionCommentEvent = attrs.field(repr=False)

    @property
    def rendered(self) -> str:
        """The text as HTML."""
        return self.wire.data.latest.html

    @property
    def last_edited_at(self) -> datetime:
        """When the text was written."""
        return self.wire.data.latest.updated_at

    @property
    def last_edited_by(self) -> str:
        """Who wrote the text, by name; ``deleted`` where the account was."""
        return named(self.wire.data.latest.author)

    @property
    def edit_history(self) -> list[dict[str, Any]]:
        """The versions before; empty where the Hub does not tell them."""
        return self.wire.data.history or []

    @property
    def number_of_edits(self) -> int:
        """How often the text was changed."""
        told = self.wire.data.num_edits
        return len(self.edit_history) if told is None else told


@attrs.frozen(kw_only=True)
class DiscussionStatusChange(DiscussionEvent):
    """A discussion was opened, closed or merged.

    Attributes:
        new_status: The state that it was brought into.
    """

    new_status: DiscussionStatus
    wire: DiscussionStatusEvent = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class DiscussionCommit(DiscussionEvent):
    """A commit was pushed to a pull request.

    Attributes:
        summary: First line of its message.
        oid: The commit, 40 hexadecimal digits.
    """

    summary: str
    oid: str
    wire: DiscussionCommitEvent = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class DiscussionTitleChange(DiscussionEvent):
    """A discussion got another title.

    Attributes:
        old_title: The title before.
        new_title: The title after.
    """

    old_title: str
    new_title: str
    wire: DiscussionTitleEvent = attrs.field(repr=False)


def named(account: Account | None) -> str:
    """Name of an account; ``deleted`` where it was."""
    return account.name if account else "deleted"


def event_of(wire: AnyDiscussionEvent) -> DiscussionEvent:
    """An event, from what the Hub sent."""
    if isinstance(wire, DiscussionCommentEvent):
        return comment_of(wire)
    if isinstance(wire, DiscussionStatusEvent):
        return status_change_of(wire)
    if isinstance(wire, DiscussionCommitEvent):
        return DiscussionCommit(
            id=wire.id,
            type=wire.type,
            created_at=wire.created_at,
            author=named(wire.author),
            summary=wire.data.subject,
            oid=wire.data.oid,
            wire=wire,
        )
    if isinstance(wire, DiscussionTitleEvent):
        return title_change_of(wire)
    if isinstance(wire, DiscussionOtherEvent):
        return DiscussionEvent(
            id=wire.id, type=wire.type, created_at=wire.created_at, author=named(wire.author), wire=wire
        )
    author = cast("dict[str, Any]", wire.get("author") or {})
    return DiscussionEvent(
        id=wire["id"],
        type=wire["type"],
        created_at=date(wire["createdAt"]),
        author=author.get("name", "deleted"),
        wire=wire,
    )


def comment_of(wire: DiscussionCommentEvent) -> DiscussionComment:
    """A comment, from what the Hub sent."""
    return DiscussionComment(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=named(wire.author),
        content=wire.data.latest.raw,
        edited=wire.data.edited,
        hidden=wire.data.hidden,
        wire=wire,
    )


def status_change_of(wire: DiscussionStatusEvent) -> DiscussionStatusChange:
    """A change of the state, from what the Hub sent."""
    return DiscussionStatusChange(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=named(wire.author),
        new_status=wire.data.status,
        wire=wire,
    )


def title_change_of(wire: DiscussionTitleEvent) -> DiscussionTitleChange:
    """A change of the title, from what the Hub sent."""
    return DiscussionTitleChange(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=named(wire.author),
        old_title=wire.data.from_,
        new_title=wire.data.to,
        wire=wire,
    )
