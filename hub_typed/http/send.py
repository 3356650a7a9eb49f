"""Send requests with retries and redirects, and parse their responses."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, TypeVar

import attrs

from hub_typed.errors import (
    HfHubHTTPError,
    HubError,
    HubTimeoutError,
    OfflineModeIsEnabled,
    ProtocolError,
    TransportError,
)
from hub_typed.http.error_responses import display_url, error_for_response, excerpt, redact_text, secret_free_cause
from hub_typed.http.header_values import hub_warnings
from hub_typed.http.hook_calls import HookCalls
from hub_typed.logs.logger import log as _log
from hub_typed.logs.redaction import redact_secrets, request_secrets
from hub_typed.urls.url import Url, parse_url
from hub_typed_api.wire import Call, Request, Response, Source

if TYPE_CHECKING:
    from hub_typed.http.io import Io, Sink
from hub_typed.http.quotas import Turn, quota_key
from hub_typed.http.redirects import redirect_request
from hub_typed.http.requests import is_trusted, prepare_request, request_url
from hub_typed.http.retry import Retries, is_refusal

__all__ = ["execute", "send_request"]

T = TypeVar("T")


MAX_REDIRECTS = 10


PARSE_ERRORS = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError)
"""Errors raised by decoders for a response that does not match the spec; decoders do not validate explicitly."""


MAX_REASON_LENGTH = 500


MAX_WARNING_TOPICS = 1000
"""Maximum number of remembered warning topics; warnings of further topics are not logged."""


_warned: dict[str, object] = {}


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
        sink: Receives the body. With a sink, broken connections are not retried: only the caller knows from which byte
            to resume.
        timeout: Seconds for the complete response, including retries and redirects; the deadline of the settings by
            default. With a sink: seconds without received bytes until the request times out. With the body of a
            `Source`: seconds for the response of each attempt, after the server has taken the body; the
            ``answer_timeout`` of the settings by default.
        deadline: With a sink: seconds until the body begins; the deadline of the settings by default.
        single_attempt: Whether to send the request only once.
        extend_for_rate_limit: Whether delays requested by a rate limit extend the timeout; by default only if no
            ``timeout`` is given.

    Raises:
        HfHubHTTPError: The Hub returned an error; the class depends on the error.
        HubTimeoutError: The timeout was exceeded.
        TransportError: No attempt received a complete response.
        ProtocolError: The Hub redirects to a URL that is refused.
    """
    if io.settings.offline:
        raise OfflineModeIsEnabled(
            f"{request.operation}: {display_url(request_url(request, io.settings).text)} was not requested, since "
            "offline mode is enabled. Unset HF_HUB_OFFLINE to allow requests."
        )
    is_upload = isinstance(request.body, Source)  # not limited; each attempt has the full time limit for its response
    extends = extend_for_rate_limit if extend_for_rate_limit is not None else timeout is None or sink is not None
    if timeout is None and is_upload:
        timeout = io.settings.answer_timeout
    total = timeout if sink is None else deadline
    remaining = io.settings.deadline if total is None else total
    retries = Retries(io, request)
    hooks = HookCalls(io, request)
    number = 0
    while True:
        number += 1
        patience = 0.0 if single_attempt else math.inf if extends or is_upload else remaining
        watch = _Watch(io, patience)
        try:
            return await _attempt(io, request, sink, timeout, remaining, watch, hooks)
        except (HfHubHTTPError, TransportError) as error:
            if done := retries.response_of_repetition(error):
                return done
            is_last = single_attempt or (sink is not None and isinstance(error, TransportError))
            wait = None if is_last else retries.delay(error)
            extended = extends and is_refusal(error)
            if wait is not None and not is_upload and not extended and wait >= remaining - watch.seconds:
                error.append_to_message(f"\nThe next attempt in {wait:.1f} s would exceed the timeout.")
                wait = None
            if wait is None:
                retries.explain(error)
                raise
            failed = error
        if not is_upload:
            remaining -= watch.seconds + (0.0 if extended else wait)
        _log.info("%s: attempt %d failed; retry in %.1f s", request.operation, number, wait)
        await hooks.retry(failed, wait)
        await io.sleep(wait)


