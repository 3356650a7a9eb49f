"""Webhooks: what each watches, and which are triggered by an event."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.accounts import Accounts, Scope, permitted
from hub_typed.local.errors import not_found
from hub_typed.local.json_files import read_json, write_json
from hub_typed.local.webhooks.delivery import Courier, Delivery
from hub_typed.local.webhooks.events import Event
from hub_typed_api import models

__all__ = ["Watched", "Webhook", "Webhooks"]


@attrs.frozen(kw_only=True)
class Watched:
    """A repository or account that a webhook watches."""

    type: str
    name: str

    def includes(self, repo: models.WebhookPayloadRepo) -> bool:
        """Whether it is this repository or its owner."""
        if self.type in ("user", "org"):
            return self.name == repo.name.rpartition("/")[0]
        return (self.type, self.name) == (repo.type, repo.name)


@attrs.frozen(kw_only=True)
class Webhook:
    """A webhook.

    Attributes:
        user: Name of the user it belongs to.
        last_triggered: ISO 8601.
        scopes: What the token was good for that it was made or last changed with; ``None`` for one with a role.
    """

    id: str
    user: str
    url: str
    watched: tuple[Watched, ...]
    domains: tuple[str, ...]
    secret: str | None = None
    disabled: bool = False
    last_triggered: str | None = None
    scopes: tuple[Scope, ...] | None = None

    @classmethod
    def kept(cls, members: dict[str, Any]) -> Webhook:
        """Load a webhook from JSON."""
        made = cls(**members)
        scopes = members.get("scopes")
        return attrs.evolve(
            made,
            watched=tuple(Watched(**one) for one in members["watched"]),
            domains=tuple(made.domains),
            scopes=None if scopes is None else tuple(Scope(**one) for one in scopes),
        )

    def wants(self, event: Event) -> bool:
        """Whether the webhook watches an event."""
        if self.disabled or event.domain not in self.domains:
            return False
        return any(one.includes(event.repo) for one in self.watched)


class Webhooks:
    """Webhooks in one file, and their deliveries, in memory.

    Attributes:
        deliveries: The last 10,000 calls that were or are to be made, the oldest first.
        courier: Makes them; its `wait` waits until none is left.
    """

    def __init__(self, file: Path, accounts: Accounts, now: Callable[[], datetime]) -> None:
        self._file = file
        self._accounts = accounts
        self._now = now
        self._lock = threading.Lock()
        self._all = {one["id"]: Webhook.kept(one) for one in read_json(file, [])}
        self.deliveries: deque[Delivery] = deque(maxlen=10_000)
        self.courier: Courier = Courier(self._triggered)

    def of(self, user: str) -> list[Webhook]:
        """List the webhooks of a user, oldest first."""
        with self._lock:
            return [one for one in self._all.values() if one.user == user]

    def get(self, user: str, webhook_id: str) -> Webhook:
        """Return a webhook of a user.

        Raises:
            HubFault: 404, there is no such one.
        """
        found = self._all.get(webhook_id)
        if found is None or found.user != user:
            raise not_found("Webhook not found")
        return found

    def add(
        self,
        user: str,
        url: str,
        watched: Sequence[Watched],
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
            HubFault: 404, there is no such one.
        """
        with self._lock:
            changed = self._all[webhook_id] = attrs.evolve(self.get(user, webhook_id), **changes)
            self._save()
        return changed

    def remove(self, user: str, webhook_id: str) -> None:
        """Delete a webhook.

        Raises:
            HubFault: 404, there is no such one.
        """
        with self._lock:
            del self._all[self.get(user, webhook_id).id]
            self._save()

    def watching(self) -> bool:
        """Whether there are enabled webhooks."""
        return bool(self._all)

    def happened(self, event: Event) -> None:
        """Queue the deliveries of an event in order, and return at once."""
        with self._lock:
            wanting = [one for one in self._all.values() if one.wants(event) and self._may_know(one, event.repo)]
            for one in wanting:
                self._send(Delivery(webhook_id=one.id, url=one.url, payload=event.payload(one.id), secret=one.secret))

    def replay(self, delivery: Delivery) -> Delivery:
        """Deliver a payload again, to the current URL of its webhook; return the new delivery."""
        again = Delivery(
            webhook_id=delivery.webhook_id, url=delivery.url, payload=delivery.payload, secret=delivery.secret
        )
        self._send(again)
        return again

    def _may_know(self, webhook: Webhook, repo: models.WebhookPayloadRepo) -> bool:
        """Whether a webhook may receive events of a repository; of a private one, if its user and token may read it."""
        if not repo.private:
            return True
        owner = repo.name.rpartition("/")[0]
        owners = [webhook.user, *(one.name for one in self._accounts.organizations_of(webhook.user))]
        allowed = webhook.scopes is None or permitted(webhook.scopes, "repo.content.read", owner, repo.name)
        return owner in owners and allowed

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
