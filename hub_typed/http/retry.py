"""Retries: which responses are retried, and the delay before each retry (backoff, rate limits)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from hub_typed.errors import (
    NEVER_RETRIED,
    HfHubHTTPError,
    HubError,
    HubTimeoutError,
    TransportError,
)
from hub_typed.http.header_values import rate_limit, retry_after
from hub_typed_api.wire import Request, Response, Source

if TYPE_CHECKING:
    from hub_typed.http.io import Io
    from hub_typed.settings import Settings

__all__ = ["retry_delay"]

TOO_MANY_REQUESTS = 429


RETRIED_STATUSES = (408, TOO_MANY_REQUESTS, 500, 502, 503, 504)


def retry_delay(
    response: Response | None, attempt: int, settings: Settings, random_fraction: float, now: float
) -> float | None:
    """Return the seconds before the next attempt; ``None`` if the requested delay exceeds the settings.

    Args:
        response: Response of the Hub; ``None`` if there was none.
        attempt: Number of the failed attempt, from 1.
        random_fraction: Random number from 0 to 1.
        now: Current time in seconds since 1970.
    """
    requested = None if response is None else requested_delay(response, now)
    if requested is not None:
        return requested if requested <= settings.longest_wait else None
    ceiling: float = min(settings.longest_backoff, settings.backoff * 2 ** (attempt - 1))
    return ceiling * random_fraction


def requested_delay(response: Response, now: float) -> float | None:
    """Return the delay requested by a response, in seconds."""
    limit = rate_limit(response.headers.get("ratelimit", ""))
    if response.status == TOO_MANY_REQUESTS and limit and limit[0] == 0:
        return limit[1] + 1  # the Hub rounds down
    return retry_after(response.headers.get("retry-after", ""), now)


class Retries:
    """Decides for one call whether its request is sent again after an error, and when.

    - A request that may be repeated is sent again after responses that pass and after broken connections.
    - Any request is sent again after a refusal (429), and if the server cannot have received any of it.
    - A delay that the Hub requests with a refusal does not use up an attempt; the delays of all attempts together are
      the limit for the sum of such delays.
    - A body that the server has taken is not sent again because the response is slow.
    """

    def __init__(self, io: Io, request: Request) -> None:
        self._io = io
        self._request = request
        self._attempt = 1  # number of the next failure that uses up an attempt
        self._obeyed = 0.0  # seconds of requested delays so far
        self._may_be_done = False  # by an attempt so far

    def delay(self, error: HfHubHTTPError | TransportError) -> float | None:
        """Return the seconds before the next attempt after an error; ``None`` if it is the last one."""
        wait = self._after_response(error) if isinstance(error, HfHubHTTPError) else self._after_failure(error)
        self._may_be_done = self._may_be_done or may_be_done(error)
        return wait

    def response_of_repetition(self, error: HfHubHTTPError | TransportError) -> Response | None:
        """Return the response of an error that means success, since an earlier attempt was carried out."""
        if not (self._may_be_done and self._meaning(error) == "done"):
            return None
        assert isinstance(error, HfHubHTTPError)
        return Response(status=error.response.status_code, headers=error.response.headers, url=error.response.url)

    def explain(self, error: HfHubHTTPError | TransportError) -> None:
        """Say in the last error if the request may have been carried out nevertheless."""
        if self._request.retry and not self._request.repeated:
            return  # it changes nothing, or can be repeated without consequences
        if may_be_done(error):
            error.append_to_message("\nThe request may have been carried out nevertheless: check before you repeat it.")
        elif self._may_be_done and self._meaning(error) == "unclear":
            error.append_to_message("\nThis may be due to an earlier attempt, which got no clear response.")
        else:
            return
        error.may_be_done = True

    def _meaning(self, error: HfHubHTTPError | TransportError) -> str | None:
        if not isinstance(error, HfHubHTTPError):
            return None
        return self._request.repeated.get(error.response.status_code)

    def _after_response(self, error: HfHubHTTPError) -> float | None:
        if error.response.status_code not in RETRIED_STATUSES:
            return None
        response = Response(status=error.response.status_code, headers=error.response.headers)
        requested = requested_delay(response, self._io.now())
        wait = None
        if is_refusal(error) and requested:
            wait = self._obey(requested)
        elif is_refusal(error) or self._request.retry:
            wait = self._back_off(response)
        if wait is None and requested:
            _add_requested_delay(error, requested, self._io.settings.longest_wait)
        return wait

    def _after_failure(self, error: TransportError) -> float | None:
        may_repeat = self._request.retry or error.delivery == "none"
        is_slow = isinstance(error, HubTimeoutError) and error.delivery == "complete"
        if isinstance(error, NEVER_RETRIED) or not may_repeat or (is_slow and isinstance(self._request.body, Source)):
            return None
        return self._back_off(None)

    def _obey(self, requested: float) -> float | None:
        settings = self._io.settings
        if requested > settings.longest_wait or self._obeyed + requested > settings.attempts * settings.longest_wait:
            return None
        self._obeyed += requested
        return requested

    def _back_off(self, response: Response | None) -> float | None:
        io, attempt = self._io, self._attempt
        self._attempt += 1
        if attempt >= io.settings.attempts:
            return None
        return retry_delay(response, attempt, io.settings, io.random(), io.now())


def is_refusal(error: HubError) -> bool:
    """Whether the Hub refused a request because there were too many (429)."""
    return isinstance(error, HfHubHTTPError) and error.response.status_code == TOO_MANY_REQUESTS


def may_be_done(error: HfHubHTTPError | TransportError) -> bool:
    """Whether a request may have been carried out though it ended with this error."""
    if isinstance(error, TransportError):
        return error.delivery != "none"
    status = error.response.status_code
    return status == 408 or (status >= 500 and status != 501)


def _add_requested_delay(error: HfHubHTTPError, requested: float, longest: float) -> None:
    """Add the requested delay to the message of an error, with the setting that allows a longer one."""
    error.context = attrs.evolve(error.context, retry_after=requested)
    text = f"\nThe Hub requested a delay of {_duration(requested)} before the next request"
    if requested > longest:
        text += f", longer than the {longest:g} s allowed; Settings(longest_wait=...) allows more"
    error.append_to_message(f"{text}.")


def _duration(seconds: float) -> str:
    """Format seconds; long durations also in minutes, hours or days."""
    if seconds >= 10**9:
        return "more than 30 years"
    text = f"{math.ceil(seconds)} s"
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{text} ({seconds / unit:.3g} {name})"
    return text
