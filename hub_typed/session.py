"""The rules of talking to the Hub: preparing a request, sending it again, following redirects and pages.

Four functions touch the world, through `Io`; the others are pure.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import AsyncGenerator, Sequence
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlencode

import attrs

from hub_typed.auth import token_to_send
from hub_typed.endpoint import DEFAULT_ENDPOINT
from hub_typed.errors import (
    NEVER_RETRIED,
    HfHubHTTPError,
    HubError,
    HubTimeoutError,
    OfflineModeIsEnabled,
    ProtocolError,
    TransportError,
)
from hub_typed.failures import excerpt, failure, redacted, safe_cause, shown
from hub_typed.header_values import hub_warnings, next_link, rate_limit, retry_after
from hub_typed.logs import log as _log
from hub_typed.redaction import remember, request_secrets, without_secrets
from hub_typed.urls import InvalidUrlError, Url, basic_auth, joined_url, parse_url
from hub_typed_api.path import HFValidationError
from hub_typed_api.wire import Call, Page, Paged, Query, Request, Response, Source

if TYPE_CHECKING:
    from hub_typed.auth import Token
    from hub_typed.io import Io, Sink
    from hub_typed.settings import Settings

__all__ = [
    "answer",
    "at_home",
    "checked_reference",
    "exchange",
    "items",
    "page",
    "pages",
    "patience",
    "prepared",
    "redirected",
]

T = TypeVar("T")
REDIRECTS = (301, 302, 303, 307, 308)
MOST_REDIRECTS = 10
MOST_EMPTY_PAGES = 100
TOO_MANY = 429
READING = ("GET", "HEAD")
RETRIED = (408, TOO_MANY, 500, 502, 503, 504)
DEFAULT_ORIGIN = ("https", DEFAULT_ENDPOINT.removeprefix("https://"), 443)
MISREAD = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading an answer raises that is not what the spec says: the decoders check nothing that they need not."""
MOST_SHOWN = 500
MOST_WARNINGS = 1000
"""Topics of warnings that are remembered; more are not shown."""
_NOT_IN_A_HEADER = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
_warned: set[str] = set()


# --- one request


def at_home(url: str, settings: Settings) -> str:
    """A URL that the Hub tells; one that names the default host is meant for the client's own endpoint.

    Raises:
        ProtocolError: It is no URL that is followed.
    """
    try:
        return _at_home(url, settings).text
    except InvalidUrlError as error:
        raise ProtocolError(f"The Hub tells of {shown(url)}, which is no URL: {error}.") from None


def _at_home(url: str, settings: Settings) -> Url:
    found = parse_url(settings.endpoint + url if url.startswith("/") else url)
    if settings.endpoint != DEFAULT_ENDPOINT and found.origin == DEFAULT_ORIGIN:
        return parse_url(settings.endpoint + found.target)
    return found


def _trusted(request: Request, url: Url, settings: Settings) -> bool:
    """Whether a URL is of the Hub, or of the host that the operation itself lives on."""
    return url.origin == parse_url(settings.endpoint).origin or (
        request.server != "" and url.origin == parse_url(request.server).origin
    )


def _url_of(request: Request, settings: Settings) -> Url:
    """The whole URL that a request goes to.

    Raises:
        ProtocolError: It is refused.
    """
    elsewhere = request.server and request.path.startswith("/")
    try:
        found = parse_url(request.server + request.path) if elsewhere else _at_home(request.path, settings)
        if not request.query:
            return found
        return parse_url(f"{found.text}{'&' if found.query is not None else '?'}{urlencode(request.query)}")
    except InvalidUrlError as error:
        raise ProtocolError(f"{request.operation}: {shown(request.path)} is refused: {error}.") from None


