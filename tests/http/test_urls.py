"""Untrusted URLs: which are accepted, and that the host that was checked is the host connected to."""

# ruff: noqa: RUF001  # these tests need ambiguous characters

from __future__ import annotations

import contextlib
import copy
import itertools
import pickle
import random
from urllib.parse import urljoin, urlsplit

import pytest
import urllib3
from hypothesis import example, given, strategies as st

from hub_typed.errors import HubError, SettingsError
from hub_typed.urls.endpoint import DEFAULT_ENDPOINT, Endpoint
from hub_typed.urls.url import InvalidUrlError, basic_auth, display_url, join_url, no_proxy_matches, parse_url
from tests.linear import assert_linear

HUB = parse_url("http://hub.test/api/models?limit=1")

ACCEPTED = [
    ("http://hub.test", "http://hub.test", ("http", "hub.test", 80)),
    ("https://hub.test/", "https://hub.test/", ("https", "hub.test", 443)),
    ("HTTPS://HUB.Test:443/A?b=C", "https://hub.test:443/A?b=C", ("https", "hub.test", 443)),
    ("http://127.0.0.1:8080/x#part", "http://127.0.0.1:8080/x", ("http", "127.0.0.1", 8080)),
    ("http://[::1]:80/x", "http://[::1]:80/x", ("http", "[::1]", 80)),
    ("http://[FE80::A]/x", "http://[fe80::a]/x", ("http", "[fe80::a]", 80)),
    ("http://hub_1.my-cluster.local/x", "http://hub_1.my-cluster.local/x", ("http", "hub_1.my-cluster.local", 80)),
    ("http://xn--hb-lka.test/x", "http://xn--hb-lka.test/x", ("http", "xn--hb-lka.test", 80)),
    ("http://hub.test?a=b", "http://hub.test/?a=b", ("http", "hub.test", 80)),
    ("http://hub.test/a/../b", "http://hub.test/b", ("http", "hub.test", 80)),
    ("http://hub.test//evil.test/x", "http://hub.test//evil.test/x", ("http", "hub.test", 80)),
    ("http://hub.test/@evil.test/x", "http://hub.test/@evil.test/x", ("http", "hub.test", 80)),
    ("http://hub.test?@evil.test", "http://hub.test/?@evil.test", ("http", "hub.test", 80)),
    ("http://hub.test/datenträger", "http://hub.test/datentr%C3%A4ger", ("http", "hub.test", 80)),
    ("http://hub.test/a%20b?s=%2f&t=a+b", "http://hub.test/a%20b?s=%2F&t=a+b", ("http", "hub.test", 80)),
]
REFUSED = [
    "",
    "hub.test",
    "hub.test:8080/x",
    "/api/models",
    "//hub.test/x",
    "http:hub.test/x",
    "http:/hub.test/x",
    "http:///hub.test/x",
    "http://",
    "http://?x",
    "http://:80/x",
    "ftp://hub.test/x",
    "file:///etc/passwd",
    "javascript://hub.test/%0aalert(1)",
    "http+unix://hub.test/x",
    "http://evil.test\\@hub.test/x",
    "http://hub.test\\.evil.test/x",
    "http://hub.test/\\evil.test",
    "http:\\\\hub.test/x",
    "http://user@hub.test/x",
    "http://user:password@hub.test/x",
    "http://@hub.test/x",
    "http://hub.test:80@evil.test/x",
    "http://a@b@hub.test/x",
    "http://hub.test /x",
    " http://hub.test/x",
    "http://hub.test/x ",
    "http://hub.test/a b",
    "http://hub.test\t/x",
    "ht\ntp://hub.test/x",
    "http://hub.test\r\nx: y/x",
    "http://hub.test/\x00",
    "http://hub.test/\x7f",
    "http://hub.test/\x85",
    "http://hub.test/\u00a0x",
    "http://hub.test/\u202ex",
    "http://hub.test/\ud800",
    "http://hüb.test/x",
    "httpſ://hub.test/x",
    "http://ｈub.test/x",
    "http://hub。test/x",
    "http://hub．test/x",
    "http://hub.test℀evil.test/x",
    "http://hub.test\u200b/x",
    "http://ﬀ.test/x",
    "http://HUB.TEST\u212a/x",
    "http://hub%2etest/x",
    "http://hub.test%2f@evil.test/x",
    "http://hub.test%00.evil.test/x",
    "http://hub.test./x",
    "http://hub..test/x",
    "http://.hub.test/x",
    "http://hub.test,evil.test/x",
    "http://hub.test;evil.test/x",
    "http://hub.test&evil.test/x",
    "http://hub.test<evil.test/x",
    f"http://{'a' * 64}.test/x",
    f"http://{'a.' * 130}test/x",
    "http://hub.test:/x",
    "http://hub.test:0/x",
    "http://hub.test:080/x",
    "http://hub.test:65536/x",
    "http://hub.test:99999999999999999999/x",
    "http://hub.test:-1/x",
    "http://hub.test:+80/x",
    "http://hub.test:8 0/x",
    "http://hub.test:٨٠/x",
    "http://hub.test:80:80/x",
    "http://hub.test:x/x",
    "http://127.1/x",
    "http://2130706433/x",
    "http://0x7f.0.0.1/x",
    "http://0x7f000001/x",
    "http://0177.0.0.1/x",
    "http://127.0.0.01/x",
    "http://127.0.0.256/x",
    "http://127.0.0.1.1/x",
    "http://hub.123/x",
    "http://[::1/x",
    "http://::1/x",
    "http://[]/x",
    "http://[::1]x/x",
    "http://x[::1]/x",
    "http://[::1%eth0]/x",
    "http://[::1%25eth0]/x",
    "http://[fe80::1%]/x",
    "http://[v1.x]/x",
    "http://[1::2::3]/x",
    "http://[::127.0.0.999]/x",
    "http://[hub.test]/x",
]


