"""What a server may say in place of what it should: values, whole bodies, headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

__all__ = ["BODIES", "HEADERS", "VALUES", "changed", "places", "written"]

RAW = {"a number of 5,000 digits": "9" * 5000, "a float beyond all": "1e400", "no number": "NaN"}
"""JSON that Python's writer would not write."""

VALUES: dict[str, Any] = {
    "null": None,
    "a boolean": True,
    "a negative number": -5,
    "a large number": 10**30,
    "a fraction": 0.5,
    "an empty text": "",
    "a NUL": "a\x00b",
    "half of a letter": "\ud800",
    "an odd date": "2024-99-99T00:00:00.000Z",
    "the first year": "0001-01-01T00:00:00+14:00",
    "foreign digits": "\u0663",
    "a path out": "../../x",
    "an empty list": [],
    "a list of nothing": [None],
    "a list of lists": [[["a"]]],
    "an empty object": {},
    "an object": {"a": {"b": [1]}},
    **{name: f"\x01{name}\x01" for name in RAW},
}

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "a beginning": b'{"a": [1, ',
    "no JSON": b"<html>",
    "a mark first": b'\xef\xbb\xbf{"a": 1}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "bytes": b"\xff\xfe\xfd",
    "brackets": b"[" * 100_000,
    "deep lists": b"[" * 900 + b"]" * 900,
    "null": b"null",
    "a text": b'"a"',
    "a number": b"7",
    "a long number": b"9" * 5000,
    "a list": b"[]",
    "a list of null": b"[null]",
    "an object": b"{}",
}

HEADERS = (
    "", "-5", "1e3", "\u0663", "\u00b2", "9" * 5000, "0", "a\x00b", "\ud800", "x" * 5000, "../..", "bytes 9-/x",
    "bytes */9", "http://[", "http://a:99999/", "//", "?", "<>; rel=next", '<http://[>; rel="next"',
    "Mon, 99 Xyz 99999 99:99:99 +9999", '"', "W/", '""', 'W/"', "0001-01-01", "text/html", "gzip",
)  # fmt: skip


def places(value: Any, above: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Where the members of a JSON value are; of a list, those of its first two items."""
    if above:
        yield above
    if isinstance(value, dict):
        for name, part in value.items():
            yield from places(part, (*above, name))
    elif isinstance(value, list):
        for position, part in enumerate(value[:2]):
            yield from places(part, (*above, position))


def changed(value: Any, place: tuple[str | int, ...], new: Any) -> Any:
    """A JSON value with one member replaced."""
    if not place:
        return new
    first, *rest = place
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[first] = changed(value[first], tuple(rest), new)
    return copy


def written(value: Any) -> bytes:
    """A JSON value as bytes, with what Python's writer would not write."""
    text = json.dumps(value)
    for name, raw in RAW.items():
        text = text.replace(json.dumps(f"\x01{name}\x01"), raw)
    return text.encode()
