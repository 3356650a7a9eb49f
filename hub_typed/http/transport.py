"""Transport over sockets with urllib3: pooled connections, timeouts, streamed bodies."""

from __future__ import annotations

import copy
import http.client
import os
import threading
from collections.abc import Iterable, Iterator, Mapping
from importlib.util import find_spec
from typing import Any, Self

import urllib3

from hub_typed.errors import (
    CancelledError,
    ProtocolError,
    SettingsError,
)
from hub_typed.http import urllib3_logs
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.connections import Pool, ReceivedResponse, RequestScope, TlsPool, current_request
from hub_typed.http.error_responses import display_url, secret_free_cause
from hub_typed.http.io import BufferedSink, Sink
from hub_typed.http.proxies import SOCKS_SCHEMES, Proxy, proxy_for
from hub_typed.http.sending import PIECE_SIZE, SendTimeoutError
from hub_typed.http.tcp import socket_options
from hub_typed.http.timers import Timer, timer_thread
from hub_typed.http.transfer_rate import TransferRate
from hub_typed.http.transport_errors import transport_error
from hub_typed.logs.redaction import request_secrets
from hub_typed.settings import Settings
from hub_typed.urls.url import InvalidUrlError, Url, basic_auth, parse_url
from hub_typed_api.wire import Request, Response, Source

__all__ = ["Urllib3Transport"]

CHUNK_SIZE = 1 << 18


MAX_PROXIES = 8
"""Proxies whose connections are kept: the last ones used."""


ERROR_LIMIT = 1 << 20
"""Maximum number of bytes read from the body of an error; the rest is discarded."""


REDIRECT_LIMIT = 1 << 16
"""Maximum number of bytes read from the body of a redirect, which is not used."""


CONNECTION_ERRORS = (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, SendTimeoutError)


