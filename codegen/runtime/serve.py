"""Server side of the spec: routes, and the contents of a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from email import message_from_bytes
from email.message import Message
from typing import Any, BinaryIO, Generic, Literal, TypeVar, cast
from urllib.parse import parse_qs

import attrs

from hub_typed_api.wire import Body

__all__ = ["Answer", "Given", "Listed", "NotServed", "Route", "required"]

C = TypeVar("C")
H = TypeVar("H")
T = TypeVar("T")
CHUNK = 1 << 18
_URLENCODED = "application/x-www-form-urlencoded"
MAX_DEPTH = 100
"""Maximum nesting of lists and objects in a body."""


class NotServed(Exception):
    """An operation has no handler; its name is the only argument."""


@attrs.frozen(kw_only=True)
class Answer:
    """A response built by the handler itself: a file, a redirect."""

    status: int = 200
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])
    body: Body = b""


@attrs.frozen
class Listed:
    """A whole list, with the function that unstructures an item; the server splits it into pages."""

    items: Sequence[Any]
    unstructure: Callable[[Any], object]


@attrs.frozen(kw_only=True)
class Given:
    """Contents of a request, by JSON and URL names.

    Attributes:
        path: Parameters of the path, decoded; omitted ones are absent.
        query: Values by name.
        headers: By lower-case name.
        body: The body, to be read once.
    """

    path: Mapping[str, str]
    query: Mapping[str, Sequence[str]]
    headers: Mapping[str, str]
    body: BinaryIO

    def json(self) -> dict[str, Any]:
        """Return the body as a JSON object; the fields of a form are texts, and lists of texts if repeated."""
        body = self.body.read()
        fields = _form_fields(self.headers.get("content-type", ""), body)
        if fields is not None:
            return {
                name.removesuffix("[]"): values if len(values) > 1 or name.endswith("[]") else values[0]
                for name, values in fields.items()
            }
        value: Any = _value(body or b"{}")
        if not isinstance(value, dict):
            raise ValueError("the body is no JSON object")
        return cast("dict[str, Any]", value)

    def items(self) -> list[Any]:
        """Return the items of the body, a JSON list."""
        value: Any = _value(self.body.read())
        if not isinstance(value, list):
            raise ValueError("the body is no JSON list")
        return list(cast("Iterable[Any]", value))

    def form(self) -> Given:
        """Return the request with its form as query; a JSON object is accepted as form."""
        body, content_type = self.body.read(), self.headers.get("content-type", "")
        if "json" in content_type:
            members: dict[str, Any] = _value(body)
            values = {
                name: [_text(item) for item in _listed(value)] for name, value in members.items() if value is not None
            }
        else:
            fields = _form_fields(content_type, body)
            values = parse_qs(body.decode(), keep_blank_values=True, errors="strict") if fields is None else fields
        return attrs.evolve(self, query=values)

    def lines(self) -> Iterator[Any]:
        """Return the JSON values of the body, one per line."""
        for line in self.body:
            if line.strip():
                yield _value(line)

    def pieces(self) -> Iterator[bytes]:
        """Return the body in pieces as received."""
        while piece := self.body.read(CHUNK):
            yield piece

    def text(self, name: str) -> str | None:
        """Return a query parameter; the last one if repeated."""
        values = self.query.get(name)
        return values[-1] if values else None

    def texts(self, name: str) -> list[str] | None:
        """Return a repeatable query parameter, with or without ``[]`` after its name."""
        values = [*self.query.get(name, ()), *self.query.get(f"{name}[]", ())]
        return values or None

    def boolean(self, name: str) -> bool | None:
        """Return a boolean query parameter."""
        value = self.text(name)
        return None if value is None else value.lower() in ("1", "true", "on", "yes")

    def integer(self, name: str) -> int | None:
        """Return an integer query parameter."""
        return self._parsed(name, int, "an integer")

    def number(self, name: str) -> float | None:
        """Return a numeric query parameter."""
        return self._parsed(name, float, "a number")

    def _parsed(self, name: str, parse: Callable[[str], T], kind: str) -> T | None:
        value = self.text(name)
        try:
            return None if value is None else parse(value)
        except ValueError:
            raise ValueError(f"{name} must be {kind}, not {value!r:.100}") from None


@attrs.frozen(kw_only=True)
class Route(Generic[H, C]):
    """An operation of the spec for a server.

    Attributes:
        pattern: Regular expression of the whole undecoded path; its groups are the parameters.
        body: How the body is read.
        status: Status of a successful response.
        media_type: Media type of the response; empty if it has no body.
        bind: Calls the handler with the request's parameters; returns a JSON value, a text, a `Listed` or an `Answer`.
    """

    operation: str
    method: str
    pattern: str
    body: Literal["none", "json", "form", "ndjson", "binary"]
    status: int
    media_type: str
    bind: Callable[[H, C, Given], object]


def _value(data: bytes) -> Any:
    """Parse a JSON value that is valid Unicode and not too deep for recursion.

    `json.loads` accepts lone surrogates, as escapes and as bytes, but they are invalid in paths, names and files.

    Raises:
        ValueError: It is not JSON, is nested too deep, or contains text that is not valid Unicode.
    """
    text = data.decode()
    try:
        value: Any = _DECODER.decode(text)
    except RecursionError:
        raise _too_deep() from None
    # Nearly all texts have fewer brackets.
    if text.count("[") + text.count("{") > MAX_DEPTH and _deeper(value, MAX_DEPTH):
        raise _too_deep()
    if "\\ud" in text or "\\uD" in text:
        json.dumps(value, ensure_ascii=False).encode()
    return value


def _form_fields(content_type: str, body: bytes) -> dict[str, list[str]] | None:
    """Return the fields of a form; ``None`` if the body is not a form.

    Raises:
        ValueError: A field is not UTF-8, or has no name.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _URLENCODED:
        return parse_qs(body.decode(), keep_blank_values=True, errors="strict")
    if kind != "multipart/form-data":
        return None
    fields: dict[str, list[str]] = {}
    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    parts = cast("list[Message]", whole.get_payload()) if whole.is_multipart() else []
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if not isinstance(name, str) or not isinstance(content, bytes):
            raise ValueError("a part of the form has no name")
        fields.setdefault(name, []).append(content.decode())
    return fields


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_number)


def _too_deep() -> ValueError:
    return ValueError(f"the JSON is nested more than {MAX_DEPTH} levels deep")


def _deeper(value: Any, depth: int) -> bool:
    """Whether a value is nested deeper than a limit."""
    level: list[Any] = [value]
    for _ in range(depth):
        level = [part for one in level for part in _parts(one)]
        if not level:
            return False
    return any(isinstance(one, dict | list) for one in level)


def _parts(value: Any) -> Iterable[Any]:
    """Return the parts of an object or a list."""
    if isinstance(value, dict):
        return cast("dict[str, Any]", value).values()
    return cast("Iterable[Any]", value) if isinstance(value, list) else ()


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def required(name: str, value: T | None) -> T:
    """Return a required parameter.

    Raises:
        ValueError: It is missing.
    """
    if value is None:
        raise ValueError(f"{name!r} is missing")
    return value


def _listed(value: Any) -> list[Any]:
    return list(cast("Iterable[Any]", value)) if isinstance(value, list) else [value]
