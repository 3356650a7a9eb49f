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
    """An event of a discussion; frequent types have classes of their own.

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
        """Time of the last edit."""
        return self.wire.data.latest.updated_at

    @property
    def last_edited_by(self) -> str:
        """Name of the author of the last edit; ``deleted`` if the account is deleted."""
        return named(self.wire.data.latest.author)

    @property
    def edit_history(self) -> list[dict[str, Any]]:
        """Earlier versions; empty if the Hub does not send them."""
        return self.wire.data.history or []

    @property
    def number_of_edits(self) -> int:
        """Number of edits."""
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
    """A discussion was renamed.

    Attributes:
        old_title: The title before.
        new_title: The title after.
    """

    old_title: str
    new_title: str
    wire: DiscussionTitleEvent = attrs.field(repr=False)


def named(account: Account | None) -> str:
    """Return the name of an account; ``deleted`` if it is deleted."""
    return account.name if account else "deleted"


def event_of(wire: AnyDiscussionEvent) -> DiscussionEvent:
    """Build an event from a response."""
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
    """Build a comment from a response."""
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
    """Build a status change from a response."""
    return DiscussionStatusChange(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=named(wire.author),
        new_status=wire.data.status,
        wire=wire,
    )


def title_change_of(wire: DiscussionTitleEvent) -> DiscussionTitleChange:
    """Build a title change from a response."""
    return DiscussionTitleChange(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=named(wire.author),
        old_title=wire.data.from_,
        new_title=wire.data.to,
        wire=wire,
    )