def prepared(
    request: Request,
    settings: Settings,
    token: Token,
    headers: dict[str, str],
    *,
    url: Url | None = None,
    trusted: bool = True,
) -> Request:
    """The request as it is sent: a whole URL, and at the Hub's own origin the client's headers and its token.

    Args:
        url: Where it goes, in place of its path and query.
        trusted: Whether whoever named the URL may direct a request with a token.

    Raises:
        LocalTokenNotFoundError: The stored token is demanded, and there is none.
        ProtocolError: The URL is refused.
        HFValidationError: A header has a character that no header may have.
    """
    url = url or _url_of(request, settings)
    if request.method not in READING and url.scheme == "http" and settings.endpoint.startswith("https:"):
        raise ProtocolError(
            f"{request.operation}: {shown(url.text)} is not encrypted, and the Hub is at {settings.endpoint}; refused."
        )
    given = {name.lower(): value for name, value in request.headers.items()}
    if not (trusted and _trusted(request, url, settings)):
        given.pop("authorization", None)
        sent = {"user-agent": headers["user-agent"], **given}
    else:
        sent = {**given, **headers}
        if "x-amzn-trace-id" not in sent:
            sent["x-amzn-trace-id"] = sent.get("x-request-id") or str(uuid.uuid4())
        if not request.authenticated:
            sent.pop("authorization", None)
        elif "authorization" not in sent and (credentials := _credentials(url, settings, token)):
            sent["authorization"] = credentials
        if signed := sent.get("authorization"):
            remember(signed.partition(" ")[2] or signed)
    for name, value in sent.items():
        if not (value.isascii() and value.isprintable()) and _NOT_IN_A_HEADER.search(value):
            raise HFValidationError(f"Invalid header {name!r}: it has a character that no header may have.")
    return attrs.evolve(request, path=url.text, query=(), headers=sent)


def _credentials(url: Url, settings: Settings, token: Token) -> str | None:
    """The token, or else the account that the endpoint was given with."""
    if secret := token_to_send(token, settings):
        return f"Bearer {secret}"
    if settings.endpoint.account and url.origin == parse_url(settings.endpoint).origin:
        return basic_auth(settings.endpoint.account)
    return None


def checked_reference(request: Request, source: str, reference: str) -> Url:
    """The URL that an answer leads to, as in ``Location``, ``Link`` and LFS actions.

    Args:
        source: Where the answer came from.
        reference: A whole URL, or one that is relative to that.

    Raises:
        ProtocolError: It is no URL, or is not encrypted where the answer was.
    """
    try:
        base = parse_url(source)
        found = joined_url(base, reference)
    except InvalidUrlError as error:
        raise ProtocolError(
            f"{request.operation}: {shown(source)} leads to {shown(str(reference))}, no URL that is followed: {error}."
        ) from None
    if base.scheme == "https" and found.scheme != "https":
        raise ProtocolError(
            f"{request.operation}: {shown(source)} leads to {shown(found.text)}, which is not encrypted; "
            "this is refused."
        )
    return found


def _decoded(header: str) -> str:
    """A header, which was read as Latin-1, as UTF-8 if it is that: some servers do not encode the letters of a URL."""
    try:
        return header if header.isascii() else header.encode("latin-1").decode()
    except UnicodeError:
        return header


def redirected(request: Request, response: Response, settings: Settings | None = None) -> Request | None:
    """The request that an answer sends one on to, whose path is the whole URL; ``None`` if it does not.

    Args:
        settings: Whose endpoint stands for the default host.

    Raises:
        ProtocolError: It leads from https to http, to what is no URL, or with a body to another origin.
    """
    location = response.headers.get("location")
    if response.status not in REDIRECTS or not location:
        return None
    target = checked_reference(request, response.url, _decoded(location))
    here = parse_url(response.url)
    if request.redirect == "relative" and _is_answer(request, response, location, here, target):
        return None
    if settings is not None:
        mapped = _at_home(target.text, settings)
        # A mirror that sends its own URL on to the default host does mean that.
        target = target if mapped.text == here.text else mapped
    if response.status == 303 and request.method != "HEAD":
        return attrs.evolve(request, method="GET", path=target.text, query=(), body=None)
    if request.method not in READING and target.origin != here.origin:
        raise ProtocolError(
            f"{request.operation}: {shown(here.text)} redirects this {request.method} to {shown(target.text)}, another "
            "origin, where its content does not go; refused. If that is where the Hub is, make it the endpoint."
        )
    return attrs.evolve(request, path=target.text, query=())


