"""Events of discussions and pull requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol, TypedDict, TypeVar, cast

import attrs

from hub_typed.logs.logger import log
from hub_typed_api.arguments import by_position, plain
from hub_typed_api.codec.discussions import structure_any_discussion_event
from hub_typed_api.coerce import INVALID, date
from hub_typed_api.fields import Fields
from hub_typed_api.models import (
    Account,
    AnyDiscussionEvent,
    DiscussionCommentEvent,
    DiscussionCommitEvent,
    DiscussionStatus,
    DiscussionStatusEvent,
    DiscussionTitleEvent,
)

__all__ = [
    "DiscussionComment",
    "DiscussionCommit",
    "DiscussionEvent",
    "DiscussionEventArgs",
    "DiscussionStatusChange",
    "DiscussionTitleChange",
    "deserialize_event",
]


_Event = TypeVar("_Event", DiscussionCommentEvent, DiscussionStatusEvent, DiscussionCommitEvent, DiscussionTitleEvent)
_OF_ALL = ("id", "type", "created_at", "author", "wire")
"""Attributes of all events."""


@attrs.frozen(kw_only=True)
class DiscussionEvent(Fields):
    """An event of a discussion; common types have subclasses.

    Attributes:
        id: Id of the event, in hexadecimal.
        type: Type of the event, for example ``comment`` or ``pinning-change``.
        author: Name of the account that caused it; ``deleted`` if the account is deleted.
        wire: The event as sent by the Hub; a dictionary if this version does not know its type. Built from the
            attributes if not given.
    """

    id: str
    type: str
    created_at: datetime
    author: str
    wire: AnyDiscussionEvent = attrs.field(repr=False)

    @classmethod
    def _from_reference(cls, *args: object, **members: Any) -> dict[str, Any]:
        own = [field.name for field in attrs.fields(cls) if field.name not in _OF_ALL]
        given: dict[str, Any] = by_position(" ".join(["id type created_at author _event", *own]), args, members)
        if "wire" not in given and {"id", "type", "created_at", "author"} <= given.keys():
            sent = given.pop("_event", None)
            given["wire"] = cls._event_of(given, cast("dict[str, Any]", sent) if isinstance(sent, dict) else {})
        return given

    @classmethod
    def _event_of(cls, given: dict[str, Any], sent: dict[str, Any]) -> AnyDiscussionEvent:
        """Return what the Hub would send for an event with these attributes; what was sent of it counts."""
        try:
            return structure_any_discussion_event(_common(given) | {"type": given["type"]} | sent)
        except INVALID:
            return sent


@attrs.frozen(kw_only=True)
class DiscussionComment(DiscussionEvent):
    """A comment.

    Attributes:
        content: Text in Markdown; a placeholder for a hidden comment.
        edited: Whether the comment was edited.
        hidden: Whether the comment is hidden.
    """

    content: str
    edited: bool
    hidden: bool
    wire: DiscussionCommentEvent = attrs.field(repr=False)

    @classmethod
    def _event_of(cls, given: dict[str, Any], sent: dict[str, Any]) -> DiscussionCommentEvent:
        content = given.get("content")
        version = {"raw": content, "html": content, "updatedAt": given["created_at"]}
        return _typed_event(
            *(DiscussionCommentEvent, given, sent),
            edited=given.get("edited"),
            hidden=given.get("hidden"),
            latest=version | {"author": _common(given)["author"]},
        )

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
        return author_name(self.wire.data.latest)

    @property
    def edit_history(self) -> list[dict[str, Any]]:
        """Earlier versions of the comment; empty if the Hub does not send them."""
        return self.wire.data.history or []

    @property
    def number_of_edits(self) -> int:
        """Number of edits."""
        count = self.wire.data.num_edits
        return len(self.edit_history) if count is None else count


@attrs.frozen(kw_only=True)
class DiscussionStatusChange(DiscussionEvent):
    """Event: a discussion was opened, closed or merged.

    Attributes:
        new_status: Status after the event.
    """

    new_status: DiscussionStatus
    wire: DiscussionStatusEvent = attrs.field(repr=False)

    @classmethod
    def _event_of(cls, given: dict[str, Any], sent: dict[str, Any]) -> DiscussionStatusEvent:
        return _typed_event(DiscussionStatusEvent, given, sent, status=given.get("new_status"))


@attrs.frozen(kw_only=True)
class DiscussionCommit(DiscussionEvent):
    """Event: a commit was pushed to a pull request.

    Attributes:
        summary: First line of the commit message.
        oid: Commit hash, 40 hexadecimal digits.
    """

    summary: str
    oid: str
    wire: DiscussionCommitEvent = attrs.field(repr=False)

    @classmethod
    def _event_of(cls, given: dict[str, Any], sent: dict[str, Any]) -> DiscussionCommitEvent:
        return _typed_event(DiscussionCommitEvent, given, sent, subject=given.get("summary"), oid=given.get("oid"))


@attrs.frozen(kw_only=True)
class DiscussionTitleChange(DiscussionEvent):
    """Event: a discussion was renamed.

    Attributes:
        old_title: Title before the event.
        new_title: Title after the event.
    """

    old_title: str
    new_title: str
    wire: DiscussionTitleEvent = attrs.field(repr=False)

    @classmethod
    def _event_of(cls, given: dict[str, Any], sent: dict[str, Any]) -> DiscussionTitleEvent:
        data = {"from": given.get("old_title"), "to": given.get("new_title")}
        return _typed_event(DiscussionTitleEvent, given, sent, **data)


def _common(given: dict[str, Any]) -> dict[str, Any]:
    author = given["author"]
    account = {"name": author, "fullname": author, "avatarUrl": "", "type": "user"}
    return {
        "id": given["id"],
        "createdAt": plain(given["created_at"]),
        "author": None if author == "deleted" else account,
    }


def _typed_event(kind: type[_Event], given: dict[str, Any], sent: dict[str, Any], **data: Any) -> _Event:
    made: dict[str, Any] = {**_common(given), "data": data}
    found: dict[str, Any] = {**made, **{name: value for name, value in sent.items() if name != "type"}}
    try:
        event = kind(**found)
    except INVALID:  # as in tests, which leave out most of it
        return kind(**made)
    return kind(**made) if "data" in (event.extra or {}) else event


class _Authored(Protocol):
    author: Account | None
    extra: dict[str, Any] | None


def author_name(sent: _Authored) -> str:
    """Return the name of the author; ``deleted`` if the account is deleted."""
    if sent.author is not None:
        return sent.author.name
    return _name((sent.extra or {}).get("author"))


def _name(account: object) -> str:
    """Return the name of an account as JSON, which need not be valid otherwise."""
    name = cast("dict[str, object]", account).get("name") if isinstance(account, dict) else None
    return name if isinstance(name, str) else "deleted"


def event_of(wire: AnyDiscussionEvent) -> DiscussionEvent:
    """Build an event from a response; one whose data are not those of its type has no attributes for them."""
    if isinstance(wire, dict):
        return DiscussionEvent(
            id=str(wire["id"]),
            type=str(wire["type"]),
            created_at=date(wire["createdAt"]),
            author=_name(wire.get("author")),
            wire=wire,
        )
    try:
        if isinstance(wire, DiscussionCommentEvent):
            return comment_of(wire)
        if isinstance(wire, DiscussionStatusEvent):
            return status_change_of(wire)
        if isinstance(wire, DiscussionCommitEvent):
            return _commit_of(wire)
        if isinstance(wire, DiscussionTitleEvent):
            return title_change_of(wire)
    except AttributeError as error:
        log.warning("An event of a discussion is incomplete: %s", error)
    return DiscussionEvent(id=wire.id, type=wire.type, created_at=wire.created_at, author=author_name(wire), wire=wire)


class DiscussionEventArgs(TypedDict):
    """Arguments that all classes of events take."""

    id: str
    type: str
    created_at: datetime
    author: str
    _event: dict[str, Any]


def deserialize_event(event: Mapping[str, Any]) -> DiscussionEvent:
    """Return the event that the Hub describes as JSON.

    Raises:
        ValueError: It has no id, type or time.
    """
    try:
        return event_of(structure_any_discussion_event(dict(event)))
    except INVALID as error:
        raise ValueError(f"The event of a discussion is invalid: {error!r}") from error


def events_of(wires: Iterable[AnyDiscussionEvent]) -> list[DiscussionEvent]:
    """Build the events of a discussion; those without id, type or time are left out, with a warning."""
    events: list[DiscussionEvent] = []
    for wire in wires:
        try:
            events.append(event_of(wire))
        except INVALID as error:
            log.warning("Left out an event of a discussion, which is invalid: %r", error)
    return events


def comment_of(wire: DiscussionCommentEvent) -> DiscussionComment:
    """Build a comment from a response."""
    return DiscussionComment(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=author_name(wire),
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
        author=author_name(wire),
        new_status=wire.data.status,
        wire=wire,
    )


def title_change_of(wire: DiscussionTitleEvent) -> DiscussionTitleChange:
    """Build a title change from a response."""
    return DiscussionTitleChange(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=author_name(wire),
        old_title=wire.data.from_,
        new_title=wire.data.to,
        wire=wire,
    )


def _commit_of(wire: DiscussionCommitEvent) -> DiscussionCommit:
    return DiscussionCommit(
        id=wire.id,
        type=wire.type,
        created_at=wire.created_at,
        author=author_name(wire),
        summary=wire.data.subject,
        oid=wire.data.oid,
        wire=wire,
    )
