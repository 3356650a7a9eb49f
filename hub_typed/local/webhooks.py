"""The webhooks of the embedded Hub: what each watches, what happens, and which of them are told."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import attrs

from hub_typed.local.courier import Courier, Delivery
from hub_typed.local.faults import not_found
from hub_typed.local.files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.webhooks import unstructure_webhook_payload

__all__ = ["Event", "Watched", "Webhook", "Webhooks"]

VERSION = 3
"""Of the payload."""


@attrs.frozen(kw_only=True)
class Event:
    """Something happened; handlers say so with `Call.happened`.

    Attributes:
        repo: The repository, as it was then; see `Call.subject`.
        discussion: In the scopes ``discussion...`` alone.
        comment: In the scope ``discussion.comment``, and where a discussion begins.
        updated_refs: What changed in git; in the scope ``repo.content`` alone.
        updated_config: Settings that changed; in the scope ``repo.config`` alone.
        moved_to: With the action ``move`` alone.
    """

    action: Literal["create", "update", "delete", "move"]
    scope: Literal["repo", "repo.content", "repo.config", "discussion", "discussion.comment"]
    repo: models.WebhookPayloadRepo
    discussion: models.WebhookPayloadDiscussion | None = None
    comment: models.WebhookPayloadComment | None = None
    updated_refs: Sequence[models.WebhookPayloadUpdatedRef] | None = None
    updated_config: dict[str, Any] | None = None
    moved_to: models.WebhookPayloadMovedTo | None = None

    @property
    def domain(self) -> str:
        """What webhooks choose by."""
        return self.scope.partition(".")[0]

    def payload(self, webhook_id: str) -> dict[str, Any]:
        """What a webhook brings of it."""
        return unstructure_webhook_payload(
            models.WebhookPayload(
                event=models.WebhookPayloadEvent(action=self.action, scope=self.scope),
                repo=self.repo,
                discussion=self.discussion,
                comment=self.comment,
                updated_refs=None if self.updated_refs is None else list(self.updated_refs),
                updated_config=self.updated_config,
                moved_to=self.moved_to,
                webhook=models.WebhookPayloadWebhook(id=webhook_id, version=VERSION),
            )
        )


@attrs.frozen(kw_only=True)
class Watched:
    """A repository or account that a webhook watches."""

    type: str
    name: str

    def includes(self, repo: models.WebhookPayloadRepo) -> bool:
        """Whether this is the repository, or who owns it."""
        if self.type in ("user", "org"):
            return self.name == repo.name.rpartition("/")[0]
        return (self.type, self.name) == (repo.type, repo.name)


@attrs.frozen(kw_only=True)
class Webhook:
    """A webhook.

    Attributes:
        user: Name of the user it belongs to.
        last_triggered: ISO 8601.
    """

    id: str
    user: str
    url: str
    watched: tuple[Watched, ...]
    domains: tuple[str, ...]
    secret: str | None = None
    disabled: bool = False
    last_triggered: str | None = None

    @classmethod
    def kept(cls, members: dict[str, Any]) -> Webhook:
        """One that was kept as JSON."""
        made = cls(**members)
        return attrs.evolve(
            made, watched=tuple(Watched(**one) for one in members["watched"]), domains=tuple(made.domains)
        )

    def wants(self, event: Event) -> bool:
        """Whether it is to be told of an event. What is private is nobody's business but the owner's."""
        if self.disabled or event.domain not in self.domains:
            return False
        if event.repo.private and self.user != event.repo.name.rpartition("/")[0]:
            return False
        return any(one.includes(event.repo) for one in self.watched)


class Webhooks:
    """Webhooks, kept in one file, and their deliveries, as long as the Hub runs.

    Attributes:
        deliveries: The last 10,000 calls that were or are to be made, the oldest first.
        courier: Makes them; its `wait` waits until none is left.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self._all = {one["id"]: Webhook.kept(one) for one in read_json(file, [])}
        self.deliveries: deque[Delivery] = deque(maxlen=10_000)
        self.courier: Courier = Courier(self._triggered)

    def of(self, user: str) -> list[Webhook]:
        """Those of one user, the oldest first."""
        with self._lock:
            return [one for one in self._all.values() if one.user == user]

    def get(self, user: str, webhook_id: str) -> Webhook:
        """One of a user's.

        Raises:
            HubFault: 404, there is no such one.
        """
        found = self._all.get(webhook_id)
        if found is None or found.user != user:
            raise not_found("Webhook not found")
        return found

    def add(
        self, user: str, url: str, watched: Sequence[Watched], domains: Sequence[str], secret: str | None
    ) -> Webhook:
        """Make one."""
        made = Webhook(
            id=secrets.token_hex(12),
            user=user,
            url=url,
            watched=tuple(watched),
            domains=tuple(domains),
            secret=secret,
        )
        with self._lock:
            self._all[made.id] = made
            self._save()
        return made

    def change(self, user: str, webhook_id: str, **changes: Any) -> Webhook:
        """Change one.

        Raises:
            HubFault: 404, there is no such one.
        """
        with self._lock:
            changed = self._all[webhook_id] = attrs.evolve(self.get(user, webhook_id), **changes)
            self._save()
        return changed

    def remove(self, user: str, webhook_id: str) -> None:
        """Remove one.

        Raises:
            HubFault: 404, there is no such one.
        """
        with self._lock:
            del self._all[self.get(user, webhook_id).id]
            self._save()

    def happened(self, event: Event) -> None:
        """Tell those who want to know, soon and in order; returns at once."""
        with self._lock:
            wanting = [one for one in self._all.values() if one.wants(event)]
            for one in wanting:
                self._send(Delivery(webhook_id=one.id, url=one.url, payload=event.payload(one.id), secret=one.secret))

    def replay(self, delivery: Delivery) -> Delivery:
        """Make a call again, to where its webhook leads; the new one."""
        again = Delivery(
            webhook_id=delivery.webhook_id, url=delivery.url, payload=delivery.payload, secret=delivery.secret
        )
        self._send(again)
        return again

    def _send(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self.courier.send(delivery)

    def _triggered(self, delivery: Delivery) -> None:
        with self._lock:
            found = self._all.get(delivery.webhook_id)
            if found is not None:
                self._all[found.id] = attrs.evolve(found, last_triggered=self._now().isoformat())
                self._save()

    def _save(self) -> None:
        write_json(self._file, [attrs.asdict(one) for one in self._all.values()])
