"""Requests over sockets, with urllib3: pooled connections, proxies, time-outs, bodies that stream both ways."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from hub_typed.errors import CancelledError, HubTimeoutError, TransportError
from hub_typed.failures import shown
from hub_typed.io import Cancellation, Sink
from hub_typed.settings import Settings
from hub_typed_api.wire import Request, Response, Source

__all__ = ["Urllib3Transport"]

PIECE = 1 << 18
_sending = threading.local()
"""The cancellation that the request sent by this thread stands under."""


class _Stoppable(HTTPConnection):
    """A connection whose socket is shut down when the request it carries is stopped."""

    def request(self, *args: Any, **kwargs: Any) -> None:
        cancellation: Cancellation | None = getattr(_sending, "cancellation", None)
        if cancellation is None:
            super().request(*args, **kwargs)
            return
        cancellation.add(self._shut_down)
        try:
            super().request(*args, **kwargs)
        finally:
            cancellation.remove(self._shut_down)

    def _shut_down(self) -> None:
        if self.sock is not None:
            with suppress(OSError):
                self.sock.shutdown(socket.SHUT_RDWR)


class _StoppableTls(_Stoppable, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Stoppable


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _StoppableTls


class Urllib3Transport:
    """Sends requests over pooled connections; may be used by many threads, and after a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._managers: dict[str, urllib3.PoolManager] = {}
        self._making = threading.Lock()
        self._pid = os.getpid()

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send one request as it is; see `hub_typed.io.Transport`."""
        headers = dict(request.headers)
        headers.setdefault("accept-encoding", "gzip, deflate")
        body = _Outgoing(request.body, headers)
        _sending.cancellation = cancellation
        try:
            answer = self._manager(request.path).urlopen(
                request.method,
                request.path,
                headers=headers,
                body=body.content,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(connect=self._settings.connect_timeout, read=timeout),
            )
            try:
                with _stopped_by(cancellation, answer):
                    return _received(answer, request, sink)
            finally:
                answer.release_conn()
        except (urllib3.exceptions.HTTPError, OSError) as error:
            if body.error is not None:
                raise body.error from None
            raise _told(error, request, cancellation, timeout) from error
        finally:
            _sending.cancellation = None

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        with self._making:
            managers, self._managers = self._managers, {}
        for manager in managers.values():
            manager.clear()

    def _manager(self, url: str) -> urllib3.PoolManager:
        """The connections to take: straight, or through the proxy of the URL's scheme and host."""
        if self._pid != os.getpid():  # a forked child must not share its parent's sockets
            self._managers, self._making, self._pid = {}, threading.Lock(), os.getpid()
        proxy = _proxy(url, self._settings) or ""
        with self._making:
            if proxy not in self._managers:
                self._managers[proxy] = _made(proxy, self._settings)
            return self._managers[proxy]


class _Outgoing:
    """A body on its way out; keeps the error of a source apart from those of the connection."""

    def __init__(self, body: bytes | Source | None, headers: dict[str, str]) -> None:
        self.error: BaseException | None = None
        self.content: bytes | Iterator[bytes] | None = body if not isinstance(body, Source) else self._pieces(body)
        if isinstance(body, Source) and body.size is not None:
            headers["content-length"] = str(body.size)

    def _pieces(self, source: Source) -> Iterator[bytes]:
        try:
            yield from source.open()
        except Exception as error:
            self.error = error
            raise


@contextmanager
def _stopped_by(cancellation: Cancellation | None, answer: urllib3.BaseHTTPResponse) -> Iterator[None]:
    """While an answer is read, a stop shuts its socket down."""
    if cancellation is None:
        yield
        return

    def shut_down() -> None:
        with suppress(OSError, ValueError):
            answer.shutdown()

    cancellation.add(shut_down)
    try:
        yield
        cancellation.check()  # a socket that was shut down looks like the end of the body
    finally:
        cancellation.remove(shut_down)


def _received(answer: urllib3.BaseHTTPResponse, request: Request, sink: Sink | None) -> Response:
    headers = {name.lower(): value for name, value in answer.headers.items()}
    head = Response(status=answer.status, headers=headers, url=request.path)
    if sink is None or not sink.begin(head):
        return Response(status=answer.status, headers=headers, body=answer.read(), url=request.path)
    while piece := answer.read1(PIECE):
        sink.write(piece)
    return head


def _told(error: Exception, request: Request, cancellation: Cancellation | None, timeout: float) -> Exception:
    """An error of the connection, as the library tells it."""
    if cancellation is not None and cancellation.stopped:
        return CancelledError(f"{request.operation}: the request was stopped.")
    where = f"{request.operation}: {request.method} {shown(request.path)}"
    if isinstance(error, urllib3.exceptions.TimeoutError | TimeoutError):
        return HubTimeoutError(
            f"{where}: nothing was heard for {timeout:g} s. Check the connection, or allow more time with "
            "Settings(read_timeout=...)."
        )
    reason = str(error).rpartition("): ")[2] or type(error).__name__
    return TransportError(f"{where}: the connection failed or broke: {reason}")


def _made(proxy: str, settings: Settings) -> urllib3.PoolManager:
    options: dict[str, Any] = {"num_pools": 32, "maxsize": settings.concurrency}
    if settings.ca_bundle:
        options["ca_cert_dir" if os.path.isdir(settings.ca_bundle) else "ca_certs"] = settings.ca_bundle
    manager = urllib3.ProxyManager(proxy, **options) if proxy else urllib3.PoolManager(**options)
    manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
    return manager


def _proxy(url: str, settings: Settings) -> str | None:
    """The proxy for a URL; none for the hosts that ``no_proxy`` names."""
    proxies: Mapping[str, str] | None = settings.proxies
    if not proxies:
        return None
    parts = urlsplit(url)
    found = proxies.get(parts.scheme) or proxies.get("all")
    if not found or _bypassed(parts.hostname or "", parts.netloc, settings.no_proxy):
        return None
    return found if "://" in found else f"http://{found}"


def _bypassed(host: str, netloc: str, no_proxy: str) -> bool:
    """Whether ``no_proxy`` names a host: itself, with its port, or a domain it lies in; ``*`` names all."""
    for entry in filter(None, (word.strip().lower().lstrip(".") for word in no_proxy.split(","))):
        if entry == "*" or host == entry or host.endswith(f".{entry}") or netloc.lower() == entry:
            return True
    return False
