"""Names of httpx that programs import from `huggingface_hub.utils`: classes for `except` clauses, and functions.

The classes are errors of this library, as those of httpx itself are never raised here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from hub_typed.errors import HfHubHTTPError, HubError, HubTimeoutError, TransportError
from hub_typed.sessions.responses import SessionResponse
from hub_typed.sessions.session import Session, get_session

if TYPE_CHECKING:
    from hub_typed.sessions.session import RequestOptions

__all__ = [
    "Client",
    "ConnectError",
    "ConnectTimeout",
    "HTTPError",
    "HTTPStatusError",
    "NetworkError",
    "ProxyError",
    "ReadError",
    "ReadTimeout",
    "RequestError",
    "Response",
    "TimeoutException",
    "TransportError",
    "get",
    "head",
    "post",
    "request",
    "stream",
]

HTTPError = HubError
HTTPStatusError = HfHubHTTPError
RequestError = NetworkError = ConnectError = ReadError = TransportError
TimeoutException = ConnectTimeout = ReadTimeout = HubTimeoutError
Response = SessionResponse
Client = Session


class ProxyError(TransportError):
    """Never raised: the failure of a proxy is a `TransportError`, which clauses for `ConnectError` catch."""


def request(method: str, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
    """Send a request; see `Session.request`."""
    return get_session().request(method, url, **options)


def get(url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
    """Send a GET request; see `Session.request`."""
    return get_session().get(url, **options)


def head(url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
    """Send a HEAD request; see `Session.request`."""
    return get_session().head(url, **options)


def post(url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
    """Send a POST request; see `Session.request`."""
    return get_session().post(url, **options)


def stream(method: str, url: str, **options: Unpack[RequestOptions]) -> SessionResponse:
    """Send a request whose response is received while it is iterated over; see `Session.stream`."""
    return get_session().stream(method, url, **options)