class _Watch:
    """Measures the seconds of an attempt; waits for the quota do not count if they may take any time."""

    def __init__(self, io: Io, patience: float) -> None:
        """Start to measure.

        Args:
            patience: Seconds that the attempt may wait for the quota.
        """
        self._io = io
        self._patience = patience
        self._started = io.now()
        self._waited = 0.0

    @property
    def seconds(self) -> float:
        return max(0.0, self._io.now() - self._started - self._waited)

    async def begin(self, turn: Turn, sent: Request, url: Url) -> None:
        """Wait until the quota allows a request to the Hub.

        Raises:
            CancelledError: The flow was cancelled.
        """
        io, key, until = self._io, quota_key(sent, url), self._started + self._patience
        while delay := turn.begin(key, until, io.settings.longest_wait):
            began = io.now()
            await io.sleep(delay)
            if math.isinf(self._patience):
                self._waited += io.now() - began


async def _attempt(
    io: Io,
    request: Request,
    sink: Sink | None,
    timeout: float | None,
    seconds: float,
    watch: _Watch,
    hooks: HookCalls,
) -> Response:
    """Send a request once within a time limit, following redirects.

    After a redirect to an untrusted origin, no secrets are sent any more, even if a later redirect leads back.
    """
    url = request_url(request, io.settings)
    trusted = True
    for _ in range(MAX_REDIRECTS + 1):
        trusted = trusted and is_trusted(request, url, io.settings)
        turn = Turn(io.quotas, io.now)
        sent = prepare_request(request, io.settings, io.token, io.headers, url=url, trusted=trusted, answered=turn.end)
        if trusted:
            await watch.begin(turn, sent, url)
        try:
            remaining = seconds if isinstance(sent.body, Source) else seconds - watch.seconds
            if remaining <= 0:
                late = HubTimeoutError(
                    f"{request.operation}: no complete response within {seconds:.3g} s, including redirects."
                )
                late.delivery = "none"
                raise late
            send = partial(io.send, sent, sink=sink, timeout=timeout, deadline=remaining)
            response = await hooks.exchange(sent, send, trusted=trusted)
            turn.end(response)  # unless the transport has called it
        finally:
            turn.end(None)
        if not response.url:  # the transport did not set it
            response = attrs.evolve(response, url=sent.path)
        _log_hub_warnings(response)
        next_request = redirect_request(request, response)
        if next_request is None:
            if error := error_for_response(request, sent, response):
                raise error
            return response
        request, url = next_request, parse_url(next_request.path)
    raise ProtocolError(
        f"{request.operation}: more than {MAX_REDIRECTS} redirects, the last to {display_url(request.path)}."
    )


def _log_hub_warnings(response: Response) -> None:
    """Log the warnings of the Hub, once per topic."""
    for topic, message in hub_warnings(response.headers.get("x-hf-warning", "")):
        mine = object()
        if (
            len(_warned) < MAX_WARNING_TOPICS and _warned.setdefault(topic, mine) is mine
        ):  # of several threads, one logs
            _log.warning("The Hub warns: %s", redact_text(message))


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
        HfHubHTTPError: The Hub returned an error.
        ProtocolError: The response does not match the spec.
        TransportError: No complete response was received.
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
        reason = f"it lacks {error}" if isinstance(error, KeyError) else str(error) or type(error).__name__
        secrets = request_secrets(request)
        reason = redact_text(redact_secrets(reason, secrets))[:MAX_REASON_LENGTH]
        content_type = redact_text(redact_secrets(response.headers.get("content-type", "no content type"), secrets))[
            :100
        ]
        raise ProtocolError(
            f"{request.operation}: the response of {display_url(response.url)} (status {response.status}, "
            f"{content_type}) does not match the spec: {reason}. "
            f"It begins with {excerpt(response.body[:4096].decode(errors='replace'), secrets)}."
        ) from secret_free_cause(error, secrets)
