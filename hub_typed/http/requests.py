"""Request preparation: URL, trusted origins, token and headers.

The token and the client's headers are sent only to the origin of the Hub and to the server of the operation.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import attrs

from hub_typed.auth.tokens import token_to_send
from hub_typed.errors import (
    ProtocolError,
    SettingsError,
)
from hub_typed.http.error_responses import display_url
from hub_typed.logs.redaction import remember_secrets
from hub_typed.settings import SERVER_VARIABLES
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT
from hub_typed.urls.url import InvalidUrlError, Url, basic_auth, join_url, parse_url
from hub_typed_api.path import HFValidationError
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.auth.tokens import Token
    from hub_typed.settings import Settings


__all__ = ["hub_url", "prepare_request", "resolve_reference", "server_url"]

READ_METHODS = ("GET", "HEAD")


DEFAULT_ORIGIN = ("https", DEFAULT_ENDPOINT.removeprefix("https://"), 443)


_INVALID_HEADER_CHARACTER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")


def hub_url(url: str, settings: Settings) -> str:
    """Return a URL of a response, with the client's endpoint in place of the default host.

    Raises:
        ProtocolError: The URL is invalid.
    """
    try:
        return parse_hub_url(url, settings).text
    except InvalidUrlError as error:
        raise ProtocolError(f"The Hub returned the invalid URL {display_url(url)}: {error}.") from None


def parse_hub_url(url: str, settings: Settings) -> Url:
    found = parse_url(settings.endpoint + url if url.startswith("/") else url)
    if settings.endpoint != DEFAULT_ENDPOINT and found.origin == DEFAULT_ORIGIN:
        return parse_url(settings.endpoint + found.target)
    return found


def server_url(server: str, settings: Settings) -> str:
    """Return the URL of another server of the spec, or the one that replaces it in the settings."""
    return settings.servers.get(server, server)


def is_trusted(request: Request, url: Url, settings: Settings) -> bool:
    """Whether a URL is on the origin of the Hub or of the server of the operation."""
    return url.origin == parse_url(settings.endpoint).origin or (
        request.server != "" and url.origin == parse_url(server_url(request.server, settings)).origin
    )


def request_url(request: Request, settings: Settings) -> Url:
    """Return the absolute URL of a request.

    Raises:
        ProtocolError: The URL is invalid.
    """
    is_on_other_server = request.server and request.path.startswith("/")
    try:
        found = (
            parse_url(server_url(request.server, settings) + request.path)
            if is_on_other_server
            else parse_hub_url(request.path, settings)
        )
        if not request.query:
            return found
        return parse_url(f"{found.text}{'&' if found.query is not None else '?'}{urlencode(request.query)}")
    except InvalidUrlError as error:
        raise ProtocolError(f"{request.operation}: the URL {display_url(request.path)} is refused: {error}.") from None


def prepare_request(
    request: Request,
    settings: Settings,
    token: Token,
    headers: dict[str, str],
    *,
    url: Url | None = None,
    trusted: bool = True,
    answered: Callable[[Response], None] | None = None,
) -> Request:
    """Return the request to send: with absolute URL and, for trusted URLs, default headers and token.

    Args:
        url: URL to use instead of path and query of the request.
        trusted: Whether the server that chose the URL may receive the token.
        answered: Called with status and headers of the response.

    Raises:
        LocalTokenNotFoundError: ``token=True`` was given, and no token is stored.
        ProtocolError: The URL is refused.
        SettingsError: The token of another Hub would be sent to a server of the default one.
        HFValidationError: A header contains an invalid character.
    """
    url = url or request_url(request, settings)
    if request.method not in READ_METHODS and url.scheme == "http" and settings.endpoint.startswith("https:"):
        raise ProtocolError(
            f"{request.operation}: {display_url(url.text)} is not encrypted, but the endpoint {settings.endpoint} is; "
            "refused."
        )
    request_headers = {name.lower(): value for name, value in request.headers.items()}
    if not (trusted and is_trusted(request, url, settings)):
        request_headers.pop("authorization", None)
        sent = {"user-agent": headers["user-agent"], **request_headers}
    else:
        sent = {**request_headers, **headers}
        if "x-amzn-trace-id" not in sent:
            sent["x-amzn-trace-id"] = sent.get("x-request-id") or str(uuid.uuid4())
        if not request.authenticated:
            sent.pop("authorization", None)
        elif "authorization" not in sent and (credentials := _authorization(url, settings, token)):
            sent["authorization"] = credentials
        if "authorization" in sent and "authorization" not in request_headers:
            _check_server(request, settings)
        if authorization := sent.get("authorization"):
            remember_secrets(authorization.partition(" ")[2] or authorization)
    for name, value in sent.items():
        if not (value.isascii() and value.isprintable()) and _INVALID_HEADER_CHARACTER.search(value):
            raise HFValidationError(f"Invalid header {name!r}: it contains a character that is not allowed in headers.")
    return attrs.evolve(request, path=url.text, query=(), headers=sent, answered=answered)


def _check_server(request: Request, settings: Settings) -> None:
    """Check that the server of an operation belongs to the Hub of the client, or was named in the settings.

    Raises:
        SettingsError: It belongs to the default Hub, and the client has the token of another one.
    """
    server = request.server
    is_relative = request.path.startswith("/")  # else a response named the server
    if (
        not (server and is_relative)
        or server in settings.servers
        or parse_url(settings.endpoint).origin == DEFAULT_ORIGIN
    ):
        return
    variable = f", or with the environment variable {SERVER_VARIABLES[server]}" if server in SERVER_VARIABLES else ""
    raise SettingsError(
        f"{request.operation} was not requested: its server {server} belongs to {DEFAULT_ENDPOINT}, and would receive "
        f"the token of {settings.endpoint}. Name the server to use with Settings(servers={{{server!r}: URL}})"
        f"{variable}."
    )


def _authorization(url: Url, settings: Settings, token: Token) -> str | None:
    """Return the ``Authorization`` header: the token, or user and password of the endpoint."""
    if secret := token_to_send(token, settings):
        return f"Bearer {secret}"
    if settings.endpoint.account and url.origin == parse_url(settings.endpoint).origin:
        return basic_auth(settings.endpoint.account)
    return None


def resolve_reference(request: Request, source: str, reference: str) -> Url:
    """Resolve a URL of a response, such as ``Location``, ``Link`` and LFS actions.

    Args:
        source: URL of the response.
        reference: Absolute URL, or one relative to ``source``.

    Raises:
        ProtocolError: The URL is invalid, or it is http and the response came over https.
    """
    try:
        base = parse_url(source)
        found = join_url(base, reference)
    except InvalidUrlError as error:
        raise ProtocolError(
            f"{request.operation}: {display_url(source)} returned the URL {display_url(str(reference))}, which is "
            f"refused: {error}."
        ) from None
    if base.scheme == "https" and found.scheme != "https":
        raise ProtocolError(
            f"{request.operation}: {display_url(source)} returned the URL {display_url(found.text)}, which is not "
            "encrypted; refused."
        )
    return found


def decode_header(header: str) -> str:
    """Decode a header as UTF-8 if it is valid, since some servers send unencoded URLs."""
    try:
        return header if header.isascii() else header.encode("latin-1").decode()
    except UnicodeError:
        return header
