"""Webhooks: their settings, and parsing of their payloads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TypeAlias, get_args

from hub_typed.errors import ProtocolError
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed.urls.url import InvalidUrlError, parse_url, shown
from hub_typed_api.codec.webhooks import structure_webhook_payload
from hub_typed_api.models import WebhookDomain, WebhookInfo, WebhookJobInput, WebhookPayload, WebhookWatchedItem
from hub_typed_api.operations import webhooks as operations

__all__ = [
    "WatchedItem",
    "create_webhook",
    "disable_webhook",
    "enable_webhook",
    "get_webhook",
    "parse_webhook_payload",
    "update_webhook",
]

WatchedItem: TypeAlias = WebhookWatchedItem | Mapping[str, str]
"""What a webhook watches, as an object or as ``{"type": "user", "name": "ann"}``."""

DOMAINS: tuple[str, ...] = get_args(get_args(WebhookDomain)[0])


async def get_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Get a webhook.

    Args:
        webhook_id: Its id, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return (await execute(io, operations.get_webhook(webhook_id))).webhook


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
    """Create a webhook that calls a URL or runs a job on events of repositories.

    Exactly one of ``url``, ``job`` and ``job_id`` must be given. `parse_webhook_payload` reads what a call brings.

    Args:
        url: What is called.
        watched: Repositories, and accounts with all their repositories, as objects or as mappings with ``type`` and
            ``name``.
        domains: What it is told of: ``repo``, ``discussion`` or both; the Hub decides if not given.
        secret: Sent with each call in the header ``X-Webhook-Secret``; printable ASCII.
        job: What is run instead of a call.
        job_id: A job that is run again instead of a call.

    Raises:
        ValueError: An argument is not valid; nothing was created.
        HfHubHTTPError: What is to be watched is not there (404), or the token may not write (403).
    """
    _check_target(url, job, job_id, needed=True)
    items = _watched(watched)
    if not items:
        raise ValueError("A webhook needs something to watch: watched is empty.")
    call = operations.create_webhook(
        watched=items, domains=_domains(domains), url=url, job=job, job_source_id=job_id, secret=_checked_secret(secret)
    )
    return (await execute(io, call)).webhook


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
    """Update a webhook; what is not given is kept.

    The Hub replaces the whole webhook, so its present state is asked for first where something is not given.

    Args:
        webhook_id: Its id, 24 hexadecimal digits.
        url: What is called.
        watched: What it watches, in place of all that it watched before.
        domains: What it is told of: ``repo``, ``discussion`` or both.
        secret: Sent with each call in the header ``X-Webhook-Secret``; printable ASCII.
        job: What is run instead of a call.
        job_id: A job that is run again instead of a call.

    Raises:
        ValueError: An argument is not valid; nothing was changed.
        HfHubHTTPError: The account of the token has no such webhook, or what is to be watched is not there (404).
    """
    _check_target(url, job, job_id, needed=False)
    items = None if watched is None else _watched(watched)
    told = _domains(domains)
    checked = _checked_secret(secret)
    targeted = not (url is None and job is None and job_id is None)
    if items is None or told is None or not targeted:
        present = await get_webhook(io, webhook_id)
        items = _watched(present.watched) if items is None else items
        told = present.domains if told is None else told
        if not targeted:
            url, job_id = present.url, present.job_source_id
    call = operations.update_webhook(
        webhook_id, watched=items, domains=told, url=url, job=job, job_source_id=job_id, secret=checked
    )
    return (await execute(io, call)).webhook


async def enable_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Enable a webhook.

    Args:
        webhook_id: Its id, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return (await execute(io, operations.set_webhook_state(webhook_id, "enable"))).webhook


async def disable_webhook(io: Io, webhook_id: str) -> WebhookInfo:
    """Disable a webhook without deleting it.

    Args:
        webhook_id: Its id, 24 hexadecimal digits.

    Raises:
        HfHubHTTPError: The account of the token has no such webhook (404).
    """
    return (await execute(io, operations.set_webhook_state(webhook_id, "disable"))).webhook


def parse_webhook_payload(body: bytes | str) -> WebhookPayload:
    """Parse the payload of a webhook.

    Compare the header ``X-Webhook-Secret`` with the webhook's secret first (`hmac.compare_digest`): anybody can send
    such a call. What the Hub adds one day is kept: unknown scopes and actions as text, members in ``extra``.

    Args:
        body: The body of the request, JSON.

    Raises:
        ProtocolError: It is no payload of a webhook.
    """
    try:
        return structure_webhook_payload(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error)
        raise ProtocolError(f"This is no payload of a webhook: {what}.") from error


def _check_target(url: str | None, job: WebhookJobInput | None, job_id: str | None, *, needed: bool) -> None:
    given = [name for name, value in (("url", url), ("job", job), ("job_id", job_id)) if value is not None]
    if len(given) > 1 or (needed and not given):
        raise ValueError(f"A webhook calls a URL or runs a job: pass one of url, job and job_id, not {len(given)}.")
    if url is not None:
        try:
            parse_url(url, account=True)
        except InvalidUrlError as error:
            raise ValueError(
                f"{shown(url)!r} cannot be called: {error}; pass a whole URL, as https://example.com/hook."
            ) from None


def _watched(items: Iterable[WatchedItem]) -> list[WebhookWatchedItem]:
    """Watched items as the Hub accepts them, without the members that responses add."""
    return [_item(each) for each in items]


def _item(given: WatchedItem) -> WebhookWatchedItem:
    if isinstance(given, WebhookWatchedItem):
        return WebhookWatchedItem(type=given.type, name=given.name)
    kind, name = given.get("type"), given.get("name")
    if not (kind and name):
        raise ValueError(
            f"{dict(given)!r} cannot be watched: pass type and name, as {{'type': 'user', 'name': 'ann'}}."
        )
    return WebhookWatchedItem(type=kind, name=name)


def _domains(given: Iterable[WebhookDomain] | None) -> Sequence[WebhookDomain] | None:
    if given is None:
        return None
    if isinstance(given, str):
        raise ValueError(f"domains must be a list, as [{given!r}].")
    domains = list(given)
    for domain in domains:
        if domain not in DOMAINS:
            raise ValueError(f"There is no domain {domain!r}: choose among {', '.join(DOMAINS)}.")
    return domains


def _checked_secret(secret: str | None) -> str | None:
    if secret is not None and not (secret and secret.isascii() and secret.isprintable()):
        raise ValueError("The secret of a webhook must be printable ASCII, as it is sent in a header.")
    return secret
