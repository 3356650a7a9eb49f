"""Transport over sockets with urllib3: pooled connections, timeouts, streamed bodies."""

from __future__ import annotations

import http.client
import os
import ssl
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import urllib3
from urllib3.util.ssl_match_hostname import CertificateError as HostnameError

from hub_typed.errors import (
    CancelledError,
    CertificateError,
    HubTimeoutError,
    ProtocolError,
    TransportError,
)
from hub_typed.http import urllib3_logs
from hub_typed.http.cancellation import Cancellation
from hub_typed.http.connections import Pool, StoppableConnection, TlsPool, current_request
from hub_typed.http.error_responses import display_url, redact_text, secret_free_cause
from hub_typed.http.io import Sink
from hub_typed.http.proxies import proxy_for
from hub_typed.http.timers import Timer, timer_thread
from hub_typed.logs.redaction import redact_secrets, request_secrets
from hub_typed.settings import Settings
from hub_typed.urls.url import InvalidUrlError, Url, basic_auth, parse_url
from hub_typed_api.wire import Request, Response, Source

__all__ = ["Urllib3Transport"]

PIECE = 1 << 18


ERROR_LIMIT = 1 << 20
"""Bytes that are read of the body of an error; the rest is cut off."""


REDIRECT_LIMIT = 1 << 16
"""Bytes that are read of the body of a redirect, which nobody looks at."""


class _PassedOnError(Exception):
    """Carries an error of a source or sink past the handlers of connection errors."""

    def __init__(self, error: OSError) -> None:
        super().__init__(error)
        self.error = error


