"""Webhooks: settings, and parsing of payloads."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, get_args

from hub_typed.errors import ProtocolError
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed_api.codec.webhooks import structure_webhook_payload
from hub_typed_api.models import (
    WebhookAnswer,
    WebhookDomain,
    WebhookInfo,
    WebhookJobInput,
    WebhookPayload,
    WebhookWatchedItem,
)
from hub_typed_api.operations import webhooks as operations
from hub_typed_api.wire import Call, Response

__all__ = [
    "WatchedItem",
    "create_webhook",
    "disable_webhook",
    "enable_webhook",
    "get_webhook",
    "parse_webhook_payload",
    "update_webhook",
    "verify_webhook_secret",
]

WatchedItem: TypeAlias = WebhookWatchedItem | Mapping[str, str]
"""Item that a webhook watches, as an object or as ``{"type": "user", "name": "ann"}``."""

_SETTINGS = ("watched", "domains", "url", "jobSourceId")
"""Members of a webhook that an update sends again."""

DOMAINS: tuple[str, ...] = get_args(get_args(WebhookDomain)[0])


async def get_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Get a webhook.

    Args:
        webhook_id: Id of the webhook, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return await execute(io, _webhook(operations.get_webhook(webhook_id)))


async def create_webhook(
    io: Io,
    *,
    url: str | None = None,
    watched: Iterable[WatchedItem],
    domains: Iterable[WebhookDomain] | None = None,
    secret: str | None = None,
    job: WebhookJobInput | None = None,
    job_id: str | None = None,
) -> WebhookInfo:
    """Create a webhook that sends a request to a URL, or runs a job, on events of repositories.

    Exactly one of ``url``, ``job`` and ``job_id`` must be given. `parse_webhook_payload` parses the delivered payloads.

    Args:
        url: URL that receives the deliveries.
        watched: Repositories, and accounts with all their repositories, as objects or as mappings with ``type`` and
            ``name``.
        domains: Event domains: ``repo``, ``discussion`` or both; the default of the Hub if not given.
        secret: Secret that each delivery sends in the header ``X-Webhook-Secret``; printable ASCII.
        job: Job to run instead of a delivery.
        job_id: Id of an existing job to run again instead of a delivery.

    Raises:
        ValueError: An argument is invalid; nothing was created.
        HfHubHTTPError: A watched item does not exist (404), or the token may not write (403).
    """
    _check_target(url, job, job_id, needed=True)
    items = _watched_items(watched)
    if not items:
        raise ValueError("A webhook must watch at least one item, but watched is empty.")
    call = operations.create_webhook(
        watched=items,
        domains=_checked_domains(domains),
        url=url,
        job=job,
        job_source_id=job_id,
        secret=_checked_secret(secret),
    )
    return await execute(io, _webhook(call))


async def update_webhook(
    io: Io,
    webhook_id: str,
    *,
    url: str | None = None,
    watched: Iterable[WatchedItem] | None = None,
    domains: Iterable[WebhookDomain] | None = None,
    secret: str | None = None,
    job: WebhookJobInput | None = None,
    job_id: str | None = None,
) -> WebhookInfo:
    """Update a webhook; omitted settings are kept.

    The Hub replaces the whole webhook, so its current settings are requested first if any is omitted.

    Args:
        webhook_id: Id of the webhook, 24 hexadecimal digits.
        url: URL that receives the deliveries.
        watched: Watched items; they replace all previous ones.
        domains: Event domains: ``repo``, ``discussion`` or both.
        secret: Secret that each delivery sends in the header ``X-Webhook-Secret``; printable ASCII.
        job: Job to run instead of a delivery.
        job_id: Id of an existing job to run again instead of a delivery.

    Raises:
        ValueError: An argument is invalid; nothing was changed.
        HfHubHTTPError: The account of the token has no such webhook, or a watched item does not exist (404).
    """
    _check_target(url, job, job_id, needed=False)
    items = None if watched is None else _watched_items(watched)
    checked_domains = _checked_domains(domains)
    checked_secret = _checked_secret(secret)
    has_target = not (url is None and job is None and job_id is None)
    if items is None or checked_domains is None or not has_target:
        current = await execute(io, _webhook(operations.get_webhook(webhook_id), _SETTINGS))
        items = _watched_items(current.watched) if items is None else items
        checked_domains = current.domains if checked_domains is None else checked_domains
        if not has_target:
            url, job_id = current.url, current.job_source_id
    call = operations.update_webhook(
        webhook_id,
        watched=items,
        domains=checked_domains,
        url=url,
        job=job,
        job_source_id=job_id,
        secret=checked_secret,
    )
    return await execute(io, _webhook(call))


async def enable_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Enable a webhook.

    Args:
        webhook_id: Id of the webhook, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return await execute(io, _webhook(operations.set_webhook_state(webhook_id, "enable")))


async def disable_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Disable a webhook without deleting it.

    Args:
        webhook_id: Id of the webhook, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return await execute(io, _webhook(operations.set_webhook_state(webhook_id, "disable")))


def verify_webhook_secret(received: str | None, secret: str) -> bool:
    """Whether a request has the secret of the webhook. The comparison takes the same time wherever the texts differ.

    Args:
        received: The header ``X-Webhook-Secret`` of the request; ``None`` if it has none.
        secret: Secret of the webhook, as passed to `create_webhook`.

    Raises:
        ValueError: ``secret`` is empty, so that any request would be accepted.
    """
    if not secret:
        raise ValueError("The secret of the webhook is empty: pass the one that was passed to create_webhook().")
    return received is not None and hmac.compare_digest(received.encode(), secret.encode())


def parse_webhook_payload(body: bytes | str) -> WebhookPayload:
    """Parse the payload of a webhook delivery.

    First verify the secret of the request with `verify_webhook_secret`, because anyone can send one. Unknown scopes and
    actions are kept as strings, and unknown fields in ``extra``.

    Args:
        body: Body of the request, as JSON.

    Raises:
        ProtocolError: The body is not a webhook payload.
    """
    try:
        sent = json.loads(body)
        for name in ("event", "repo", "webhook"):
            _ = sent[name]  # raises an error if it is absent
        return structure_webhook_payload(sent)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ProtocolError(f"The body is not a webhook payload: {reason}.") from error


def _webhook(call: Call[WebhookAnswer], needed: Iterable[str] = ("id",)) -> Call[WebhookInfo]:
    """Return the webhook of the response, whose needed members must be valid."""

    def parse(response: Response) -> WebhookInfo:
        webhook = call.parse(response).webhook
        for name in needed:
            getattr(webhook, name)  # raises an error if it is unset
            if name in (webhook.extra or {}):
                raise ValueError(f"{name!r} of WebhookInfo is invalid")
        return webhook

    return Call(call.request, parse)


def _check_target(url: str | None, job: WebhookJobInput | None, job_id: str | None, *, needed: bool) -> None:
    given = [name for name, value in (("url", url), ("job", job), ("job_id", job_id)) if value is not None]
    if len(given) > 1 or (needed and not given):
        raise ValueError(
            f"A webhook sends requests to a URL or runs a job: pass one of url, job and job_id, not {len(given)}."
        )
    if url is not None:
        try:
            parse_url(url, account=True)
        except InvalidUrlError as error:
            raise ValueError(
                f"{display_url(url)!r} cannot be called: {error}; pass a whole URL, as https://example.com/hook."
            ) from None


def _watched_items(items: Iterable[WatchedItem]) -> list[WebhookWatchedItem]:
    """Return watched items as the Hub accepts them, without the fields that responses add."""
    return [_watched_item(each) for each in items]


def _watched_item(item: WatchedItem) -> WebhookWatchedItem:
    if isinstance(item, WebhookWatchedItem):
        return WebhookWatchedItem(type=item.type, name=item.name)
    kind, name = item.get("type"), item.get("name")
    if not (kind and name):
        raise ValueError(f"{dict(item)!r} cannot be watched: pass type and name, as {{'type': 'user', 'name': 'ann'}}.")
    return WebhookWatchedItem(type=kind, name=name)


def _checked_domains(given: Iterable[WebhookDomain] | None) -> Sequence[WebhookDomain] | None:
    if given is None:
        return None
    if isinstance(given, str):
        raise ValueError(f"domains must be a list, as [{given!r}].")
    domains = list(given)
    for domain in domains:
        if domain not in DOMAINS:
            raise ValueError(f"Unknown domain {domain!r}: pass one of {', '.join(DOMAINS)}.")
    return domains


def _checked_secret(secret: str | None) -> str | None:
    if secret is not None and not (secret and secret.isascii() and secret.isprintable()):
        raise ValueError("The secret of a webhook must be printable ASCII, because it is sent in a header.")
    return secret
