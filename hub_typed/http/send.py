"""Send requests with retries and redirects, and parse their responses."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from hub_typed.errors import (
    NEVER_RETRIED,
    HfHubHTTPError,
    HubError,
    HubTimeoutError,
    OfflineModeIsEnabled,
    ProtocolError,
    TransportError,
)
from hub_typed.http.error_responses import display_url, error_for_response, excerpt, redact_text, secret_free_cause
from hub_typed.http.header_values import hub_warnings
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import redact_secrets, request_secrets
from hub_typed.urls.url import parse_url
from hub_typed_api.wire import Call, Request, Response, Source

if TYPE_CHECKING:
    from hub_typed.http.io import Io, Sink
from hub_typed.http.redirects import redirect_request
from hub_typed.http.requests import is_trusted, prepare_request, request_url
from hub_typed.http.retry import TOO_MANY_REQUESTS, delay_after_error, retry_delay

__all__ = ["execute", "send_request"]

T = TypeVar("T")


MAX_REDIRECTS = 10


PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""What reading an answer raises that is not what the spec says: the decoders check nothing that they need not."""


MAX_REASON_LENGTH = 500


MAX_WARNING_TOPICS = 1000
"""Topics of warnings that are remembered; more are not shown."""


_warned: set[str] = set()


async def send_request(
    io: Io,
    request: Request,
    *,
    sink: Sink | None = None,
    timeout: float | None = None,
    deadline: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> Response:
    """Send a request with retries and redirects.

    Args:
        sink: Takes the body of an answer. Where a connection breaks after that began, the caller resumes: it alone
            knows from which byte.
        timeout: Seconds for the whole answer, repeated requests and redirects included; the deadline of the settings
            if not given. With a sink: seconds without a byte until the connection counts as dead.
        deadline: With a sink: seconds until its body begins; the deadline of the settings if not given.
        single_attempt: Do not ask again, whatever happens.
        extend_for_rate_limit: Whether delays that a rate limit asks for come on top of the timeout; by default, only
            if no ``timeout`` is given.

    Raises:
        HfHubHTTPError: The Hub answered with an error; the class tells which.
        HubTimeoutError: The time is over.
        TransportError: There was no whole answer, as often as it was tried.
        ProtocolError: The Hub leads to a URL that is refused.
    """
    if io.settings.offline:
        raise OfflineModeIsEnabled(
            f"{request.operation}: offline mode is on, so that {display_url(request_url(request, io.settings).text)} was not "
            "requested. Unset HF_HUB_OFFLINE to allow it."
        )
    given = timeout is not None and sink is None
    left = timeout if timeout is not None and sink is None else deadline
    left = io.settings.deadline if left is None else left
    uploads = isinstance(request.body, Source)  # sending it may take any time; each answer to it has the whole time
    attempt = 1
    while True:
        began = io.now()
        extended = False
        try:
            return await _attempt(io, request, sink, timeout, left)
        except HfHubHTTPError as error:
            wait = None if single_attempt else delay_after_error(io, request, error, attempt)
            if wait is None:
                raise
            limited = error.response is not None and error.response.status_code == TOO_MANY_REQUESTS
            extended = limited and (extend_for_rate_limit if extend_for_rate_limit is not None else not given)
            if not uploads and not extended and wait >= left - max(0.0, io.now() - began):
                error.append_to_message(f"\nThe next attempt in {wait:.1f} s would come after the time allowed for it.")
                raise
        except NEVER_RETRIED:
            raise
        except TransportError:
            if single_attempt or sink is not None or not request.retry or attempt >= io.settings.attempts:
                raise
            wait = retry_delay(None, attempt, io.settings, io.random(), io.now()) or 0.0
            if not uploads and wait >= left - max(0.0, io.now() - began):
                raise
        if not uploads:
            left -= max(0.0, io.now() - began) + (0.0 if extended else wait)
        _log.info("%s failed, attempt %d; again in %.1f s", request.operation, attempt, wait)
        attempt += 1
        await io.sleep(wait)


async def _attempt(io: Io, request: Request, sink: Sink | None, timeout: float | None, seconds: float) -> Response:
    """Send a request once, following redirects, within some seconds.

    Once a redirect has left the trusted origins, nothing secret is sent any more, also where it leads back.
    """
    url = request_url(request, io.settings)
    trusted = True
    began = io.now()
    for _ in range(MAX_REDIRECTS + 1):
        trusted = trusted and is_trusted(request, url, io.settings)
        sent = prepare_request(request, io.settings, io.token, io.headers, url=url, trusted=trusted)
        left = seconds if isinstance(sent.body, Source) else seconds - max(0.0, io.now() - began)
        if left <= 0:
            raise HubTimeoutError(f"{request.operation}: no whole answer within {seconds:.3g} s, redirects included.")
        response = await io.send(sent, sink=sink, timeout=timeout, deadline=left)
        if not response.url:  # of a transport that does not say
            response = attrs.evolve(response, url=sent.path)
        _log_hub_warnings(response)
        onward = redirect_request(request, response, io.settings)
        if onward is None:
            if error := error_for_response(request, sent, response):
                raise error
            return response
        request, url = onward, parse_url(onward.path)
    raise ProtocolError(
        f"{request.operation}: more than {MAX_REDIRECTS} redirects, the last to {display_url(request.path)}."
    )


def _log_hub_warnings(response: Response) -> None:
    """Log the warnings of the Hub, each topic once."""
    for topic, message in hub_warnings(response.headers.get("x-hf-warning", "")):
        if topic not in _warned and len(_warned) < MAX_WARNING_TOPICS:
            _warned.add(topic)
            _log.warning("The Hub warns: %s", redact_text(message))


# --- what it says


async def execute(
    io: Io,
    call: Call[T],
    *,
    sink: Sink | None = None,
    timeout: float | None = None,
    deadline: float | None = None,
    single_attempt: bool = False,
    extend_for_rate_limit: bool | None = None,
) -> T:
    """Send an operation and parse its response; see `send_request`.

    Raises:
        HfHubHTTPError: The Hub answered with an error.
        ProtocolError: The answer is not what the spec says.
        TransportError: There was no whole answer.
    """
    response = await send_request(
        io,
        call.request,
        sink=sink,
        timeout=timeout,
        deadline=deadline,
        single_attempt=single_attempt,
        extend_for_rate_limit=extend_for_rate_limit,
    )
    return parse_response(call.request, response, call)


def parse_response(request: Request, response: Response, call: Call[T]) -> T:
    try:
        return call.parse(response)
    except HubError:
        raise
    except PARSE_ERRORS as error:
        what = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        secrets = request_secrets(request)
        what = redact_text(redact_secrets(what, secrets))[:MAX_REASON_LENGTH]
        kind = redact_text(redact_secrets(response.headers.get("content-type", "no content type"), secrets))[:100]
        raise ProtocolError(
            f"{request.operation}: the answer of {display_url(response.url)} (status {response.status}, {kind}) "
            f"is not what the spec says: {what}. "
            f"It begins with {excerpt(response.body[:4096].decode(errors='replace'), secrets)}."
        ) from secret_free_cause(error, secrets)