class Urllib3Transport:
    """Transport with pooled connections; can be used from many threads and after a fork."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._managers: dict[Url | None, urllib3.PoolManager] = {}
        self._making = threading.Lock()
        self._pid = os.getpid()

    def send(
        self, request: Request, *, sink: Sink | None = None, timeout: float, cancellation: Cancellation | None = None
    ) -> Response:
        """Send one request; see `hub_typed.http.io.Transport`."""
        try:
            url = parse_url(request.path)
        except InvalidUrlError as error:
            raise ProtocolError(f"{request.operation}: {display_url(request.path)} is refused: {error}.") from None
        headers = dict(request.headers)
        headers.setdefault("accept-encoding", "gzip, deflate")
        body: bytes | Iterator[bytes] | None
        limit = _Limit(cancellation)
        if not isinstance(request.body, Source):
            limit.start()
        if isinstance(request.body, Source):
            length, pieces = request.body.measured()
            if length is not None:
                headers["content-length"] = str(length)
            body = _body_pieces(pieces, limit.start)
        else:
            body = request.body
        current_request.cancellation = cancellation
        connect_timeout = limit.shortened(self._settings.connect_timeout)
        read_timeout = timeout if sink is not None else limit.shortened(timeout)
        try:
            with urllib3_logs.ours():
                answer = self._manager(url).urlopen(
                    request.method,
                    url.text,
                    headers=headers,
                    body=body,
                    redirect=False,
                    retries=False,
                    preload_content=False,
                    timeout=urllib3.Timeout(connect=connect_timeout, read=read_timeout),
                )
            try:
                with _stopped_by(cancellation, answer):
                    return self._received(answer, request, sink, limit)
            except BaseException:
                answer.close()  # the next request must not find the rest of this answer
                raise
            finally:
                answer.release_conn()
        except _PassedOnError as aside:
            raise aside.error from None
        except (urllib3.exceptions.HTTPError, http.client.HTTPException, OSError, CancelledError) as error:
            if cancellation is not None and cancellation.expired:
                raise HubTimeoutError(
                    f"{request.operation}: {request.method} {display_url(request.path)}: no whole answer within "
                    f"{cancellation.seconds or 0:.3g} s. Check the connection, or allow more time with the timeout of "
                    "the call or Settings(deadline=...)."
                ) from secret_free_cause(error, request_secrets(request))
            if isinstance(error, CancelledError):
                raise
            if cancellation is not None and cancellation.stopped:
                raise CancelledError(f"{request.operation}: the request was stopped.") from secret_free_cause(error)
            raise self._told(error, request, read_timeout) from secret_free_cause(error, request_secrets(request))
        finally:
            limit.end()
            current_request.cancellation = None

    def _received(
        self, answer: urllib3.BaseHTTPResponse, request: Request, sink: Sink | None, limit: _Limit
    ) -> Response:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        head = Response(status=answer.status, headers=headers, url=request.path)
        if sink is None or not sink.begin(head):
            return Response(
                status=answer.status, headers=headers, body=self._body(answer, headers, request), url=request.path
            )
        limit.end()
        while piece := answer.read1(PIECE):
            try:
                sink.write(piece)
            except OSError as error:
                raise _PassedOnError(error) from error
        return head

    def _body(self, answer: urllib3.BaseHTTPResponse, headers: Mapping[str, str], request: Request) -> bytes:
        """Read the body of a response: whole, or truncated for errors and redirects."""
        if answer.status >= 400:
            most = min(ERROR_LIMIT, self._settings.max_response_size)
        elif answer.status >= 300:
            most = REDIRECT_LIMIT
        else:
            most = self._settings.max_response_size
            declared = headers.get("content-length", "")
            if request.method != "HEAD" and declared.isdecimal() and (len(declared) > 19 or int(declared) > most):
                raise self._too_large(request)
            if declared.isdecimal() and "content-encoding" not in headers and "transfer-encoding" not in headers:
                return answer.read()  # no more than declared
        pieces: list[bytes] = []
        size = 0
        # One more than allowed tells what is too large from what just fits.
        while piece := answer.read(min(PIECE, most + 1 - size), decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > most:
                if answer.status < 300:
                    raise self._too_large(request)
                answer.close()  # the connection still brings the rest
                break
        return b"".join(pieces)[:most]

    def _too_large(self, request: Request) -> ProtocolError:
        return ProtocolError(
            f"{request.operation}: {request.method} {display_url(request.path)}: the answer is larger than "
            f"{self._settings.max_response_size} bytes. If that is what you expect, allow more with "
            "Settings(max_response_size=...)."
        )

    def close(self) -> None:
        """Close all connections; the next request opens new ones."""
        self._leave_parent()
        with self._making:
            managers, self._managers = self._managers, {}
        for manager in managers.values():
            manager.clear()

    def _manager(self, url: Url) -> urllib3.PoolManager:
        """Return the connection pools for a URL: direct, or through its proxy."""
        self._leave_parent()
        proxy = proxy_for(url, self._settings)
        with self._making:
            if proxy not in self._managers:
                self._managers[proxy] = _pool_manager(proxy, self._settings)
            return self._managers[proxy]

    def _leave_parent(self) -> None:
        """After a fork, drop the sockets of the parent, and its lock, which may be held."""
        if self._pid != os.getpid():
            self._managers, self._making, self._pid = {}, threading.Lock(), os.getpid()

    def _told(self, error: Exception, request: Request, timeout: float) -> TransportError:
        """Convert an error of the connection to a `TransportError`."""
        where = f"{request.operation}: {request.method} {display_url(request.path)}"
        inner = _innermost(error)
        if isinstance(inner, urllib3.exceptions.NewConnectionError):  # a ConnectTimeoutError by inheritance alone
            pass
        elif isinstance(inner, urllib3.exceptions.ConnectTimeoutError):
            return HubTimeoutError(
                f"{where}: no connection within {self._settings.connect_timeout:g} s. Check network and proxy, or "
                "allow more time with Settings(connect_timeout=...)."
            )
        elif isinstance(inner, urllib3.exceptions.TimeoutError | TimeoutError):
            return HubTimeoutError(
                f"{where}: nothing was heard for {timeout:g} s. Check the connection, or allow more time with "
                "Settings(read_timeout=...)."
            )
        if isinstance(inner, ssl.SSLCertVerificationError | HostnameError):
            return CertificateError(
                f"{where}: the certificate is not trusted: {getattr(inner, 'verify_message', '') or inner}. Check the "
                "address and the clock of this machine; if an authority of your own signed the certificate, name its "
                "file with Settings(ca_bundle=...) or REQUESTS_CA_BUNDLE."
            )
        if request.path.startswith("https:") and (trouble := _bundle_trouble(self._settings.ca_bundle)):
            return CertificateError(
                f"{where}: ca_bundle={self._settings.ca_bundle!r} cannot be read: {trouble}. "
                "Name a file in PEM format with Settings(ca_bundle=...) or REQUESTS_CA_BUNDLE."
            )
        said = redact_text(redact_secrets(str(inner), request_secrets(request)))
        reason = said.rpartition("): ")[2] or type(inner).__name__
        return TransportError(f"{where}: the connection failed or broke: {reason}")


class _Limit:
    """Time limit of a response; when it is over, the request is stopped."""

    def __init__(self, cancellation: Cancellation | None) -> None:
        self._cancellation = cancellation
        self._timer: Timer | None = None

    def start(self) -> None:
        """Start the time limit."""
        if self._cancellation is not None and self._cancellation.seconds is not None:
            self._timer = timer_thread.schedule(self._cancellation.seconds, self._cancellation.expire)

    def end(self) -> None:
        """End the time limit."""
        timer, self._timer = self._timer, None
        if timer is not None:
            timer_thread.cancel(timer)

    def shortened(self, seconds: float) -> float:
        """Return a timeout that is no longer than the time limit."""
        if self._cancellation is None or self._cancellation.seconds is None:
            return seconds
        return max(0.001, min(seconds, self._cancellation.seconds))


def _body_pieces(body: Iterable[bytes], sent: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from body
    except OSError as error:
        raise _PassedOnError(error) from error
    sent()


@contextmanager
def _stopped_by(cancellation: Cancellation | None, answer: urllib3.BaseHTTPResponse) -> Generator[None, None, None]:
    """Shut down the socket of a response when the request is cancelled."""
    if cancellation is None:
        yield
        return

    def shut_down() -> None:
        if isinstance(answer.connection, StoppableConnection):  # once the body is read, it may carry another request
            answer.connection.shut_down()

    cancellation.add(shut_down)
    try:
        yield
        cancellation.check()  # a socket that was shut down looks like the end of the body
    finally:
        cancellation.remove(shut_down)


def _innermost(error: BaseException) -> BaseException:
    """Return the innermost cause of an error of urllib3."""
    inner = getattr(error, "reason", None) or (error.args[-1] if error.args else None)
    return _innermost(inner) if isinstance(inner, BaseException) else error


def _bundle_trouble(bundle: str | None) -> OSError | None:
    """Return what is wrong with a file of certificates."""
    if bundle is None or os.path.isdir(bundle):
        return None
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(bundle)
    except OSError as error:
        return error
    return None


def _pool_manager(proxy: Url | None, settings: Settings) -> urllib3.PoolManager:
    urllib3_logs.install()
    options: dict[str, Any] = {"num_pools": 32, "maxsize": settings.concurrency}
    if settings.ca_bundle:
        options["ca_cert_dir" if os.path.isdir(settings.ca_bundle) else "ca_certs"] = settings.ca_bundle
    manager = urllib3.PoolManager(**options)
    if proxy is not None:
        said = {"proxy-authorization": basic_auth(proxy.account)} if proxy.account else None
        manager = urllib3.ProxyManager(proxy.text, proxy_headers=said, **options)
    manager.pool_classes_by_scheme = {"http": Pool, "https": TlsPool}  # pyright: ignore[reportAttributeAccessIssue]  # a dict is invariant
    return manager
