"""Requests and responses as values, and bodies as OpenAPI describes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias, cast
from urllib.parse import quote, urlencode
from uuid import uuid4

import attrs

from hub_typed_api.wire import (
    Body,
    Call,
    Paged,
    Query,
    Request,
    Response,
    Source,
    Stream,
    json_body,
    json_list,
    ndjson_body,
    nothing,
    text,
    whole,
)

__all__ = [
    "Body",
    "Call",
    "File",
    "Paged",
    "Request",
    "Response",
    "Source",
    "Stream",
    "Upload",
    "cookies",
    "deep_form_body",
    "form_body",
    "given_headers",
    "joined",
    "json_body",
    "json_list",
    "json_text",
    "json_value",
    "multipart_body",
    "ndjson_body",
    "nothing",
    "query",
    "text",
    "whole",
]


@attrs.frozen
class File:
    """A file within a form.

    Attributes:
        name: Name that the server sees.
    """

    content: bytes
    name: str = "file"
    media_type: str = "application/octet-stream"


Upload: TypeAlias = bytes | File
Pair: TypeAlias = tuple[str, object]


def query(*pairs: Pair) -> Query:
    """Build the query of a request: ``None`` is omitted, lists repeat the name, members of objects are in brackets."""
    return tuple(one for name, value in pairs for one in _spread(name, value, numbered=False))


def given_headers(*pairs: Pair) -> dict[str, str]:
    """Build the headers of a request: ``None`` is omitted, lists have commas."""
    return {name: joined(value, ",") for name, value in pairs if value is not None}


def cookies(*pairs: Pair) -> str | None:
    """Build the header ``Cookie``; ``None`` if there is none."""
    found = [f"{name}={quote(joined(value, ','), safe='')}" for name, value in pairs if value is not None]
    return "; ".join(found) or None


def joined(value: object, separator: str) -> str:
    """Return a value as text, the items of a list with a separator."""
    if isinstance(value, list | tuple):
        return separator.join(_text(item) for item in cast("Iterable[object]", value))
    return _text(value)


def json_text(value: object) -> str:
    """Return a value as JSON text."""
    return json.dumps(value)


def json_value(value: object) -> bytes:
    """Build a body of any JSON value."""
    return json.dumps(value).encode()


def form_body(*pairs: Pair) -> bytes:
    """Build a form, encoded like a query."""
    return urlencode(query(*pairs)).encode()


def deep_form_body(*pairs: Pair) -> bytes:
    """Build a form with the members of objects, and the numbers of items, in brackets."""
    return urlencode([one for name, value in pairs for one in _spread(name, value, numbered=True)]).encode()


def multipart_body(*pairs: tuple[str, object]) -> tuple[str, bytes]:
    """Return media type and body of a form with files; objects are JSON, lists are several parts."""
    boundary = uuid4().hex
    parts = [part for name, value in pairs for part in _parts(name, value)]
    lines = b"".join(b"--%b\r\n%b\r\n" % (boundary.encode(), part) for part in parts)
    return f"multipart/form-data; boundary={boundary}", lines + f"--{boundary}--\r\n".encode()


def _parts(name: str, value: object) -> Iterator[bytes]:
    if value is None:
        return
    if isinstance(value, list | tuple):
        for item in cast("Iterable[object]", value):
            yield from _parts(name, item)
        return
    head = f'Content-Disposition: form-data; name="{_quoted(name)}"'
    if isinstance(value, bytes | File):
        file = value if isinstance(value, File) else File(value)
        head += f'; filename="{_quoted(file.name)}"\r\nContent-Type: {file.media_type}'
        yield f"{head}\r\n\r\n".encode() + file.content
    elif isinstance(value, Mapping):
        yield f"{head}\r\nContent-Type: application/json\r\n\r\n{json.dumps(value)}".encode()
    else:
        yield f"{head}\r\n\r\n{_text(value)}".encode()


def _quoted(name: str) -> str:
    return name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")


def _spread(name: str, value: object, *, numbered: bool) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, Mapping):
        for key, inner in cast("Mapping[str, object]", value).items():
            yield from _spread(f"{name}[{key}]", inner, numbered=numbered)
    elif isinstance(value, list | tuple):
        for at, item in enumerate(cast("Iterable[object]", value)):
            yield from _spread(f"{name}[{at}]" if numbered else name, item, numbered=numbered)
    else:
        yield name, _text(value)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