class _PassedOnError(Exception):
    """Wraps an error of a source or sink, so it is not handled as a connection error."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class Urllib3Transport:
    """Transport with pooled connections; can be shared between threads and used after a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.download_rate: TransferRate = TransferRate(settings.max_download_rate, settings.concurrency)
        self.upload_rate: TransferRate = TransferRate(settings.max_upload_rate, settings.concurrency)
        self._proxies: Mapping[str, str | None] | None = None
        self._managers: dict[Proxy | None, urllib3.PoolManager] = {}
        self._lock = threading.Lock()
        self._pid = os.getpid()

    def with_proxies(self, proxies: Mapping[str, str | None]) -> Self:
        """Return a transport with other proxies that shares the connections; see `proxy_for`."""
        other = copy.copy(self)
        other._proxies = proxies  # noqa: SLF001 (of the same class)
        return other

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send one request; see `hub_typed.http.io.Transport`."""
        try:
            url = parse_url(request.path)
        except InvalidUrlError as error:
            raise ProtocolError(
                f"{request.operation}: the URL {display_url(request.path)} is refused: {error}."
            ) from None
        headers = dict(request.headers)
        headers.setdefault("accept-encoding", "gzip, deflate")
        body: bytes | Iterator[memoryview] | None
        limit = _TimeLimit(cancellation)
        if isinstance(request.body, Source):
            length, pieces = request.body.measured()
            if length is not None:
                headers["content-length"] = str(length)
            body = self._pieces_to_send(pieces, cancellation)
        else:
            limit.start()
            body = request.body
        scope = RequestScope(
            cancellation,
            has_body=body is not None,
            write_timeout=self._settings.write_timeout,
            on_sent=limit.start,
        )
        current_request.scope = scope
        if cancellation is not None:
            cancellation.add(scope.shut_down)
        connect_timeout = limit.shortened(self._settings.connect_timeout)
        try:
            with urllib3_logs.redacted_records():
                received = self._manager(url).urlopen(
                    request.method,
                    url.text,
                    headers=headers,
                    body=body,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(connect=connect_timeout, read=timeout),
                )
            try:
                scope.read(received)
                response = self._read_response(received, request, sink, limit, scope)
                if cancellation is not None:
                    cancellation.check()  # the end of the body may be due to the shutdown of the socket
            except BaseException:
                received.close()  # the next request must not receive the rest of this response
                raise
            else:
                return response
            finally:
                received.release_conn()
        except _PassedOnError as wrapped:
            raise wrapped.error from None
        except (*CONNECTION_ERRORS, CancelledError) as error:
            expired = cancellation is not None and cancellation.expired
            if isinstance(error, CancelledError) and not expired:
                raise
            if cancellation is not None and cancellation.stopped and not expired:
                raise CancelledError(f"{request.operation}: the request was cancelled.") from secret_free_cause(error)
            seconds = cancellation.seconds if cancellation is not None and expired else None
            converted = transport_error(error, request, self._settings, read_timeout=timeout, expired_after=seconds)
            converted.delivery = scope.delivery
            raise converted from secret_free_cause(error, request_secrets(request))
        finally:
            limit.end()
            current_request.scope = None
            if cancellation is not None:
                cancellation.remove(scope.shut_down)

    def _pieces_to_send(self, body: Iterable[bytes], cancellation: Cancellation | None) -> Iterator[memoryview]:
        """Cut a body into small pieces, at the maximum rate."""
        size = self.upload_rate.piece_size(PIECE_SIZE)
        try:
            for piece in body:
                for start in range(0, len(piece), size):
                    part = memoryview(piece)[start : start + size]
                    yield part
                    self.upload_rate.wait(len(part), cancellation)
        except OSError as error:
            raise _PassedOnError(error) from error

    def _read_response(
        self,
        received: urllib3.BaseHTTPResponse,
        request: Request,
        sink: Sink | None,
        limit: _TimeLimit,
        scope: RequestScope,
    ) -> Response:
        headers = {name.lower(): value for name, value in received.headers.items()}
        head = Response(status=received.status, headers=headers, url=request.path)
        if request.answered is not None:
            request.answered(head)
        if sink is None or not sink.begin(head):
            return Response(
                status=received.status,
                headers=headers,
                body=self._read_body(received, headers, request, scope),
                url=request.path,
            )
        limit.end()
        if isinstance(sink, BufferedSink) and (plain := _plain_body(received)) is not None:
            self._receive_into(sink, plain, scope.cancellation)
            return head
        size = self.download_rate.piece_size(CHUNK_SIZE)
        while chunk := received.read1(size):
            try:
                sink.write(chunk)
            except OSError as error:
                raise _PassedOnError(error) from error
            self.download_rate.wait(len(chunk), scope.cancellation)
        return head

    def _receive_into(self, sink: BufferedSink, plain: ReceivedResponse, cancellation: Cancellation | None) -> None:
        while True:
            room = sink.buffer()
            count = plain.receive_into(room[: self.download_rate.piece_size(len(room))])
            if not count:
                return
            try:
                sink.received(count)
            except OSError as error:
                raise _PassedOnError(error) from error
            self.download_rate.wait(count, cancellation)

    def _read_body(
        self, received: urllib3.BaseHTTPResponse, headers: Mapping[str, str], request: Request, scope: RequestScope
    ) -> bytes:
        """Read the body of a response: complete, or truncated for errors and redirects."""
        if received.status >= 400:
            limit_bytes = min(ERROR_LIMIT, self._settings.max_response_size)
        elif received.status >= 300:
            limit_bytes = REDIRECT_LIMIT
        else:
            limit_bytes = self._settings.max_response_size
            declared = headers.get("content-length", "")
            if (
                request.method != "HEAD"
                and declared.isdecimal()
                and (len(declared) > 19 or int(declared) > limit_bytes)
            ):
                raise self._too_large_error(request)
            if declared.isdecimal() and "content-encoding" not in headers and "transfer-encoding" not in headers:
                return received.read()  # at most the declared length
        chunks: list[bytes] = []
        size = 0
        # Read one byte more than allowed, to distinguish a body of the maximum size from a larger one.
        while True:
            try:
                chunk = received.read(min(CHUNK_SIZE, limit_bytes + 1 - size), decode_content=True)
            except CONNECTION_ERRORS:
                if received.status < 400 or not scope.is_cut_off:
                    raise
                break  # a server that refuses a request may reset the connection; the status is known
            if not chunk:
                break
            chunks.append(chunk)
            size += len(chunk)
            if size > limit_bytes:
                if received.status < 300:
                    raise self._too_large_error(request)
                received.close()  # the rest of the body was not read
                break
        return b"".join(chunks)[:limit_bytes]

    def _too_large_error(self, request: Request) -> ProtocolError:
        return ProtocolError(
            f"{request.operation}: {request.method} {display_url(request.path)}: the response is larger than "
            f"{self._settings.max_response_size} bytes. If this is expected, allow more with "
            "Settings(max_response_size=...)."
        )

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        self._reset_after_fork()
        with self._lock:
            managers, self._managers = self._managers, {}
        for manager in managers.values():
            manager.clear()

    def _manager(self, url: Url) -> urllib3.PoolManager:
        """Return the connection pools for a URL: direct, or through its proxy."""
        self._reset_after_fork()
        proxy = proxy_for(url, self._settings, self._proxies)
        with self._lock:
            manager = self._managers.pop(proxy, None) or _pool_manager(proxy, self._settings)
            self._managers[proxy] = manager  # as the last one
            dropped = [self._managers.pop(old) for old in list(self._managers)[:-MAX_PROXIES]]
        for one in dropped:
            one.clear()
        return manager

    def _reset_after_fork(self) -> None:
        """After a fork, discard the sockets of the parent and its lock, which may be held."""
        if self._pid != os.getpid():
            self._managers, self._lock, self._pid = {}, threading.Lock(), os.getpid()


class _TimeLimit:
    """Time limit of a response; the request is cancelled when it is exceeded."""

    def __init__(self, cancellation: Cancellation | None) -> None:
        self._cancellation = cancellation
        self._timer: Timer | None = None

    def start(self) -> None:
        """Start the time limit, unless it has started."""
        if self._timer is None and self._cancellation is not None and self._cancellation.seconds is not None:
            self._timer = timer_thread.schedule(self._cancellation.seconds, self._cancellation.expire)

    def end(self) -> None:
        """End the time limit."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer_thread.cancel(timer)

    def shortened(self, seconds: float) -> float:
        """Return the timeout, limited to the time limit."""
        if self._cancellation is None or self._cancellation.seconds is None:
            return seconds
        return max(0.001, min(seconds, self._cancellation.seconds))


