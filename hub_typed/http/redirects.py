"""Redirects: the request that follows a redirect response."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from hub_typed.errors import (
    ProtocolError,
)
from hub_typed.http.error_responses import display_url
from hub_typed.urls.url import Url, parse_url
from hub_typed_api.wire import Request, Response

if TYPE_CHECKING:
    from hub_typed.settings import Settings
from hub_typed.http.requests import DEFAULT_ORIGIN, READING, decode_header, parse_hub_url, resolve_reference

__all__ = ["redirect_request"]

REDIRECTS = (301, 302, 303, 307, 308)


def redirect_request(request: Request, response: Response, settings: Settings | None = None) -> Request | None:
    """Return the request that follows a redirect, with an absolute URL; ``None`` if there is no redirect to follow.

    Args:
        settings: Whose endpoint stands for the default host.

    Raises:
        ProtocolError: It leads from https to http, to what is no URL, or with a body to another origin.
    """
    location = response.headers.get("location")
    if response.status not in REDIRECTS or not location:
        return None
    target = resolve_reference(request, response.url, decode_header(location))
    here = parse_url(response.url)
    if request.redirect == "relative" and _is_final(request, response, location, here, target):
        return None
    if settings is not None:
        mapped = parse_hub_url(target.text, settings)
        # A mirror that sends its own URL on to the default host does mean that.
        target = target if mapped.text == here.text else mapped
    if response.status == 303 and request.method != "HEAD":
        return attrs.evolve(request, method="GET", path=target.text, query=(), body=None)
    if request.method not in READING and target.origin != here.origin:
        raise ProtocolError(
            f"{request.operation}: {display_url(here.text)} redirects this {request.method} to {display_url(target.text)}, another "
            "origin, where its content does not go; refused. If that is where the Hub is, make it the endpoint."
        )
    return attrs.evolve(request, path=target.text, query=())


def _is_final(request: Request, response: Response, location: str, here: Url, target: Url) -> bool:
    """Whether an absolute redirect is the result of a request that follows only relative ones.

    The metadata of a file are not: they may be told only at the end, where a Hub redirects to itself.
    """
    absolute = location.startswith("//") or ":" in location.partition("/")[0]
    told = request.method != "HEAD" or "x-linked-etag" in response.headers
    return absolute and (told or target.origin not in (here.origin, DEFAULT_ORIGIN))
