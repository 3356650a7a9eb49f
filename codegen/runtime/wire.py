"""Requests and responses as values: an operation before it is sent."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Generic, Literal, TypeAlias, TypeVar, cast
from urllib.parse import urlencode

import attrs

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
    "ndjson_body",
    "nothing",
    "query",
    "text",
    "whole",
]

T = TypeVar("T")
KEPT = 1 << 23
"""Bytes of a body that are kept in memory rather than made twice."""


@attrs.frozen
class Source:
    """A request body that is read piece by piece and can be opened again, so that a failed request can be repeated.

    Attributes:
        open: Gives the pieces from the beginning, each time it is called.
        size: Bytes in all; ``None`` if that is not known beforehand.
        counted: Whether they are counted then, because the receiver wants to know.
    """

    open: Callable[[], Iterable[bytes]] = attrs.field(repr=False)
    size: int | None = None
    counted: bool = False

    def measured(self) -> tuple[int | None, Iterable[bytes]]:
        """Bytes in all, as far as known, and the pieces; to count them, a short body is read once, a long one twice."""
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
    """A URL without its account and its query, which may be a signature."""
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
    """One HTTP request. Its ``repr`` shows neither credentials nor what the query and the body hold.

    Attributes:
        operation: Name of the operation, as ``refs.list_repo_refs``.
        path: Path below the endpoint, percent-encoded, or a whole URL.
        query: Names and values, not yet encoded.
        repo_id: The repository it is about, for messages.
        server: URL of the host that the path is below, where that is not the Hub itself.
        authenticated: Whether the token goes with it.
        retry: Whether it may be sent again after a failure.
        redirect: ``relative``: an absolute ``Location`` is the answer and is not followed.
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
    redirect: Literal["follow", "relative"] = "follow"


@attrs.frozen(kw_only=True)
class Response:
    """One HTTP answer. Its ``repr`` shows neither its body nor what most headers hold.

    Attributes:
        headers: By lower-case name.
        body: Read whole; empty where it went to a sink.
        url: Where it came from, after redirects.
    """

    status: int
    headers: Mapping[str, str] = attrs.field(repr=_shown_headers)
    body: bytes = attrs.field(default=b"", repr=_shown_body)
    url: str = attrs.field(default="", repr=_shown_url)

    def json(self) -> Any:
        """The body as JSON.

        Raises:
            ValueError: It is not JSON.
        """
        return json.loads(self.body)


@attrs.frozen
class Call(Generic[T]):
    """An operation ready to be sent: its request, and how its answer is read."""

    request: Request
    parse: Callable[[Response], T]


Follow: TypeAlias = Callable[[Request, Response, int, int], Request | None]
"""Gives the request of the next page: from that of the last, its answer, how many items it had, and all so far had."""


@attrs.frozen
class Paged(Generic[T]):
    """An operation whose answer is a list that comes in pages: its first request, and how a page is read.

    Attributes:
        follow: Finds the next page; without it, the answer's ``Link`` header names it.
    """

    request: Request
    parse: Callable[[Response], list[T]]
    follow: Follow | None = None


@attrs.frozen
class Stream(Generic[T]):
    """An operation whose answer is a stream of events: its request, and how the data of an event is read.

    Attributes:
        replays: Whether the server begins anew after the connection broke, so that what was seen must be skipped.
    """

    request: Request
    parse: Callable[[Any], T]
    replays: bool = False


@attrs.frozen
class Page(Generic[T]):
    """One page of a list.

    Attributes:
        items: What stands on it.
        next: Request of the page after it; ``None`` on the last one.
    """

    items: list[T]
    next: Request | None


def query(*pairs: tuple[str, object]) -> Query:
    """The query of a request: ``None`` is left out, a list repeats its name, a bool is ``true`` or ``false``."""
    found: list[tuple[str, str]] = []
    for name, value in pairs:
        if value is None:
            continue
        values = cast("Iterable[object]", value) if isinstance(value, list | tuple) else (value,)
        found += [(name, str(item).lower() if isinstance(item, bool) else str(item)) for item in values]
    return tuple(found)


def by_page(parameter: str, total: str = "") -> Follow:
    """Pages that a query parameter counts from 0.

    Args:
        parameter: Its name.
        total: Member that says how many items there are; without it, an empty page is the last one.
    """

    def follow(request: Request, response: Response, here: int, seen: int) -> Request | None:
        if here == 0 or (total and seen >= response.json()[total]):
            return None
        number = int(dict(request.query).get(parameter, "0")) + 1
        return _with_query(request, parameter, str(number))

    return follow


def by_cursor(parameter: str, member: str) -> Follow:
    """Pages that a query parameter names, as a member of the page before said.

    Args:
        parameter: Its name.
        member: Member of the answer; absent or null on the last page.
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
    """The headers of a request: ``None`` is left out."""
    return {name: value for name, value in pairs if value is not None}


def json_body(members: Mapping[str, object], nulls: Sequence[str] = ()) -> bytes:
    """A JSON object; members that are ``None`` are left out, but for those that ``nulls`` names."""
    sent = {name: value for name, value in members.items() if value is not None or name in nulls}
    return json.dumps(sent).encode()


def form_body(*pairs: tuple[str, object]) -> bytes:
    """A form, encoded as a query is."""
    return urlencode(query(*pairs)).encode()


def ndjson_body(lines: Callable[[], Iterable[T]], unstructure: Callable[[T], object]) -> Source:
    """A body of one JSON value a line, written while it is sent."""

    def pieces() -> Iterator[bytes]:
        for line in lines():
            yield json.dumps(unstructure(line)).encode() + b"\n"

    return Source(pieces, counted=True)


def nothing(response: Response) -> None:
    """The answer of an operation that says no more than that it is done."""


def text(response: Response) -> str:
    """The answer of an operation that answers in words."""
    return response.body.decode()


def whole(response: Response) -> Response:
    """The answer of an operation whose headers and bytes are what counts."""
    return response
