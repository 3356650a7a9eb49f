"""Redirects: the next request after a redirect response."""

from __future__ import annotations

import attrs

from hub_typed.errors import (
    ProtocolError,
)
from hub_typed.http.error_responses import display_url
from hub_typed.http.requests import DEFAULT_ORIGIN, READ_METHODS, decode_header, resolve_reference
from hub_typed.urls.url import Url, parse_url
from hub_typed_api.wire import Request, Response

__all__ = ["redirect_request"]

REDIRECTS = (301, 302, 303, 307, 308)


def redirect_request(request: Request, response: Response) -> Request | None:
    """Return the next request after a redirect, with an absolute URL; ``None`` if there is no redirect to follow.

    A mirror that redirects to the default host means that host, so the endpoint does not replace it here.

    Raises:
        ProtocolError: The redirect leads from https to http, to an invalid URL, or with a body to another origin.
    """
    location = response.headers.get("location")
    if response.status not in REDIRECTS or not location or request.redirect == "none":
        return None
    target = resolve_reference(request, response.url, decode_header(location))
    source = parse_url(response.url)
    if request.redirect == "relative" and _is_final(request, response, location, source, target):
        return None
    if response.status == 303 and request.method != "HEAD":
        return attrs.evolve(request, method="GET", path=target.text, query=(), body=None)
    if request.method not in READ_METHODS and target.origin != source.origin:
        raise ProtocolError(
            f"{request.operation}: {display_url(source.text)} redirects this {request.method} to "
            f"{display_url(target.text)} on another origin; refused, since its body must not be sent there. If this is "
            "the address of the Hub, use it as the endpoint."
        )
    return attrs.evolve(request, path=target.text, query=())


def _is_final(request: Request, response: Response, location: str, source: Url, target: Url) -> bool:
    """Whether an absolute redirect is the final response of a request that follows only relative redirects.

    A redirect of a Hub to itself is not final for file metadata, which may be in the last response only.
    """
    absolute = location.startswith("//") or ":" in location.partition("/")[0]
    is_complete = request.method not in READ_METHODS or "x-linked-etag" in response.headers
    return absolute and (is_complete or target.origin not in (source.origin, DEFAULT_ORIGIN))