def _is_answer(request: Request, response: Response, location: str, here: Url, target: Url) -> bool:
    """Whether an absolute redirect is the answer to a request that follows relative ones.

    The metadata of a file are not: they may be told only at the end, where a Hub redirects to itself.
    """
    absolute = location.startswith("//") or ":" in location.partition("/")[0]
    told = request.method != "HEAD" or "x-linked-etag" in response.headers
    return absolute and (told or target.origin not in (here.origin, DEFAULT_ORIGIN))


# --- again


def patience(response: Response | None, attempt: int, settings: Settings, chance: float, now: float) -> float | None:
    """Seconds to wait before the next attempt; ``None``: the Hub asks for more than the settings allow.

    Args:
        response: What the Hub answered; ``None`` if it did not.
        attempt: Number of the attempt that failed, from 1.
        chance: A number from 0 to 1.
        now: Seconds since 1970.
    """
    asked = None if response is None else _asked_wait(response, now)
    if asked is not None:
        return asked if asked <= settings.longest_wait else None
    ceiling: float = min(settings.longest_backoff, settings.backoff * 2 ** (attempt - 1))
    return ceiling * chance


def _asked_wait(response: Response, now: float) -> float | None:
    """Seconds that the Hub asks one to wait."""
    limit = rate_limit(response.headers.get("ratelimit", ""))
    if response.status == TOO_MANY and limit and limit[0] == 0:
        return limit[1] + 1  # the Hub rounds down
    return retry_after(response.headers.get("retry-after", ""), now)


async def exchange(
    io: Io,
    request: Request,
    *,
    sink: Sink | None = None,
    timeout: float | None = None,
    deadline: float | None = None,
    once: bool = False,
    waits: bool | None = None,
) -> Response:
    """Send a request, again where that may help, and on to where the Hub redirects it.

    Args:
        sink: Takes the body of an answer. Where a connection breaks after that began, the caller resumes: it alone
            knows from which byte.
        timeout: Seconds for the whole answer, repeated requests and redirects included; the deadline of the settings
            if not given. With a sink: seconds without a byte until the connection counts as dead.
        deadline: With a sink: seconds until its body begins; the deadline of the settings if not given.
        once: Do not ask again, whatever happens.
        waits: Whether the time that a rate limit makes one wait comes on top of the time-out; only where no ``timeout``
            is given, if not said.

    Raises:
        HfHubHTTPError: The Hub answered with an error; the class tells which.
        HubTimeoutError: The time is over.
        TransportError: There was no whole answer, as often as it was tried.
        ProtocolError: The Hub leads to a URL that is refused.
    """
    if io.settings.offline:
        raise OfflineModeIsEnabled(
            f"{request.operation}: offline mode is on, and {shown(_url_of(request, io.settings).text)} would have been "
            "asked. Unset HF_HUB_OFFLINE to allow it."
        )
    given = timeout is not None and sink is None
    whole = timeout if sink is None else deadline
    left = io.settings.deadline if whole is None else whole
    uploads = isinstance(request.body, Source)  # sending it may take any time; each answer to it has the whole time
    attempt = 1
    while True:
        began = io.now()
        extended = False
        try:
            return await _attempt(io, request, sink, timeout, left)
        except HfHubHTTPError as error:
            wait = None if once else _wait(io, request, error, attempt)
            if wait is None:
                raise
            limited = error.response is not None and error.response.status_code == TOO_MANY
            extended = limited and (waits if waits is not None else not given)
            if not uploads and not extended and wait >= left - max(0.0, io.now() - began):
                error.append_to_message(f"\nThe next attempt in {wait:.1f} s would come after the time allowed for it.")
                raise
        except NEVER_RETRIED:
            raise
        except TransportError:
            if once or sink is not None or not request.retry or attempt >= io.settings.attempts:
                raise
            wait = patience(None, attempt, io.settings, io.chance(), io.now()) or 0.0
            if not uploads and wait >= left - max(0.0, io.now() - began):
                raise
        if not uploads:
            left -= max(0.0, io.now() - began) + (0.0 if extended else wait)
        _log.info("%s failed, attempt %d; again in %.1f s", request.operation, attempt, wait)
        attempt += 1
        await io.pause(wait)