@pytest.mark.parametrize(("text", "sent", "origin"), ACCEPTED)
def test_a_plain_url_is_accepted(text, sent, origin):
    found = parse_url(text)
    assert (found.text, found.origin, found.account) == (sent, origin, None)
    assert found.text.endswith(found.target)
    assert parse_url(found.text) == found


@pytest.mark.parametrize("text", REFUSED)
def test_a_url_that_could_be_read_in_two_ways_is_refused(text):
    with pytest.raises(InvalidUrlError) as caught:
        parse_url(text)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "account"),
    [
        ("http://user:p%40ss@hub.test/x", "user:p%40ss"),
        ("http://user@hub.test/x", "user"),
        ("http://@hub.test/x", None),
    ],
)
def test_an_account_is_kept_apart_from_what_is_sent(text, account):
    found = parse_url(text, account=True)
    assert (found.text, found.account) == ("http://hub.test/x", account)
    assert "p%40ss" not in repr(found)


@pytest.mark.parametrize(
    "text", ["http://user:p@ss@hub.test/", "http://user:p/ss@hub.test/", "http://user:p\\@hub.test/"]
)
def test_an_account_that_is_not_encoded_is_refused(text):
    with pytest.raises(InvalidUrlError):
        parse_url(text, account=True)


# Comparison with the parsers of urllib3 and the standard library


class Connected(BaseException):
    """Carries the address that urllib3 would connect to."""


class Connector(urllib3.PoolManager):
    """Pool manager that raises `Connected` instead of connecting."""

    def connection_from_pool_key(self, pool_key, request_context=None):
        raise Connected((pool_key.key_scheme, pool_key.key_host.strip("[]"), pool_key.key_port))


CONNECTOR = Connector()


def connected(text):
    try:
        CONNECTOR.urlopen("GET", text, redirect=False, retries=False)
    except Connected as found:
        return found.args[0]
    raise AssertionError(text)


def seen_by_the_standard_library(text):
    parts = urlsplit(text)
    return parts.scheme, (parts.hostname or "").strip("[]"), parts.port or {"http": 80, "https": 443}.get(parts.scheme)


def judged(url):
    return url.scheme, url.host.strip("[]"), url.port


