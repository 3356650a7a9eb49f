"""Handlers of webhooks: list, create, update, delete, and deliveries that are sent again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.accounts.owned import Owned
from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.repos.store import REPO_TYPES, known_type
from hub_typed.local.request.call import Call
from hub_typed.local.webhooks.registry import WatchedItem, Webhook
from hub_typed_api import models
from hub_typed_api.path import checked_repo_id
from hub_typed_api.server.webhooks import WebhooksHandlers

__all__ = ["Webhooks"]

DOMAINS = ("repo", "discussion")
_NO_RESPONSE = 502
"""Status of a delivery that nobody answered, or that was refused because its URL is not on this machine."""


class Webhooks(WebhooksHandlers[Call]):
    """Handlers of the operations in the area ``webhooks``."""

    def list_webhooks(self, call: Call) -> list[models.WebhookInfo]:
        return [_info(call, one) for one in call.webhooks.of(_authorized(call, "read").user.name)]

    def create_webhook(
        self,
        call: Call,
        *,
        watched: list[models.WebhookWatchedItem],
        domains: list[models.WebhookDomain] | None = None,
        url: str | None = None,
        job: models.WebhookJobInput | None = None,
        job_source_id: str | None = None,
        secret: str | None = None,
        secrets: dict[str, str] | None = None,
    ) -> models.WebhookAnswer:
        identity = _authorized(call, "write")
        _check_no_job(job, job_source_id)
        if url is None:
            raise bad_request("A webhook needs a url or a job")
        if not watched:
            raise bad_request("A webhook needs at least one watched item")
        made = call.webhooks.add(
            identity.user.name,
            _checked_url(url),
            _checked_items(call, watched),
            DOMAINS if domains is None else _checked_domains(domains),
            _checked_secret(secret),
            identity.scopes,
        )
        return models.WebhookAnswer(webhook=_info(call, made))

    def get_webhook(self, call: Call, *, webhook_id: str) -> models.WebhookAnswer:
        return models.WebhookAnswer(
            webhook=_info(call, call.webhooks.get(_authorized(call, "read").user.name, webhook_id))
        )

    def update_webhook(
        self,
        call: Call,
        *,
        webhook_id: str,
        watched: list[models.WebhookWatchedItem],
        domains: list[models.WebhookDomain] | None = None,
        url: str | None = None,
        job: models.WebhookJobInput | None = None,
        job_source_id: str | None = None,
        secret: str | None = None,
        secrets: dict[str, str] | None = None,
    ) -> models.WebhookAnswer:
        identity = _authorized(call, "write")
        user = identity.user.name
        present = call.webhooks.get(user, webhook_id)
        _check_no_job(job, job_source_id)
        changed = call.webhooks.change(
            user,
            webhook_id,
            watched=_checked_items(call, watched),
            domains=present.domains if domains is None else _checked_domains(domains),
            url=present.url if url is None else _checked_url(url),
            secret=present.secret if secret is None else _checked_secret(secret),
            scopes=identity.scopes,  # so a weaker token cannot redirect private events to its own URL
        )
        return models.WebhookAnswer(webhook=_info(call, changed))

    def delete_webhook(self, call: Call, *, webhook_id: str) -> None:
        call.webhooks.remove(_authorized(call, "write").user.name, webhook_id)

    def set_webhook_state(self, call: Call, *, webhook_id: str, action: str) -> models.WebhookAnswer:
        user = _authorized(call, "write").user.name
        if action not in ("enable", "disable"):
            raise not_found()
        changed = call.webhooks.change(user, webhook_id, disabled=action == "disable")
        return models.WebhookAnswer(webhook=_info(call, changed))

    def replay_webhook_log(self, call: Call, *, webhook_id: str, log_id: str) -> models.WebhookReplay:
        user = _authorized(call, "write").user.name
        webhook = call.webhooks.get(user, webhook_id)
        ids = (webhook.id, log_id)
        found = next((one for one in call.webhooks.deliveries.copy() if (one.webhook_id, one.id) == ids), None)
        if found is None:
            raise not_found("Delivery not found")
        again = call.webhooks.replay(found)
        call.webhooks.queue.wait()
        return models.WebhookReplay(status=again.status or _NO_RESPONSE)


def _authorized(call: Call, right: Literal["read", "write"]) -> Identity:
    """Return the sender of the request, whose token may read or write webhooks.

    Raises:
        HubResponseError: 401, the caller is not logged in; 403, the token lacks the permission.
    """
    identity = call.writer() if right == "write" else call.user()
    if not identity.permits(f"user.webhooks.{right}", identity.user.name):
        raise forbidden(f"Forbidden: this token lacks the permission user.webhooks.{right}")
    return identity


def _check_no_job(job: models.WebhookJobInput | None, job_source_id: str | None) -> None:
    if job is not None or job_source_id is not None:
        raise forbidden("Webhooks of the embedded Hub start no jobs: pass a url for the webhook")


def _checked_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or (parts.port or 1) < 1:
        raise bad_request(f"Invalid url: {url!r}")
    return url


def _checked_items(call: Call, items: Sequence[models.WebhookWatchedItem]) -> tuple[WatchedItem, ...]:
    """Return the watched items, which must exist and be visible to the caller, by their current names."""
    checked: list[WatchedItem] = []
    for item in items:
        name = item.name
        if item.type == "user":
            name = call.accounts.spelling(name)
            found = call.accounts.user(name) is not None
        elif item.type == "org":
            name = call.accounts.spelling(name)
            found = call.accounts.organization(name) is not None
        elif item.type in (*REPO_TYPES, "bucket"):
            repo = _find(call, item.type, checked_repo_id(name))
            found = repo is not None and call.may_read(repo)
            name = name if repo is None else repo.repo_id
        else:
            raise bad_request(f"Invalid type of a watched item: {item.type!r}")
        if not found:
            raise not_found(f"There is no {item.type} {item.name}")
        checked.append(WatchedItem(type=item.type, name=name))
    return tuple(checked)


def _checked_domains(domains: Sequence[str]) -> tuple[str, ...]:
    if not domains or any(domain not in DOMAINS for domain in domains):
        raise bad_request(f"Invalid domains: {', '.join(domains) or 'none'}; each must be one of {', '.join(DOMAINS)}")
    return tuple(domains)


def _checked_secret(secret: str | None) -> str | None:
    if secret is not None and not (secret.isascii() and secret.isprintable()):
        raise bad_request("Invalid secret: it must be printable ASCII")
    return secret


def _is_visible(call: Call, watched: WatchedItem) -> bool:
    """Whether the caller may see a watched item, which a token with more permissions may have set."""
    repo = _find(call, watched.type, watched.name)
    return repo is None or call.may_read(repo)


def _find(call: Call, kind: str, name: str) -> Owned | None:
    """Return a repository or bucket; ``None`` if it does not exist, or is an account."""
    if kind == "bucket":
        return call.buckets.find(name)
    return call.store.find(known_type(kind), name) if kind in REPO_TYPES else None


def _info(call: Call, webhook: Webhook) -> models.WebhookInfo:
    triggered = webhook.last_triggered
    return models.WebhookInfo(
        id=webhook.id,
        url=webhook.url,
        watched=[
            models.WebhookWatchedItem(type=one.type, name=one.name) for one in webhook.watched if _is_visible(call, one)
        ],
        domains=list(webhook.domains),
        disabled=webhook.disabled,
        has_secret=webhook.secret is not None,
        last_trigger_at=None if triggered is None else datetime.fromisoformat(triggered),
    )
