"""Requests and responses as values: an operation before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

import attrs

from .json_values import parse_json

__all__ = [
    "Body",
    "Call",
    "Page",
    "Paged",
    "Query",
    "Request",
    "Response",
    "Source",
    "Stream",
    "by_cursor",
    "by_page",
    "form_body",
    "given_headers",
    "json_body",
    "json_list",
    "ndjson_body",
    "nothing",
    "query",
    "text",
    "whole",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
KEPT = 1 << 23
"""Maximum bytes of a body that are kept in memory instead of being generated twice."""


@attrs.frozen
class Source:
    """A request body that is read in pieces and can be opened again for a retry.

    Attributes:
        open: Returns the pieces from the start, each time it is called. A piece may be a view of memory that is used
            again after the request: whoever keeps it takes a copy.
        size: Total bytes; ``None`` if unknown.
        counted: Whether to count the bytes then, for receivers that require a length.
    """

    open: Callable[[], Iterable[bytes]] = attrs.field(repr=False)
    size: int | None = None
    counted: bool = False

    def measured(self) -> tuple[int | None, Iterable[bytes]]:
        """Return the size, if known, and the pieces; to count them, long bodies are read twice."""
        if self.size is not None or not self.counted:
            return self.size, self.open()
        size = 0
        kept: list[bytes] = []
        for piece in self.open():
            size += len(piece)
            if size <= KEPT:
                kept.append(piece)
            else:
                kept.clear()
        return size, kept or self.open()


_SHOWN = ("accept", "content-length", "content-range", "content-type", "etag", "range", "x-error-code", "x-request-id")
"""Headers whose values a ``repr`` shows."""


def _shown_url(url: str) -> str:
    """Return a URL without account and query, which may be a signature."""
    scheme, mark, rest = url.partition("://")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    whole = f"{scheme}{mark}{rest[:end].rpartition('@')[2]}{rest[end:]}" if mark else url
    path, asked, _ = whole.partition("?")
    return repr(path + ("?..." if asked else ""))


def _shown_query(query: Query) -> str:
    return repr(tuple((name, "...") for name, _ in query))


def _shown_headers(headers: Mapping[str, str]) -> str:
    return repr({name: value if name.lower() in _SHOWN else "..." for name, value in headers.items()})


def _shown_body(body: Body | None) -> str:
    return f"<{len(body)} bytes>" if isinstance(body, bytes) else repr(body)


Body: TypeAlias = bytes | Source
Query: TypeAlias = tuple[tuple[str, str], ...]


@attrs.frozen(kw_only=True)
class Request:
    """An HTTP request. Its ``repr`` omits credentials, query and body.

    Attributes:
        operation: Name of the operation, for example ``refs.list_repo_refs``.
        path: Path below the endpoint, percent-encoded, or an absolute URL.
        query: Names and values, not yet encoded.
        repo_id: The repository, for messages.
        server: URL of the server, if it is not the Hub.
        authenticated: Whether to send the token.
        retry: Whether it may be retried.
        repeated: What an error status means if an earlier attempt got no clear response: ``done``: that attempt was
            carried out; ``unclear``: it may have been.
        redirect: ``relative``: a response with an absolute ``Location`` is returned, not followed; ``none``: so is
            every redirect.
        answered: Called with status and headers of the response when they arrive, before its body.
    """

    operation: str
    method: str
    path: str = attrs.field(repr=_shown_url)
    query: Query = attrs.field(default=(), repr=_shown_query)
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str], repr=_shown_headers)
    body: Body | None = attrs.field(default=None, repr=_shown_body)
    repo_id: str | None = None
    server: str = ""
    authenticated: bool = True
    retry: bool = True
    repeated: Mapping[int, Literal["done", "unclear"]] = attrs.field(factory=dict[int, Literal["done", "unclear"]])
    redirect: Literal["follow", "none", "relative"] = "follow"
    answered: Callable[[Response], None] | None = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen(kw_only=True)
class Response:
    """An HTTP response. Its ``repr`` omits the body and most headers.

    Attributes:
        headers: By lower-case name.
        body: The whole body; empty if it was written to a sink.
        url: Its URL, after redirects.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=_shown_headers)
    body: bytes = attrs.field(default=b"", repr=_shown_body)
    url: str = attrs.field(default="", repr=_shown_url)

    def json(self) -> Any:
        """Parse the body as JSON.

        Raises:
            ValueError: The body is not JSON.
        """
        return parse_json(self.body)


