"""What users watch, which of their notifications are read or deleted, and which emails they want."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.json_files import read_json, write_json

__all__ = ["Inbox", "Inboxes"]


@attrs.frozen(kw_only=True)
class Inbox:
    """What a user set about notifications.

    The notifications themselves are found in the discussions; here is the last event of a discussion that was read or
    deleted: an event after it makes a notification again.

    Attributes:
        watched: Time from which a repository or account is watched, ISO 8601, by type and internal id; ``None`` if it
            is watched no longer.
        read: Event up to which a discussion was read, by the id of the discussion.
        deleted: Event up to which the notification of a discussion was deleted, by the id of the discussion.
        emails: Whether emails of each kind are wanted.
    """

    watched: Mapping[str, str | None] = attrs.field(factory=dict[str, "str | None"])
    read: Mapping[str, str] = attrs.field(factory=dict[str, str])
    deleted: Mapping[str, str] = attrs.field(factory=dict[str, str])
    emails: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    def watches_since(self, kind: str, id_: str) -> datetime | None:
        """Return from when on something is watched; ``None`` if it is not."""
        since = self.watched.get(f"{kind}/{id_}")
        return None if since is None else datetime.fromisoformat(since)

    def has_chosen(self, kind: str, id_: str) -> bool:
        """Whether the user started or stopped to watch something."""
        return f"{kind}/{id_}" in self.watched


class Inboxes:
    """What all users set, stored in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._all = {user: Inbox(**stored) for user, stored in read_json(file, {}).items()}

    def of(self, user: str) -> Inbox:
        """Return what a user set."""
        return self._all.get(user) or Inbox()

    def watch(self, user: str, things: Iterable[tuple[str, str]], since: datetime | None) -> None:
        """Start to watch things, by type and internal id; without a time, stop it."""
        chosen = {f"{kind}/{id_}": since and since.isoformat() for kind, id_ in things}
        self._change(user, lambda inbox: {"watched": {**inbox.watched, **chosen}})

    def mark_read(self, user: str, events: Mapping[str, str], *, read: bool) -> None:
        """Mark discussions as read up to an event, or as unread."""

        def marked(inbox: Inbox) -> dict[str, Any]:
            others = {id_: event for id_, event in inbox.read.items() if id_ not in events}
            return {"read": {**others, **events} if read else others}

        self._change(user, marked)

    def delete(self, user: str, events: Mapping[str, str]) -> None:
        """Delete the notifications of discussions up to an event."""
        self._change(user, lambda inbox: {"deleted": {**inbox.deleted, **events}})

    def want_emails(self, user: str, emails: Mapping[str, Any]) -> None:
        """Set whether emails of some kinds are wanted."""
        self._change(user, lambda inbox: {"emails": {**inbox.emails, **emails}})

    def _change(self, user: str, change: Callable[[Inbox], dict[str, Any]]) -> None:
        with self._lock:
            self._all[user] = attrs.evolve(self.of(user), **change(self.of(user)))
            write_json(self._file, {name: attrs.asdict(one) for name, one in self._all.items()})