# fmt: off
SCHEMES = [*["http://", "https://"] * 9]
SCHEMES += ["HTTP://", "hTtPs://", "http:", "http:/", "http:///", "//", "ftp://", "http:\\"]
HOSTS = ["hub.test", "evil.test", "HUB.test", "127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "h", "a-b_c", "xn--a", "0"]
ODD = [
    "\\", "@", "\\@", "%40", "%2f", "#", "?", "/", "//", ":", ":80", ":443", ":0", ":99999", "..", ".", " ", "\t",
    "\n", "\r\n", "\x00", "\x1f", "\x7f", "%00", "。", "．", "｡", "／", "＼", "＠", "：", "℀", "ß", "ﬀ", "ü", "\u00ad",
    "\u200b", "\u202e", "\ud83d", "[", "]", "[::1]", "%25", "%", "%zz", ";", ",", "user:pw@", "hub.test@", "@hub.test",
    "0x7f.1", "017", "1e3", "_", "-", "*", "'", '"', "<", ">", "^", "`", "{", "|", "}", "~", "$", "&", "+", "=", "!",
]
TAILS = [
    "", "/", "/a/b?c=d", "/../x", "/./", "//evil.test/", "?q", "#f", "/@evil.test", "/a%2fb", "/x:80", "/ü", "/a;b",
]
# fmt: on


def ugly_urls(count):
    """Generate malformed and unusual URLs; many are valid or differ from a valid URL by a few characters."""
    draw = random.Random(20)
    for _ in range(count):
        parts = [draw.choice(SCHEMES), draw.choice(HOSTS)]
        for _ in range(draw.choice((0, 0, 1, 1, 2, 3))):
            parts.insert(draw.randint(1, len(parts)), draw.choice(ODD if draw.random() < 0.7 else HOSTS))
        parts.append(draw.choice(TAILS))
        if draw.random() < 0.2:
            parts.append(draw.choice(ODD))
        yield "".join(parts)


def test_what_is_judged_is_what_is_connected_to():
    """Of 100,000 generated URLs, none on which the parsers disagree is accepted."""
    accepted = 0
    for text in ugly_urls(100_000):
        try:
            found = parse_url.__wrapped__(text)
        except InvalidUrlError:
            continue
        accepted += 1
        assert connected(found.text) == judged(found), text
        assert seen_by_the_standard_library(found.text) == judged(found), text
        assert seen_by_the_standard_library(text) == judged(found), text
        assert parse_url.__wrapped__(found.text) == found, text
    assert accepted > 20_000


def test_references_are_joined_as_everybody_joins_them_or_not_at_all():
    draw = random.Random(21)
    bases = [HUB, parse_url("https://hub.test:8443/a/b/"), parse_url("http://127.0.0.1:80")]
    accepted = 0
    for text in ugly_urls(30_000):
        base = draw.choice(bases)
        start = draw.choice(("", "", "//", "/", "///", "?", "#", "..", ".//", ";", "x:"))
        reference = text if draw.random() < 0.3 else start + text.partition("://")[2]
        try:
            found = join_url(base, reference)
        except InvalidUrlError:
            continue
        accepted += 1
        assert connected(found.text) == judged(found), reference
        assert seen_by_the_standard_library(urljoin(base.text, reference)) == judged(found), reference
        if "://" not in reference and not reference.startswith("//"):
            assert found.origin == base.origin, reference
    assert accepted > 5_000


@given(st.text(max_size=40), st.sampled_from(["", "http://", "https://hub.test", "http://hub.test:80", "//", "http:"]))
@example("@hub.test\\@", "http://evil.test")
def test_any_text_is_refused_or_judged_as_it_is_connected_to(text, start):
    for parse in (parse_url, lambda text: join_url(HUB, text)):
        try:
            found = parse(start + text)
        except InvalidUrlError:
            continue
        assert connected(found.text) == seen_by_the_standard_library(found.text) == judged(found)


# References


@pytest.mark.parametrize(
    ("reference", "target"),
    [
        ("/x", "http://hub.test/x"),
        ("x", "http://hub.test/api/x"),
        ("?cursor=1", "http://hub.test/api/models?cursor=1"),
        ("../x", "http://hub.test/x"),
        ("../../../x", "http://hub.test/x"),
        ("//evil.test/x", "http://evil.test/x"),
        ("https://evil.test/x", "https://evil.test/x"),
        ("/x?to=http://evil.test/", "http://hub.test/x?to=http://evil.test/"),
        ("/a@evil.test", "http://hub.test/a@evil.test"),
    ],
)
def test_a_reference_is_joined_with_where_it_came_from(reference, target):
    assert join_url(HUB, reference).text == target


@pytest.mark.parametrize(
    "reference",
    [
        *("///evil.test/x", "////evil.test/x", "/\\evil.test/x", "\\\\evil.test/x", "/\t/evil.test/x", "/\n/evil.test"),
        *(
            "http:evil.test/x",
            "http:/evil.test",
            "http:///evil.test",
            "ftp://evil.test/x",
            "javascript:alert(1)",
            "x:y",
        ),
        *("//user@evil.test/x", "//evil.test\\@hub.test/x", "//", "//:80/x", "http://", " /x", "/x y", "/\u2028x"),
    ],
)
def test_a_reference_that_could_be_read_in_two_ways_is_refused(reference):
    with pytest.raises(InvalidUrlError):
        join_url(HUB, reference)


# The endpoint


@pytest.mark.parametrize(
    ("text", "endpoint", "account"),
    [
        (DEFAULT_ENDPOINT, DEFAULT_ENDPOINT, None),
        (f"{DEFAULT_ENDPOINT}/", DEFAULT_ENDPOINT, None),
        ("https://Mirror.test:8443/hf/", "https://mirror.test:8443/hf", None),
        ("http://user:pass@hub.test/", "http://hub.test", "user:pass"),
        ("http://[::1]:8080", "http://[::1]:8080", None),
    ],
)
def test_an_endpoint_is_kept_without_its_account(text, endpoint, account):
    found = Endpoint.of(text)
    assert (str(found), found.account, Endpoint.of(found)) == (endpoint, account, found)
    for other in (pickle.loads(pickle.dumps(found)), copy.copy(found), copy.deepcopy(found)):
        assert (other, other.account) == (found, found.account)
    assert "pass" not in f"{found} {found!r}"


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "hub.test", "hub.test:8080", "localhost", "//hub.test", "/hub", "ftp://hub.test", "file:///hub"),
        *("https:/hub.test", "https://", "http://hub.test?x=SECRET", "http://hub.test#x", "http://hub.test /"),
        *("http://u:SECRET@evil.test\\@hub.test", "http://u:SEC/RET@hub.test", "http://u:SECRET@hub.test\nurl=x"),
        *("u:SECRET@hub.test", "http://u:SECRET@hub.test:x", "http://u:SEC@RET@hub.test", "http://u:SEC?RET@hub.test"),
    ],
)
def test_an_endpoint_that_is_no_url_is_refused_with_what_to_write(text):
    with pytest.raises(SettingsError, match=r"the argument endpoint.*'https://huggingface\.co'") as caught:
        Endpoint.of(text)
    assert isinstance(caught.value, HubError | ValueError)
    assert "SEC" not in str(caught.value)
    assert str(caught.value).isprintable()