@attrs.frozen
class Call(Generic[T_co]):
    """An operation ready to be sent: its request, and how its response is parsed."""

    request: Request
    parse: Callable[[Response], T_co]


Follow: TypeAlias = Callable[[Request, Response, int, int], Request | None]
"""Returns the request of the next page, given the last request, its response, its item count, and the total so far."""


@attrs.frozen
class Paged(Generic[T_co]):
    """A paginated operation: its first request, and how a page is parsed.

    Attributes:
        follow: Returns the request of the next page; without it, the ``Link`` header is used.
    """

    request: Request
    parse: Callable[[Response], list[T_co]]
    follow: Follow | None = None


@attrs.frozen
class Stream(Generic[T]):
    """A streaming operation: its request, and how the data of an event are parsed.

    Attributes:
        replays: Whether the server restarts the stream after a reconnect, so that received events must be skipped.
    """

    request: Request
    parse: Callable[[Any], T]
    replays: bool = False


@attrs.frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: Its items.
        next: Request of the next page; ``None`` on the last one.
    """

    items: list[T]
    next: Request | None


def query(*pairs: tuple[str, object]) -> Query:
    """Build the query of a request: ``None`` is omitted, lists repeat the name, bools are ``true`` or ``false``."""
    found: list[tuple[str, str]] = []
    for name, value in pairs:
        if value is None:
            continue
        values = cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,)
        found += [(name, str(item).lower() if isinstance(item, bool) else str(item)) for item in values]
    return tuple(found)


def by_page(parameter: str, total: str = "") -> Follow:
    """Paginate by a page number from 0 in a query parameter.

    Args:
        parameter: Name of the parameter.
        total: Member with the total number of items; without it, an empty page is the last one.
    """

    def follow(request: Request, response: Response, here: int, seen: int) -> Request | None:
        if here == 0 or (total and seen >= response.json()[total]):
            return None
        number = int(dict(request.query).get(parameter, "0")) + 1
        return _with_query(request, parameter, str(number))

    return follow


def by_cursor(parameter: str, member: str) -> Follow:
    """Paginate by a cursor in a query parameter, from a member of the previous page.

    Args:
        parameter: Name of the parameter.
        member: Member of the response; absent or null on the last page.
    """

    def follow(request: Request, response: Response, _here: int, _seen: int) -> Request | None:
        cursor: object = response.json().get(member)
        if cursor is None:
            return None
        if not isinstance(cursor, str | int):
            raise TypeError(f"{member!r} is neither a text nor a number")
        return _with_query(request, parameter, str(cursor))

    return follow


def _with_query(request: Request, name: str, value: str) -> Request:
    others = tuple(pair for pair in request.query if pair[0] != name)
    return attrs.evolve(request, query=(*others, (name, value)))


def given_headers(*pairs: tuple[str, str | None]) -> dict[str, str]:
    """Build the headers of a request: ``None`` is omitted."""
    return {name: value for name, value in pairs if value is not None}


def json_body(members: Mapping[str, object], nulls: Sequence[str] = ()) -> bytes:
    """Build a JSON object; members that are ``None`` are omitted, except those in ``nulls``."""
    sent = {name: value for name, value in members.items() if value is not None or name in nulls}
    return json.dumps(sent).encode()


def json_list(items: Iterable[object]) -> bytes:
    """Build a JSON list."""
    return json.dumps(list(items)).encode()


def form_body(*pairs: tuple[str, object]) -> bytes:
    """Build a form, encoded like a query."""
    return urlencode(query(*pairs)).encode()


def ndjson_body(lines: Callable[[], Iterable[T]] | Source, unstructure: Callable[[T], object]) -> Source:
    """Build a body with one JSON value per line, generated while it is sent; encoded lines are the body already."""
    if isinstance(lines, Source):
        return lines

    def pieces() -> Iterator[bytes]:
        for line in lines():
            yield json.dumps(unstructure(line)).encode() + b"\n"

    return Source(pieces, counted=True)


def nothing(response: Response) -> None:
    """Parse a response without content."""


def text(response: Response) -> str:
    """Parse a response as text."""
    return response.body.decode()


def whole(response: Response) -> Response:
    """Return the whole response, for operations whose headers and bytes matter."""
    return response
