"""Webhook delivery: a background thread posts payloads in order."""

from __future__ import annotations

import json
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

__all__ = ["Delivery", "DeliveryQueue", "without_secrets"]

_log = logging.getLogger("hub_typed.local")

DeliveryState: TypeAlias = Literal["waiting", "delivered", "failed", "refused", "dropped"]


@attrs.define(kw_only=True, eq=False)
class Delivery:
    """One delivery of a webhook.

    Attributes:
        webhook_id: Id of the webhook.
        payload: Body of the request, sent as JSON.
        secret: Value of the header ``X-Webhook-Secret``.
        state: State of the delivery. ``refused``: the URL is not on this machine, and an embedded Hub sends requests to
            no other; ``dropped``: the queue was full, or the Hub returned to a saved state.
        status: HTTP status of the last response; ``None`` without a response.
        attempts: Number of attempts so far.
        id: Identifier of the delivery.
    """

    webhook_id: str
    url: str
    payload: dict[str, Any]
    secret: str | None = attrs.field(default=None, repr=False)
    state: DeliveryState = "waiting"
    status: int | None = None
    attempts: int = 0
    id: str = attrs.field(factory=lambda: secrets.token_hex(12))


class DeliveryQueue:
    """Queue of deliveries, sent in order by a thread that ends when the queue is empty.

    Args:
        on_delivered: Called after each successful delivery.

    Attributes:
        max_waiting: Maximum number of queued deliveries; further ones are dropped.
        max_attempts: Attempts for each delivery.
        retry_delay: Seconds between two attempts.
        timeout: Seconds without a byte after which an attempt fails.
    """

    def __init__(self, on_delivered: Callable[[Delivery], None]) -> None:
        self.max_waiting = 1000
        self.max_attempts = 3
        self.retry_delay: float = 0.2
        self.timeout: float = 5.0
        self._on_delivered = on_delivered
        self._queued: deque[Delivery] = deque()
        self._is_running = False
        self._changed = threading.Condition()

    def send(self, delivery: Delivery) -> None:
        """Queue a delivery and return at once."""
        if _loopback_host(urlsplit(delivery.url)) is None:
            delivery.state = "refused"
            _log.info(
                "Refused the webhook delivery to %s: an embedded Hub sends requests only to this machine",
                without_secrets(delivery.url),
            )
            return
        with self._changed:
            if len(self._queued) >= self.max_waiting:
                delivery.state = "dropped"
                return
            self._queued.append(delivery)
            if not self._is_running:
                self._is_running = True
                threading.Thread(target=self._run, name="hub-typed-webhooks", daemon=True).start()

    def clear(self) -> None:
        """Drop the deliveries that wait; one that is being sent continues."""
        with self._changed:
            for delivery in self._queued:
                delivery.state = "dropped"
            self._queued.clear()

    def wait(self, timeout: float = 30) -> bool:
        """Wait until the queue is empty; return whether it was empty before the timeout, in seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._is_running, timeout)

    def _run(self) -> None:
        while True:
            with self._changed:
                if not self._queued:
                    self._is_running = False
                    self._changed.notify_all()
                    return
                delivery = self._queued.popleft()
            try:
                self._deliver(delivery)
            except Exception:  # noqa: BLE001, a failed delivery must not stop the others
                delivery.state = "failed"
                _log.exception("The webhook delivery to %s failed", without_secrets(delivery.url))

    def _deliver(self, delivery: Delivery) -> None:
        for attempt in range(self.max_attempts):
            if attempt:
                time.sleep(self.retry_delay)
            delivery.attempts += 1
            try:
                delivery.status = self._post(delivery)
            except (OSError, HTTPException) as error:
                delivery.status = None
                _log.info("The webhook delivery to %s failed: %s", without_secrets(delivery.url), error)
                continue
            if delivery.status < 300:
                delivery.state = "delivered"
                self._on_delivered(delivery)
                return
            if delivery.status < 500:  # the receiver rejected it: no retry
                break
        delivery.state = "failed"

    def _post(self, delivery: Delivery) -> int:
        """Post the payload without following redirects, which might leave this machine."""
        parts = urlsplit(delivery.url)
        host = _loopback_host(parts)
        assert host is not None
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        connection = kind(host, parts.port, timeout=self.timeout)
        headers = {"Content-Type": "application/json", "User-Agent": "hub-typed-local"}
        if delivery.secret is not None:
            headers["X-Webhook-Secret"] = delivery.secret
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        try:
            connection.request("POST", path, json.dumps(delivery.payload).encode(), headers)
            return connection.getresponse().status
        finally:
            connection.close()


def _loopback_host(parts: SplitResult) -> str | None:
    """Return the host of a URL if it is this machine, else ``None``."""
    host = parts.hostname or ""
    if host == "localhost":
        return host
    try:
        return host if ip_address(host).is_loopback else None
    except ValueError:
        return None


def without_secrets(url: str) -> str:
    """Return a URL to show, without credentials and query: both often contain secrets."""
    parts = urlsplit(url)
    return ascii(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")[1:-1]