def test_an_account_is_sent_decoded():
    assert basic_auth("user:p%40ss:w") == "Basic dXNlcjpwQHNzOnc="
    assert basic_auth("user") == "Basic dXNlcjo="
    assert basic_auth("%C3%BC:%E2%82%AC") == "Basic w7w64oKs"


# `no_proxy`


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("*", "http://hub.test/"),
        ("hub.test", "http://HUB.test/"),
        ("a.test, HUB.test ,", "http://hub.test:8080/"),
        (".test", "http://hub.test/"),
        ("test", "http://hub.test/"),
        ("hub.test:8080", "http://hub.test:8080/"),
        ("hub.test:443", "https://hub.test/"),
        ("127.0.0.1", "http://127.0.0.1:1/"),
        ("10.0.0.0/8,127.0.0.0/8", "http://127.9.9.9/"),
        ("192.168.1.7/16", "http://192.168.200.1/"),
        ("::1", "http://[::1]/"),
        ("[::1]", "http://[::1]/"),
        ("[::1]:80", "http://[::1]/"),
        ("0:0:0:0:0:0:0:1", "http://[::1]/"),
        ("fe80::/10", "http://[fe80::a]/"),
    ],
)
def test_no_proxy_names_hosts_domains_addresses_and_networks(no_proxy, url):
    assert no_proxy_matches(parse_url(url), no_proxy)


@pytest.mark.parametrize(
    ("no_proxy", "url"),
    [
        ("", "http://hub.test/"),
        (",", "http://hub.test/"),
        (".", "http://hub.test/"),
        ("b.test", "http://hub.test/"),
        ("hub.test", "http://hub.test.evil.test/"),
        ("hub.test", "http://evilhub.test/"),
        ("hub.test:8080", "http://hub.test:8081/"),
        ("10.0.0.0/8", "http://11.0.0.1/"),
        ("10.0.0.0/99", "http://10.0.0.1/"),
        ("10.0.0.0/8", "http://[::1]/"),
        ("::/0", "http://10.0.0.1/"),
        ("10.0.0.0/8", "http://10.hub.test/"),
    ],
)
def test_no_proxy_names_no_others(no_proxy, url):
    assert not no_proxy_matches(parse_url(url), no_proxy)


