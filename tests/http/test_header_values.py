"""Header values: parsed as specified, in time linear in their length."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, strategies as st

from hub_typed.flows.patterns import filter_paths
from hub_typed.http.error_responses import error_for_response, redact_text
from hub_typed.http.header_values import (
    hub_warnings,
    link_target,
    policy_name,
    quota_policy,
    range_start,
    rate_limit,
    retry_after,
    whole_number,
)
from hub_typed.local.git.patterns import Attributes, Ignore
from hub_typed_api.path import HFValidationError, checked_file, checked_repo_id, checked_revision
from hub_typed_api.wire import Request, Response
from tests.linear import assert_linear

next_link = partial(link_target, relation="next")

NOW = 1_700_000_000.0


@pytest.mark.parametrize(
    ("link", "target"),
    [
        ("</a>; rel=next", "/a"),
        ('</a?x=1,2;3>; rel="next"', "/a?x=1,2;3"),
        ('</z>; rel="prev", </a>; rel="next"', "/a"),
        ('</z>; rel=prev; title="a, <b>; rel=next", </a>; REL=Next', "/a"),
        ('</a>; title="\\"; rel=prev"; rel="next"', "/a"),
        ('</a>; rel="prev next"', "/a"),
        ('</z>; rel="prev"; rel="next"', None),
        ("</a>;rel=next;rel=prev", "/a"),
        ("</a> ; rel = next", "/a"),
        ("</a>; crossorigin; rel=next", "/a"),
        ("</z>, </a>; rel=next", "/a"),
        (",, ,</a>; rel=next,", "/a"),
        ("</z>; rel=nextone", None),
        ("</z>; xrel=next", None),
        ("</z>; rel", None),
        ("</z> rel=next", None),
        ("</z", None),
        ("", None),
    ],
)
def test_the_next_link(link, target):
    assert next_link(link) == target


@pytest.mark.parametrize(
    ("text", "warnings"),
    [
        ("topic; message", [("topic", "message")]),
        ("a; one, two, b; three", [("a", "one, two"), ("b", "three")]),
        ("a; b; c", [("a", "b; c")]),
        ("no topic", []),
        ("; nothing, a; b", [("a", "b")]),
        ("a;", []),
        ("", []),
    ],
)
def test_warnings(text, warnings):
    assert hub_warnings(text) == warnings


@pytest.mark.parametrize(
    "text", ["", "-5", "+5", "1e3", " 5", "5 ", "1_0", "0x5", "\u0663", "\u00b2", "9" * 19, "9" * 5000]
)
def test_what_is_no_number_of_bytes(text):
    assert whole_number(text) is None
    assert range_start(f"bytes {text}-9/10") is None or text in (" 5", "5 ")


def test_numbers_of_bytes():
    assert (whole_number("0"), whole_number("9" * 18), whole_number(None)) == (0, int("9" * 18), None)
    assert range_start("bytes 5-9/10") == range_start("Bytes  5-9/*") == 5
    assert range_start("bytes */10") is None


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("7", 7),
        ("Tue, 14 Nov 2023 22:13:30 GMT", 10),
        ("Tue, 14 Nov 2023 22:13:10 GMT", 0),
        ("", None),
        ("\u0663", None),
        ("Mon, 99 Xyz 99999 99:99:99 +9999", None),
        ("1 Jan 1 00:00:00 +9999", None),
        (f"1 Jan {'9' * 30} 00:00:00 GMT", None),
        ("9" * 5000, float("inf")),
    ],
)
def test_how_long_to_wait(text, seconds):
    assert retry_after(text, NOW) == seconds


def test_the_limit_of_requests():
    assert rate_limit('"api";r=0;t=55') == (0, 55)
    assert rate_limit('"a";r=1 ; t=2, "b";r=3;t=4') == (1, 2)
    assert rate_limit("r=\u0663;t=1") is None


def test_the_policy_of_a_limit():
    assert policy_name('"api";r=0;t=55') == "api"
    assert policy_name("r=0;t=55") is None
    assert quota_policy('"fixed window";"api";q=500;w=300') == (500, 300)
    assert quota_policy("q=500") is None


@given(st.text() | st.text('<>;,="\\ relnxt:/?0123456789'))
def test_nothing_that_a_header_says_is_an_error(text):
    for read in (
        next_link,
        hub_warnings,
        whole_number,
        range_start,
        rate_limit,
        policy_name,
        quota_policy,
    ):
        read(text)
    retry_after(text, NOW)


def refused(check):
    def checked(text):
        try:
            return check(text)
        except HFValidationError:
            return None

    return checked


def failed(kind, path="/api/x"):
    def fail(text):
        body = f'{{"error": "{text}"}}' if kind == "json" else text
        request = Request(operation="a.b", method="GET", path=path if path != "long" else f"https://hub.test/{text}")
        headers = {"content-type": f"text/{kind}", "x-error-message": text, "x-request-id": text}
        return error_for_response(
            request, request, Response(status=401, headers=headers, body=body.encode(), url=request.path)
        )

    return fail


READERS = {
    "Link": (
        next_link,
        ["<", "<a>;", "<>,", '<a>; rel="', "<a>; rel=a ", ";", '"', "\\", "< ", '<a>; x="\\"'],
    ),
    "warnings": (hub_warnings, [",", ", ", ";", "a;b,", " ", ",;", "a,"]),
    "RateLimit": (rate_limit, ["r=", "r=1", "r=1 ", "r=1;", "r=1;t", " "]),
    "RateLimit-Policy": (quota_policy, ["q=", "q=1", "q=1 ", "q=1;", "q=1;w", " "]),
    "policy": (policy_name, ['"', '"a', " ", "a"]),
    "Retry-After": (lambda text: retry_after(text, NOW), ["1", "Mon, ", " ", ":"]),
    "Content-Range": (range_start, ["bytes ", "1", " "]),
    "redaction": (redact_text, ["http://", "http://a?b ", "hf_", "Bearer ", "token=", "https://?", "sig=abcd&", " "]),
    "error in JSON": (failed("json"), ["http://", "a, ", "; "]),
    "error in XML": (failed("xml"), ["<Message>", "<Message>a</Message>", "<", "</Message>"]),
    "error in text": (failed("plain"), ["http://", "hf_", " "]),
    "error of a long path": (failed("html", "long"), ["/", "/resolve", "/a/resolve/"]),
    "repo id": (refused(checked_repo_id), ["a", "a/", "-", ".", "--"]),
    "revision": (refused(checked_revision), ["a", "a/", "a.", "@", ".lock"]),
    "path": (refused(checked_file), ["a/", "a", "./"]),
    "user's patterns": (
        lambda text: filter_paths([text, "a" * 500], ["*a*a*a*b", "*[ab]*?*c", "[", "*/*/*b"], text[:2000]),
        ["a", "a/", "*a", "[", "ab"],
    ),
    ".gitignore": (
        lambda text: Ignore(lambda path: "*a*a*a*b\n**/a/**/a/**/b\n" + text if "/" not in path else "").ignores(
            text[:1000]
        ),
        ["a", "a/", "*a\n", "[\n", "\\"],
    ),
    ".gitattributes": (
        lambda text: Attributes(lambda path: text * (not path.count("/"))).lfs("a/" * 50 + "b"),
        ["* filter=lfs\n", "*a", "a filter=", "[", " "],
    ),
}


@pytest.mark.parametrize(("reader", "unit"), [(name, unit) for name, (_, units) in READERS.items() for unit in units])
def test_the_time_is_linear_in_the_length(reader, unit):
    read, _ = READERS[reader]

    def prepare(length: int) -> Callable[[], object]:
        text = unit * (length // len(unit))
        return lambda: read(text)

    assert_linear(prepare, 60_000, least=0.002)