async def _attempt(io: Io, request: Request, sink: Sink | None, timeout: float | None, seconds: float) -> Response:
    """Send a request once, and on to where the Hub redirects it, within so many seconds.

    Once a redirect has left the trusted origins, nothing secret is sent any more, also where it leads back.
    """
    url = _url_of(request, io.settings)
    trusted = True
    began = io.now()
    for _ in range(MOST_REDIRECTS + 1):
        trusted = trusted and _trusted(request, url, io.settings)
        sent = prepared(request, io.settings, io.token, io.headers, url=url, trusted=trusted)
        left = seconds if isinstance(sent.body, Source) else seconds - max(0.0, io.now() - began)
        if left <= 0:
            raise HubTimeoutError(f"{request.operation}: no whole answer within {seconds:.3g} s, redirects included.")
        response = await io.send(sent, sink=sink, timeout=timeout, deadline=left)
        if not response.url:  # of a transport that does not say
            response = attrs.evolve(response, url=sent.path)
        _warn(response)
        onward = redirected(request, response, io.settings)
        if onward is None:
            if error := failure(request, sent, response):
                raise error
            return response
        request, url = onward, parse_url(onward.path)
    raise ProtocolError(
        f"{request.operation}: more than {MOST_REDIRECTS} redirects, the last to {shown(request.path)}."
    )


def _wait(io: Io, request: Request, error: HfHubHTTPError, attempt: int) -> float | None:
    """Seconds until the Hub is asked again after an error; ``None``: it is not."""
    answer = error.response
    if answer is None or answer.status_code not in RETRIED:
        return None
    response = Response(status=answer.status_code, headers=answer.headers)
    asked = _asked_wait(response, io.now())
    longer = asked is not None and asked > io.settings.longest_wait
    again = request.retry or answer.status_code == TOO_MANY
    if longer or not again or attempt >= io.settings.attempts:
        if asked:
            _tell_wait(error, asked, io.settings.longest_wait)
        return None
    return patience(response, attempt, io.settings, io.chance(), io.now())


def _tell_wait(error: HfHubHTTPError, asked: float, longest: float) -> None:
    """Have an error tell how long the Hub asks one to wait, and what allows it."""
    if error.context is not None:
        error.context = attrs.evolve(error.context, retry_after=asked)
    told = f"\nThe Hub asks to wait {_duration(asked)} before the next request"
    if asked > longest:
        told += f", longer than the {longest:g} s allowed; Settings(longest_wait=...) allows more"
    error.append_to_message(f"{told}.")


def _duration(seconds: float) -> str:
    """Seconds, and as minutes, hours or days where there are many."""
    if seconds >= 10**9:
        return "more than 30 years"
    text = f"{math.ceil(seconds)} s"
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{text} ({seconds / unit:.3g} {name})"
    return text


def _warn(response: Response) -> None:
    """The Hub's own warnings, ``topic; message``: each topic once."""
    for topic, message in hub_warnings(response.headers.get("x-hf-warning", "")):
        if topic not in _warned and len(_warned) < MOST_WARNINGS:
            _warned.add(topic)
            _log.warning("The Hub warns: %s", redacted(message))


# --- what it says


async def answer(
    io: Io,
    call: Call[T],
    *,
    sink: Sink | None = None,
    timeout: float | None = None,
    deadline: float | None = None,
    once: bool = False,
    waits: bool | None = None,
) -> T:
    """Send an operation and read its answer; see `exchange`.

    Raises:
        HfHubHTTPError: The Hub answered with an error.
        ProtocolError: The answer is not what the spec says.
        TransportError: There was no whole answer.
    """
    response = await exchange(io, call.request, sink=sink, timeout=timeout, deadline=deadline, once=once, waits=waits)
    return _read(call.request, response, call)


def _read(request: Request, response: Response, call: Call[T]) -> T:
    try:
        return call.parse(response)
    except HubError:
        raise
    except MISREAD as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        secrets = request_secrets(request)
        what = redacted(without_secrets(what, secrets))[:MOST_SHOWN]
        kind = redacted(without_secrets(response.headers.get("content-type", "no content type"), secrets))[:100]
        raise ProtocolError(
            f"{request.operation}: the answer of {shown(response.url)} (status {response.status}, {kind}) "
            f"is not what the spec says: {what}. "
            f"It begins with {excerpt(response.body[:4096].decode(errors='replace'), secrets)}."
        ) from safe_cause(error, secrets)


