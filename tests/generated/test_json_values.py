"""Responses are parsed alike with orjson and without it."""

from __future__ import annotations

import json
import math
import sys

import pytest
from hypothesis import example, given, strategies as st

from hub_typed.errors import ProtocolError
from hub_typed.http.send import parse_response
from hub_typed_api import json_values
from hub_typed_api.json_values import parse_json
from hub_typed_api.operations.models import model_info
from hub_typed_api.wire import Response

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(exclude_categories=()))
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(), inner, max_size=5), max_leaves=20
)
WRITTEN = st.builds(
    lambda value, ascii_only, encoding: json.dumps(value, ensure_ascii=ascii_only).encode(encoding, "surrogatepass"),
    VALUES,
    st.booleans(),
    st.sampled_from(["utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32-be"]),
)
PIECES = st.sampled_from(
    (b'{ } [ ] , : "a" "b" 1 - . e 0 true null NaN \\ " \\u d800 \xff \xed\xa0\x80 \xef\xbb\xbf \0 ' + b"9" * 18).split(
        b" "
    )
)
BROKEN = st.lists(PIECES, max_size=12).map(b"".join) | st.binary(max_size=20)


def outcome(parse, body):
    """The result with its types, in order and with the signs of zeros; or the error with its text."""
    try:
        return repr(parse(body))
    except (ValueError, RecursionError) as error:
        return type(error), str(error)


@pytest.fixture
def without_orjson(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "orjson", None)
    json_values._fast_loads.cache_clear()
    yield
    json_values._fast_loads.cache_clear()


def test_orjson_is_used_where_it_is_installed():
    orjson = pytest.importorskip("orjson")
    assert json_values._fast_loads() is orjson.loads


def test_without_orjson_the_standard_library_parses(without_orjson: None):
    assert json_values._fast_loads() is None
    assert parse_json(b'{"a": [1, 2.5, null]}') == {"a": [1, 2.5, None]}
    with pytest.raises(json.JSONDecodeError):
        parse_json(b"{")


@given(WRITTEN | BROKEN)
@example(b"")
@example(b"18446744073709551615")
@example(b"18446744073709551616")
@example(b"-9223372036854775809")
@example(b"9" * 5000)
@example(b"[1e400, -1e400, 1e-400, -0, -0.0, 0.1e1]")
@example(b"[NaN, Infinity, -Infinity]")
@example(b'{"a": 1, "b": 2, "a": 3}')
@example(b'["\\ud800", "\\ude00\\ud83d", "\\ud83d\\ude00", "\xed\xa0\x80"]')
@example(b"\xef\xbb\xbf{}")
@example(b'"\xff"')
@example(b'"\xf4\x90\x80\x80"')
@example(b'"\x00"')
@example(b"[1,]")
@example(b"[" * 500 + b"]" * 500)
@example(b"[" * 200_000)
@example(b"[" * 200_000 + b"]" * 200_000)
def test_results_and_errors_are_those_of_the_standard_library(body: bytes):
    assert outcome(parse_json, body) == outcome(json.loads, body)


@pytest.mark.parametrize("body", [b"", b"{", b'{"id": 1e}', b"<html>", b'"\xff"', b"[" * 200_000, b"[]", b"null"])
def test_an_invalid_response_has_the_same_error(body: bytes, request: pytest.FixtureRequest):
    call = model_info("owner/name")

    def error() -> str:
        with pytest.raises(ProtocolError) as caught:
            parse_response(call.request, Response(status=200, headers={}, body=body, url="https://hub.test/x"), call)
        return str(caught.value)

    fast = error()
    request.getfixturevalue("without_orjson")
    assert error() == fast


def test_special_numbers_are_parsed():
    infinite, negative, not_a_number, long = parse_json(b"[Infinity, -Infinity, NaN, 123456789012345678901234567890]")
    assert (infinite, negative, long) == (math.inf, -math.inf, 123456789012345678901234567890)
    assert math.isnan(not_a_number)