# `display_url`


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("https://hub.test/a/b?sig=SECRET#x", "https://hub.test/a/b?..."),
        ("https://hub.test/a@b", "https://hub.test/a@b"),
        ("/api/a@b?SECRET", "/api/a@b?..."),
        ("https://hub.test?u=SECRET@b", "https://hub.test?..."),
        ("https://user:SECRET@hub.test/a", "https://hub.test/a"),
        ("https://user:SECRET@hub.test", "https://hub.test"),
        ("user:SECRET@hub.test/a", "hub.test/a"),
        ("//user:SECRET@hub.test/a", "...@hub.test/a"),
        ("https://user:SEC/RET@hub.test/a", "https://...@hub.test/a"),
        ("https://user:SECRET\\@hub.test/a", "https://...@hub.test/a"),
        ("https://user:SECRET?x@hub.test/a", "https://...?..."),
        ("https://user:SECRET#x@hub.test/a", "https://..."),
        ("https://user:SECRET@a@hub.test/a", "https://hub.test/a"),
        ("https:/user:SECRET@hub.test/a", "...@hub.test/a"),
        ("user:SECRET://x@hub.test", "...@hub.test"),
        ("http://[broken?SECRET", "http://[broken?..."),
        ("http://hub.test/\x1b[31m\n\u202e", "http://hub.test/\\x1b[31m\\n\\u202e"),
        ("http://hub.test/ä", "http://hub.test/ä"),
        ("", ""),
    ],
)
def test_a_url_is_shown_without_secrets(url, text):
    assert display_url(url) == text


@given(
    st.sampled_from(["http://", "https://", "HTTP://", "//", "", "http:/", "http:", "http:\\\\"]),
    st.text(st.sampled_from("ab:/\\?#[]%. \t\n\x1b。"), max_size=6),
    st.text(st.sampled_from("ab:/\\?#[]%. \t\n\x1b。@"), max_size=6),
)
def test_a_password_is_never_shown_however_it_is_written(start, before, after):
    url = f"{start}user:{before}SECRET{after}@hub.test/x"
    parts = urlsplit_or_none(url)
    told = display_url(url)
    assert told.isprintable()
    if parts is not None and (parts.password and "SECRET" in parts.password):
        assert "SECRET" not in told


def urlsplit_or_none(url):
    try:
        return urlsplit(url)
    except ValueError:
        return None


@given(st.text())
def test_any_text_can_be_shown(text):
    assert display_url(text).isprintable()


@pytest.mark.parametrize("letter", [chr(code) for code in range(128, 0x10000) if chr(code).lower().isascii()])
def test_a_letter_that_becomes_another_in_lower_case_is_refused(letter):
    for text in (f"http://hub.test{letter}/", f"http{letter}://hub.test/", f"http{letter}", f"{letter}ttp://hub.test"):
        with pytest.raises(InvalidUrlError):
            parse_url(text)


@given(
    st.from_regex(r"https?://[a-z0-9.-]{1,20}(:[0-9]{1,5})?", fullmatch=True),
    st.lists(st.from_regex(r"([\w.~-]|%[0-9A-F]{2}){1,6}", fullmatch=True), min_size=1, max_size=5),
)
@example("http://hub.test", ["a", "..", "b"])
@example("http://hub.test", [".", "b"])
@example("http://hub.test:99999", ["b"])
@example("http://1.2", ["b"])
def test_a_plain_url_is_read_as_any_other(origin, parts):
    """A URL that needs no normalization takes a short path, with the same result."""
    text = f"{origin}/{'/'.join(parts)}"
    try:
        expected = parse_url(f"{text}?x")  # with a query, it takes the usual path
    except InvalidUrlError:
        with pytest.raises(InvalidUrlError):
            parse_url(text)
    else:
        found = parse_url(text)
        assert (found.origin, found.path) == (expected.origin, expected.path)
        assert f"{found.text}?x" == expected.text


LINEAR = {"shown": display_url, "parsed": parse_url, "joined": lambda text: join_url(HUB, text)}


@pytest.mark.parametrize(
    "piece", ["@", "\\", "http://", "/", "?", "a@", ":", "[", "\x1b", ".", "a.", "1.", "%40", "../", "//", "a:b@", "-"]
)
@pytest.mark.parametrize("work", ["shown", "parsed", "joined"])
def test_work_grows_with_the_length_of_a_url(work, piece):
    runs = itertools.count()

    def prepare(length):
        url = "http://" + piece * (length // len(piece)) + str(next(runs))

        def read():
            with contextlib.suppress(InvalidUrlError):
                LINEAR[work](url)

        return read

    assert_linear(prepare, 200_000)
