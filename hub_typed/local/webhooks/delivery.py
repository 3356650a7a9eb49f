"""Webhook delivery: payloads are posted in order, in the background."""

from __future__ import annotations

import json
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from ipaddress import ip_address
from typing import Any, Literal, TypeAlias
from urllib.parse import SplitResult, urlsplit

import attrs

__all__ = ["Courier", "Delivery"]

_log = logging.getLogger("hub_typed.local")

State: TypeAlias = Literal["waiting", "delivered", "failed", "refused", "dropped"]


@attrs.define(kw_only=True, eq=False)
class Delivery:
    """One delivery of a webhook.

    Attributes:
        webhook_id: The webhook that makes it.
        payload: What it brings, JSON.
        secret: What it brings in ``X-Webhook-Secret``.
        state: What became of it. ``refused``: the URL is not on this machine, and an embedded Hub reaches no other;
            ``dropped``: too many were waiting.
        status: HTTP status of the last answer; ``None``, if there was none.
        attempts: How often it was tried.
    """

    webhook_id: str
    url: str
    payload: dict[str, Any]
    secret: str | None = attrs.field(default=None, repr=False)
    state: State = "waiting"
    status: int | None = None
    attempts: int = 0


class Courier:
    """Delivers payloads in order on a thread, which ends when the queue is empty.

    Args:
        delivered: Called after each one that was brought.

    Attributes:
        most: How many may wait.
        attempts: How often one is tried.
        pause: Seconds before it is tried again.
        timeout: Seconds without a byte until the other side counts as dead.
    """

    def __init__(self, delivered: Callable[[Delivery], None]) -> None:
        self.most = 1000
        self.attempts = 3
        self.pause: float = 0.2
        self.timeout: float = 5.0
        self._delivered = delivered
        self._waiting: deque[Delivery] = deque()
        self._working = False
        self._changed = threading.Condition()

    def send(self, delivery: Delivery) -> None:
        """Queue a delivery and return at once."""
        if _on_this_machine(urlsplit(delivery.url)) is None:
            delivery.state = "refused"
            _log.info("A webhook calls %s: an embedded Hub reaches nothing but its own machine", _shown(delivery.url))
            return
        with self._changed:
            if len(self._waiting) >= self.most:
                delivery.state = "dropped"
                return
            self._waiting.append(delivery)
            if not self._working:
                self._working = True
                threading.Thread(target=self._work, name="hub-typed-courier", daemon=True).start()

    def wait(self, timeout: float = 30) -> bool:
        """Wait until the queue is empty; return whether that happened within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._working, timeout)

    def _work(self) -> None:
        while True:
            with self._changed:
                if not self._waiting:
                    self._working = False
                    self._changed.notify_all()
                    return
                delivery = self._waiting.popleft()
            try:
                self._deliver(delivery)
            except Exception:  # noqa: BLE001, one that fails must not hold up the others
                delivery.state = "failed"
                _log.exception("The delivery to %s failed", _shown(delivery.url))

    def _deliver(self, delivery: Delivery) -> None:
        for attempt in range(self.attempts):
            if attempt:
                time.sleep(self.pause)
            delivery.attempts += 1
            try:
                delivery.status = self._post(delivery)
            except (OSError, HTTPException) as error:
                delivery.status = None
                _log.info("The delivery to %s failed: %s", _shown(delivery.url), error)
                continue
            if delivery.status < 300:
                delivery.state = "delivered"
                self._delivered(delivery)
                return
            if delivery.status < 500:  # it was understood, and is not wanted
                break
        delivery.state = "failed"

    def _post(self, delivery: Delivery) -> int:
        """Post the payload; redirects are not followed, as they might leave this machine."""
        parts = urlsplit(delivery.url)
        host = _on_this_machine(parts)
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


def _on_this_machine(parts: SplitResult) -> str | None:
    """Return the host of a URL, if it is this machine."""
    host = parts.hostname or ""
    if host == "localhost":
        return host
    try:
        return host if ip_address(host).is_loopback else None
    except ValueError:
        return None


def _shown(url: str) -> str:
    """Return a URL without account and query, which often contain a secret."""
    parts = urlsplit(url)
    return ascii(f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}")[1:-1]