def _plain_body(received: urllib3.BaseHTTPResponse) -> ReceivedResponse | None:
    """Return the response below that of urllib3, which always copies, if it can be received into given memory."""
    below = getattr(received, "_fp", None)
    return below if isinstance(below, ReceivedResponse) and below.has_plain_body else None


def _pool_manager(proxy: Proxy | None, settings: Settings) -> urllib3.PoolManager:
    urllib3_logs.install_filter()
    options: dict[str, Any] = {"num_pools": 32, "maxsize": settings.concurrency, "socket_options": socket_options()}
    if settings.ca_bundle:
        options["ca_cert_dir" if os.path.isdir(settings.ca_bundle) else "ca_certs"] = settings.ca_bundle
    if proxy is not None and proxy.scheme in SOCKS_SCHEMES:
        if find_spec("socks") is None:
            raise SettingsError(
                f"The SOCKS proxy {proxy.text!r} needs PySocks. Install it: pip install 'hub-typed[socks]'"
            )
        from hub_typed.http.socks_proxies import socks_manager

        return socks_manager(proxy, options)
    manager = urllib3.PoolManager(**options)
    if proxy is not None:
        proxy_headers = {"proxy-authorization": basic_auth(proxy.url.account)} if proxy.url.account else None
        manager = urllib3.ProxyManager(proxy.text, proxy_headers=proxy_headers, **options)
    manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}  # pyright: ignore[reportAttributeAccessIssue]  # a dict is invariant
    return manager
