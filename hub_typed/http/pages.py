"""Pages and items of any paginated operation, fetched lazily."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING

import attrs

from hub_typed.errors import (
    ProtocolError,
)
from hub_typed.http.error_responses import display_url
from hub_typed.http.header_values import link_target
from hub_typed.urls.url import parse_url
from hub_typed_api.wire import Call, Page, Paged, Query, Request, Response

if TYPE_CHECKING:
    from hub_typed.http.io import Io
from hub_typed.http.requests import decode_header, is_trusted, parse_hub_url, resolve_reference
from hub_typed.http.send import T, parse_response, send_request

__all__ = ["items", "page", "pages"]

MAX_EMPTY_PAGES = 100


async def page(
    io: Io,
    paged: Paged[T],
    *,
    seen: int = 0,
    timeout: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> Page[T]:
    """Request one page of a list.

    Args:
        seen: Number of items on the pages before it.
        timeout: Seconds for the page; see `send_request` for this and the other arguments.

    Raises:
        ProtocolError: The response does not match the spec, or the next page is on another host.
    """
    response = await send_request(
        io, paged.request, timeout=timeout, single_attempt=single_attempt, extend_for_rate_limit=extend_for_rate_limit
    )
    found = parse_response(paged.request, response, Call(paged.request, paged.parse))
    if (follow := paged.follow) is not None:

        def following(response: Response) -> Request | None:
            return follow(paged.request, response, len(found), seen + len(found))

        return Page(found, parse_response(paged.request, response, Call(paged.request, following)))
    link = link_target(response.headers.get("link", ""), "next")
    if link is None:
        return Page(found, None)
    target = parse_hub_url(resolve_reference(paged.request, response.url, decode_header(link)).text, io.settings)
    if not is_trusted(paged.request, target, io.settings):
        raise ProtocolError(
            f"{paged.request.operation}: the URL of the next page, {display_url(target.text)}, is on another host; "
            "refused."
        )
    # A server that may not receive the token must not choose the URL of a request that carries it.
    authenticated = paged.request.authenticated and is_trusted(paged.request, parse_url(response.url), io.settings)
    return Page(found, attrs.evolve(paged.request, path=target.text, query=(), authenticated=authenticated))


async def pages(
    io: Io,
    paged: Paged[T],
    *,
    timeout: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> AsyncGenerator[Page[T], None]:
    """Iterate over the pages of a list, each requested lazily.

    Raises:
        ProtocolError: The pages form a loop, repeat items of an earlier page, or too many in a row are empty.
    """
    requested: set[tuple[str, Query]] = set()
    digests: set[bytes] = set()
    seen = empty = 0
    request: Request | None = paged.request
    while request is not None:
        if (request.path, request.query) in requested:
            raise ProtocolError(f"{request.operation}: the pages form a loop at {display_url(request.path)}.")
        requested.add((request.path, request.query))
        found = await page(
            io,
            attrs.evolve(paged, request=request),
            seen=seen,
            timeout=timeout,
            single_attempt=single_attempt,
            extend_for_rate_limit=extend_for_rate_limit,
        )
        if found.items:
            empty = 0
            digest = _page_digest(found.items)
            if digest in digests:
                raise ProtocolError(
                    f"{request.operation}: the pages form a loop: {display_url(request.path)} has the same items as an "
                    "earlier page."
                )
            digests.add(digest)
        elif found.next is not None:
            empty += 1
            if empty >= MAX_EMPTY_PAGES:
                raise ProtocolError(
                    f"{request.operation}: {empty} pages in a row are empty, the last at {display_url(request.path)}, "
                    "and the response has a link to another one."
                )
        yield found
        seen += len(found.items)
        request = found.next


def _page_digest(found: Sequence[object]) -> bytes:
    """Return a digest of a page, to detect repeated ones: of all items, or of both ends of a long page."""
    from hashlib import blake2b

    sample = found if len(found) <= 8 else [*found[:4], *found[-4:]]
    return blake2b(repr((len(found), sample)).encode(errors="surrogatepass"), digest_size=16).digest()


async def items(
    io: Io,
    paged: Paged[T],
    *,
    limit: int | None = None,
    timeout: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> AsyncGenerator[T, None]:
    """Iterate over the items of a list, page by page.

    Args:
        limit: Maximum number of items.
        timeout: Seconds for each page; see `send_request` for this and the other arguments.

    Raises:
        ValueError: The limit is negative.
    """
    remaining = limit
    if remaining is not None and remaining <= 0:
        if remaining < 0:
            raise ValueError(f"limit={limit} is negative: pass the maximum number of items, or None for all.")
        return
    async for found in pages(
        io, paged, timeout=timeout, single_attempt=single_attempt, extend_for_rate_limit=extend_for_rate_limit
    ):
        for item in found.items:
            yield item
            if remaining is not None:
                remaining -= 1
                if remaining <= 0:
                    return
