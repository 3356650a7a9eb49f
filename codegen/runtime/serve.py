"""Server side of the spec: routes, and the contents of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, BinaryIO, Generic, Literal, TypeVar, cast
from urllib.parse import parse_qs

import attrs

from hub_typed_api.wire import Body

__all__ = ["Answer", "Given", "Listed", "NotServed", "Route", "required"]

C = TypeVar("C")
H = TypeVar("H")
T = TypeVar("T")
CHUNK = 1 << 18
MAX_DEPTH = 100
"""Lists and objects of a body within each other."""


class NotServed(Exception):
    """No handler is written for an operation; its name is the only argument."""


@attrs.frozen(kw_only=True)
class Answer:
    """An answer that the handler makes itself: a file, a redirect."""

    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: Body = b""


@attrs.frozen
class Listed:
    """A whole list, and how one item of it is written; the server cuts it into pages."""

    items: Sequence[Any]
    unstructure: Callable[[Any], object]


@attrs.frozen(kw_only=True)
class Given:
    """What a request brought, by the names of the wire.

    Attributes:
        path: Parameters of the path, decoded; those left out are absent.
        query: Values by name.
        headers: By lower-case name.
        body: The body, to be read once.
    """

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: BinaryIO

    def json(self) -> dict[str, Any]:
        """The body as a JSON object."""
        value: Any = _value(self.body.read() or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")
        return cast("dict[str, Any]", value)

    def form(self) -> Given:
        """The same request with its form in place of the query; a JSON object is taken for a form."""
        body = self.body.read()
        if "json" in self.headers.get("content-type", ""):
            members: dict[str, Any] = _value(body)
            values = {
                name: [_text(item) for item in _listed(value)] for name, value in members.items() if value is not None
            }
        else:
            values = parse_qs(body.decode(), keep_blank_values=True, errors="strict")
        return attrs.evolve(self, query=values)

    def lines(self) -> Iterator[Any]:
        """The body as JSON values, one a line."""
        for line in self.body:
            if line.strip():
                yield _value(line)

    def pieces(self) -> Iterator[bytes]:
        """The body as it came, piece by piece."""
        while piece := self.body.read(CHUNK):
            yield piece

    def text(self, name: str) -> str | None:
        """A query parameter; the last one where it is repeated."""
        values = self.query.get(name)
        return values[-1] if values else None

    def texts(self, name: str) -> list[str] | None:
        """A query parameter that may be repeated, with or without ``[]`` after its name."""
        values = [*self.query.get(name, ()), *self.query.get(f"{name}[]", ())]
        return values or None

    def boolean(self, name: str) -> bool | None:
        """A query parameter that is true or false."""
        value = self.text(name)
        return None if value is None else value.lower() in ("1", "true", "on", "yes")

    def integer(self, name: str) -> int | None:
        """A query parameter that is a whole number."""
        value = self.text(name)
        return None if value is None else int(value)

    def number(self, name: str) -> float | None:
        """A query parameter that is a number."""
        value = self.text(name)
        return None if value is None else float(value)


@attrs.frozen(kw_only=True)
class Route(Generic[H, C]):
    """One operation of the spec, as a server sees it.

    Attributes:
        pattern: Regular expression of the whole undecoded path; its groups are the parameters.
        body: How the body is read.
        status: Status of the answer where all went well.
        media_type: Media type of the answer; empty where there is no body.
        bind: Calls the handler with what the request brought; gives a JSON value, a text, a `Listed` or an `Answer`.
    """

    operation: str
    method: str
    pattern: str
    body: Literal["none", "json", "form", "ndjson", "binary"]
    status: int
    media_type: str
    bind: Callable[[H, C, Given], object]


def _value(data: bytes) -> Any:
    """A JSON value, all texts of which can be encoded as UTF-8, and which can be gone through by recursion.

    `json.loads` lets lone surrogates through, as escapes and as bytes; no path, name or file can be made of them.

    Raises:
        ValueError: It is no JSON, is nested too deep, or one of its texts is not valid Unicode.
    """
    text = data.decode()
    try:
        value: Any = _DECODER.decode(text)
    except RecursionError:
        raise _too_deep() from None
    # Nearly all texts have no more brackets than that.
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise _too_deep()
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _too_deep() -> ValueError:
    return ValueError(f"the JSON is nested more than {MAX_DEPTH} levels deep")


def _deeper(value: Any, depth: int) -> bool:
    """Whether a value is nested deeper than this."""
    level: list[Any] = [value]
    for _ in range(depth):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _parts(value: Any) -> Iterable[Any]:
    """What an object or a list holds."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("Iterable[Any]", value) if isinstance(value, list) else ()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def required(name: str, value: T | None) -> T:
    """A parameter that must be there.

    Raises:
        ValueError: It is not.
    """
    if value is None:
        raise ValueError(f"{name!r} is missing")
    return value


def _listed(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else [value]