async def page(
    io: Io,
    paged: Paged[T],
    *,
    seen: int = 0,
    timeout: float | None = None,
    once: bool = False,
    waits: bool | None = None,
) -> Page[T]:
    """One page of a list.

    Args:
        seen: How many items the pages before it had.
        timeout: Seconds for the page; see `exchange`, also for the others.

    Raises:
        ProtocolError: The answer is not what the spec says, or its next page lies at another host.
    """
    response = await exchange(io, paged.request, timeout=timeout, once=once, waits=waits)
    found = _read(paged.request, response, Call(paged.request, paged.parse))
    if (follow := paged.follow) is not None:

        def following(response: Response) -> Request | None:
            return follow(paged.request, response, len(found), seen + len(found))

        return Page(found, _read(paged.request, response, Call(paged.request, following)))
    link = next_link(response.headers.get("link", ""))
    if link is None:
        return Page(found, None)
    target = _at_home(checked_reference(paged.request, response.url, _decoded(link)).text, io.settings)
    if not _trusted(paged.request, target, io.settings):
        raise ProtocolError(
            f"{paged.request.operation}: the next page is said to be at {shown(target.text)}, another host; refused."
        )
    # Who is not trusted with the token must not direct a request that carries it.
    signed = paged.request.authenticated and _trusted(paged.request, parse_url(response.url), io.settings)
    return Page(found, attrs.evolve(paged.request, path=target.text, query=(), authenticated=signed))


async def pages(
    io: Io,
    paged: Paged[T],
    *,
    timeout: float | None = None,
    once: bool = False,
    waits: bool | None = None,
) -> AsyncGenerator[Page[T], None]:
    """All pages of a list, each asked for when it is wanted.

    Raises:
        ProtocolError: The pages go round in a circle, or bring the same items again and again, or nothing.
    """
    asked: set[tuple[str, Query]] = set()
    contents: set[bytes] = set()
    seen = empty = 0
    request: Request | None = paged.request
    while request is not None:
        if (request.path, request.query) in asked:
            raise ProtocolError(f"{request.operation}: the pages go round in a circle at {shown(request.path)}.")
        asked.add((request.path, request.query))
        found = await page(io, attrs.evolve(paged, request=request), seen=seen, timeout=timeout, once=once, waits=waits)
        if found.items:
            empty = 0
            content = _content(found.items)
            if content in contents:
                raise ProtocolError(
                    f"{request.operation}: the pages go round in a circle: {shown(request.path)} brings the items "
                    "of an earlier page again."
                )
            contents.add(content)
        elif found.next is not None:
            empty += 1
            if empty >= MOST_EMPTY_PAGES:
                raise ProtocolError(
                    f"{request.operation}: {empty} pages in a row are empty, the last at {shown(request.path)}, and "
                    "more are announced."
                )
        yield found
        seen += len(found.items)
        request = found.next


def _content(found: Sequence[object]) -> bytes:
    """A digest that tells pages apart: of all items of a short page, of the ends of a long one, for speed."""
    from hashlib import blake2b

    told = found if len(found) <= 8 else [*found[:4], *found[-4:]]
    return blake2b(repr((len(found), told)).encode(errors="surrogatepass"), digest_size=16).digest()


async def items(
    io: Io,
    paged: Paged[T],
    *,
    limit: int | None = None,
    timeout: float | None = None,
    once: bool = False,
    waits: bool | None = None,
) -> AsyncGenerator[T, None]:
    """All items of a list, page after page.

    Args:
        limit: How many at most.
        timeout: Seconds for each page; see `exchange`, also for the others.
    """
    left = limit
    if left is not None and left <= 0:
        return
    async for found in pages(io, paged, timeout=timeout, once=once, waits=waits):
        for item in found.items:
            yield item
            if left is not None:
                left -= 1
                if left <= 0:
                    return
