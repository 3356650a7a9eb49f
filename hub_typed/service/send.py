"""Send requests of other APIs than that of the Hub, with retries and redirects."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import urlencode

import attrs

from hub_typed.errors import NEVER_RETRIED, ProtocolError, TransportError
from hub_typed.http.io import Io
from hub_typed.http.redirects import redirect_request
from hub_typed.http.retry import RETRIED_STATUSES, TOO_MANY_REQUESTS, retry_delay
from hub_typed.http.send import parse_response
from hub_typed.service.credentials import Credentials
from hub_typed.service.errors import ResponseError
from hub_typed.urls.url import InvalidUrlError, display_url, parse_url
from hub_typed_api.wire import Call, Request, Response

__all__ = ["execute"]

T = TypeVar("T")
MAX_REDIRECTS = 10


async def execute(io: Io, credentials: Credentials, call: Call[T]) -> T:
    """Send an operation and parse its response.

    Raises:
        ResponseError: The server returned an error.
        ProtocolError: The response is not what the document says.
        TransportError: No attempt received a complete response.
    """
    response = await _send(io, credentials, call.request)
    return parse_response(call.request, response, call)


async def _send(io: Io, credentials: Credentials, request: Request) -> Response:
    attempt = 0
    while True:
        attempt += 1
        is_last = attempt >= io.settings.attempts
        try:
            sent, response = await _attempt(io, credentials, request)
        except TransportError as error:
            may_repeat = request.retry or error.delivery == "none"
            if isinstance(error, NEVER_RETRIED) or not may_repeat or is_last:
                raise
            wait = retry_delay(None, attempt, io.settings, io.random(), io.now())
        else:
            if response.status < 400:
                return response
            passes = response.status in RETRIED_STATUSES and (request.retry or response.status == TOO_MANY_REQUESTS)
            wait = retry_delay(response, attempt, io.settings, io.random(), io.now())
            if not passes or is_last or wait is None:
                raise ResponseError.of(sent, response)
        await io.sleep(wait or 0.0)


async def _attempt(io: Io, credentials: Credentials, request: Request) -> tuple[Request, Response]:
    """Send a request once, following redirects.

    Only the server of the API receives credentials, cookies and the headers of the client, and nobody does after a
    redirect to another one, even if a later redirect leads back.
    """
    base = request.server or io.settings.endpoint
    home, trusted = parse_url(base).origin, True
    request = attrs.evolve(request, path=base + request.path)
    for _ in range(MAX_REDIRECTS + 1):
        try:
            url = parse_url(request.path)
        except InvalidUrlError as error:
            raise ProtocolError(
                f"{request.operation}: the URL {display_url(request.path)} is refused: {error}."
            ) from None
        trusted = trusted and url.origin == home
        sent = credentials.added(request) if trusted and request.authenticated else request
        text = url.text
        if sent.query:
            text = f"{text}{'&' if url.query is not None else '?'}{urlencode(sent.query)}"
        headers = {**io.headers, **sent.headers}
        if not trusted:
            own = {name: value for name, value in sent.headers.items() if name not in ("authorization", "cookie")}
            headers = {"user-agent": io.headers["user-agent"], **own}
        sent = attrs.evolve(sent, path=text, query=(), headers=headers)
        response = await io.send(sent, deadline=io.settings.deadline)
        if not response.url:  # the transport did not set it
            response = attrs.evolve(response, url=sent.path)
        followed = redirect_request(request, response)
        if followed is None:
            return sent, response
        request = followed
    raise ProtocolError(f"{request.operation}: more than {MAX_REDIRECTS} redirects.")
