"""Registry of webhooks, and selection of those that an event triggers."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.identity import Scope, has_permission
from hub_typed.local.errors import not_found
from hub_typed.local.json_files import read_json, write_json
from hub_typed.local.webhooks.delivery import Delivery, DeliveryQueue
from hub_typed.local.webhooks.events import Event
from hub_typed_api import models

__all__ = ["WatchedItem", "Webhook", "Webhooks"]


@attrs.frozen(kw_only=True)
class WatchedItem:
    """A repository or account that a webhook watches."""

    type: str
    name: str

    def includes(self, repo: models.WebhookPayloadRepo) -> bool:
        """Whether the item is this repository or its owner."""
        if self.type in ("user", "org"):
            return self.name == repo.name.rpartition("/")[0]
        return (self.type, self.name) == (repo.type, repo.name)


@attrs.frozen(kw_only=True)
class Webhook:
    """A webhook.

    Attributes:
        user: Name of the user who owns it.
        last_triggered: Time of the last successful delivery, ISO 8601.
        scopes: Scopes of the fine-grained token that created or last changed it; ``None`` for a token with a role.
    """

    id: str
    user: str
    url: str
    watched: tuple[WatchedItem, ...]
    domains: tuple[str, ...]
    secret: str | None = None
    disabled: bool = False
    last_triggered: str | None = None
    scopes: tuple[Scope, ...] | None = None

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> Webhook:
        """Load a webhook from JSON."""
        made = cls(**members)
        scopes = members.get("scopes")
        return attrs.evolve(
            made,
            watched=tuple(WatchedItem(**one) for one in members["watched"]),
            domains=tuple(made.domains),
            scopes=None if scopes is None else tuple(Scope(**one) for one in scopes),
        )

    def is_triggered_by(self, event: Event) -> bool:
        """Whether the webhook is enabled and watches the repository and domain of an event."""
        if self.disabled or event.domain not in self.domains:
            return False
        return any(one.includes(event.repo) for one in self.watched)


class Webhooks:
    """Webhooks, stored in one file, and their deliveries, kept in memory.

    Attributes:
        deliveries: The last 10,000 deliveries, finished or queued, oldest first.
        queue: Sends the deliveries; its `wait` waits until none is left.
    """

    def __init__(self, file: Path, accounts: Accounts, now: Callable[[], datetime]) -> None:
        self._file = file
        self._accounts = accounts
        self._now = now
        self._lock = threading.Lock()
        self._all = {one["id"]: Webhook.from_json(one) for one in read_json(file, [])}
        self.deliveries: deque[Delivery] = deque(maxlen=10_000)
        self.queue: DeliveryQueue = DeliveryQueue(self._record_trigger)

    def close(self) -> None:
        """Send no more deliveries, and change the file no more."""
        with self._lock:
            self._all = {}
            self.queue.clear()

    def of(self, user: str) -> list[Webhook]:
        """List the webhooks of a user, oldest first."""
        with self._lock:
            return [one for one in self._all.values() if one.user == user]

    def get(self, user: str, webhook_id: str) -> Webhook:
        """Return a webhook of a user.

        Raises:
            HubResponseError: 404, the user has no such webhook.
        """
        found = self._all.get(webhook_id)
        if found is None or found.user != user:
            raise not_found("Webhook not found")
        return found

    def add(
        self,
        user: str,
        url: str,
        watched: Sequence[WatchedItem],
        domains: Sequence[str],
        secret: str | None,
        scopes: tuple[Scope, ...] | None = None,
    ) -> Webhook:
        """Create a webhook."""
        made = Webhook(
            id=secrets.token_hex(12),
            user=user,
            url=url,
            watched=tuple(watched),
            domains=tuple(domains),
            secret=secret,
            scopes=scopes,
        )
        with self._lock:
            self._all[made.id] = made
            self._save()
        return made

    def change(self, user: str, webhook_id: str, **changes: Any) -> Webhook:
        """Change a webhook.

        Raises:
            HubResponseError: 404, the user has no such webhook.
        """
        with self._lock:
            changed = self._all[webhook_id] = attrs.evolve(self.get(user, webhook_id), **changes)
            self._save()
        return changed

    def remove(self, user: str, webhook_id: str) -> None:
        """Delete a webhook.

        Raises:
            HubResponseError: 404, the user has no such webhook.
        """
        with self._lock:
            del self._all[self.get(user, webhook_id).id]
            self._save()

    def has_any(self) -> bool:
        """Whether there are any webhooks."""
        return bool(self._all)

    def publish(self, event: Event) -> None:
        """Queue a delivery of the event for each webhook it triggers, and return at once."""
        with self._lock:
            triggered = [
                one for one in self._all.values() if one.is_triggered_by(event) and self._may_receive(one, event.repo)
            ]
            for one in triggered:
                self._send(Delivery(webhook_id=one.id, url=one.url, payload=event.payload(one.id), secret=one.secret))

    def replay(self, delivery: Delivery) -> Delivery:
        """Queue a delivery again, with the same URL, payload and secret; return the new delivery."""
        again = Delivery(
            webhook_id=delivery.webhook_id, url=delivery.url, payload=delivery.payload, secret=delivery.secret
        )
        self._send(again)
        return again

    def _may_receive(self, webhook: Webhook, repo: models.WebhookPayloadRepo) -> bool:
        """Whether a webhook may receive events of a repository: of a private one if its user and token may read it."""
        if not repo.private:
            return True
        owner = repo.name.rpartition("/")[0]
        owners = [webhook.user, *(one.name for one in self._accounts.organizations_of(webhook.user))]
        allowed = webhook.scopes is None or has_permission(webhook.scopes, "repo.content.read", owner, repo.name)
        return owner in owners and allowed

    def _send(self, delivery: Delivery) -> None:
        self.deliveries.append(delivery)
        self.queue.send(delivery)

    def _record_trigger(self, delivery: Delivery) -> None:
        with self._lock:
            found = self._all.get(delivery.webhook_id)
            if found is not None:
                self._all[found.id] = attrs.evolve(found, last_triggered=self._now().isoformat())
                self._save()

    def _save(self) -> None:
        write_json(self._file, [attrs.asdict(one) for one in self._all.values()])
