"""Common base of `ThreadIo` and `AsyncIo`: settings, token, transport and a bounded number of threads."""

from __future__ import annotations

import copy
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Self

from hub_typed.auth.tokens import checked_token_argument
from hub_typed.logs.redaction import account_secrets, remember_secrets
from hub_typed.logs.warnings import warn
from hub_typed.urls.proxy_keys import check_proxy_keys
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from hub_typed.auth.tokens import Token
    from hub_typed.http.hooks import AnyHooks
    from hub_typed.progress import Job
    from hub_typed.settings import Settings
from hub_typed.http.cancellation import RunningWork, current_cancellation
from hub_typed.http.io import Sink, Transport
from hub_typed.http.quotas import Quotas
from hub_typed.xet.storage import XetStorage

__all__: list[str] = []

MAX_QUEUED_CHUNKS = 16
"""Maximum number of chunks of a stream that are queued; reading from the socket pauses when the queue is full."""


class BaseIo:
    """Shared base of `ThreadIo` and `AsyncIo`."""

    def __init__(
        self,
        settings: Settings,
        transport: Transport,
        token: Token,
        headers: dict[str, str],
        hooks: Sequence[AnyHooks] = (),
    ) -> None:
        self.settings = settings
        self.token = token
        self.headers = headers
        self.hooks = hooks
        self.transport = transport
        self.job: Job | None = None
        self.quotas: Quotas = Quotas()
        self.xet: XetStorage = XetStorage(
            settings,
            headers.get("user-agent", ""),
            getattr(transport, "download_rate", None),
            getattr(transport, "upload_rate", None),
        )
        self._running = RunningWork()
        self._threads = ThreadBudget(settings.concurrency)
        remember_secrets(*account_secrets(settings.endpoint.account, (settings.proxies or {}).values()))

    def with_token(self, token: Token) -> Self:
        """Return an `Io` with another token that shares threads, connections and known quotas."""
        if token is None:
            return self
        other = copy.copy(self)
        other.token = checked_token_argument(token)
        return other

    def with_options(
        self, settings: Settings, token: Token, headers: dict[str, str], hooks: Sequence[AnyHooks]
    ) -> Self:
        """Return an `Io` with these options that shares threads, connections and known quotas."""
        other = copy.copy(self)
        other.settings, other.token, other.headers, other.hooks = settings, token, headers, hooks
        return other

    def with_job(self, job: Job | None) -> Self:
        other = copy.copy(self)
        other.job = job
        return other

    def with_proxies(self, proxies: Mapping[str, str | None] | None) -> Self:
        if not proxies:
            return self
        check_proxy_keys(proxies, "proxies")
        with_proxies: Callable[[Mapping[str, str | None]], Transport] | None
        with_proxies = getattr(self.transport, "with_proxies", None)
        if with_proxies is None:
            warn("'proxies' has no effect, since the client has a transport of its own without with_proxies().")
            return self
        remember_secrets(*account_secrets(None, filter(None, proxies.values())))
        other = copy.copy(self)
        other.transport = with_proxies(proxies)
        # hf_xet would not use these proxies
        other.xet = XetStorage(self.settings, self.headers["user-agent"], None, None)
        return other

    def now(self) -> float:
        return time.time()

    def random(self) -> float:
        from random import random

        return random()

    def check(self) -> None:
        if (cancellation := current_cancellation.get()) is not None:
            cancellation.check()

    def _send(
        self, request: Request, sink: Sink | None, timeout: float | None, deadline: float | None = None
    ) -> Response:
        seconds = self.settings.read_timeout if timeout is None else timeout
        with self._running.cancellable(deadline) as cancellation:
            cancellation.check()
            return self.transport.send(request, sink=sink, timeout=seconds, cancellation=cancellation)

    def close(self) -> None:
        """Cancel running work and close connections and threads; the next request opens new ones."""
        self._running.stop()
        self.transport.close()
        self.xet.close()
        self._threads.close()


class ThreadBudget:
    """Bounded number of threads of one client, created on demand and discarded after a fork."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._free = limit
        self._pool: ThreadPoolExecutor | None = None
        self._pid = os.getpid()

    def pool(self) -> ThreadPoolExecutor:
        """Return the thread pool."""
        from concurrent.futures import ThreadPoolExecutor

        self._reset_after_fork()
        with self._lock:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._limit, thread_name_prefix="hub-typed")
            return self._pool

    def _reset_after_fork(self) -> None:
        """After a fork, discard the threads of the parent and its lock, which may be held."""
        if self._pid != os.getpid():
            self._pool, self._lock, self._free, self._pid = None, threading.Lock(), self._limit, os.getpid()

    def borrow(self, wanted: int) -> int:
        """Take up to ``wanted`` threads of the budget without waiting, and return their number."""
        self._reset_after_fork()
        with self._lock:
            granted = max(0, min(wanted, self._free))
            self._free -= granted
            return granted

    def release(self, count: int) -> None:
        """Put borrowed threads back into the budget."""
        with self._lock:
            self._free += count

    def close(self) -> None:
        """End the threads."""
        self._reset_after_fork()
        with self._lock:
            pool, self._pool = self._pool, None
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


class PipeSink:
    """Sink that passes on the body of a successful response chunk by chunk."""

    def __init__(self, put: Callable[[bytes], object]) -> None:
        self._put = put

    def begin(self, response: Response) -> bool:
        return response.status < HTTPStatus.MULTIPLE_CHOICES

    def write(self, piece: bytes) -> None:
        self._put(piece)
