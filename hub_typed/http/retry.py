"""Retries: which responses are retried, and the delay before each retry (backoff, rate limits)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from hub_typed.errors import (
    HfHubHTTPError,
)
from hub_typed.http.header_values import rate_limit, retry_after
from hub_typed_api.wire import Request, Response

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


def delay_after_error(io: Io, request: Request, error: HfHubHTTPError, attempt: int) -> float | None:
    """Return the seconds before the retry after an error response; ``None`` if it is not retried."""
    hub_response = error.response
    if hub_response is None or hub_response.status_code not in RETRIED_STATUSES:
        return None
    response = Response(status=hub_response.status_code, headers=hub_response.headers)
    requested = requested_delay(response, io.now())
    is_too_long = requested is not None and requested > io.settings.longest_wait
    may_retry = request.retry or hub_response.status_code == TOO_MANY_REQUESTS
    if is_too_long or not may_retry or attempt >= io.settings.attempts:
        if requested:
            _add_requested_delay(error, requested, io.settings.longest_wait)
        return None
    return retry_delay(response, attempt, io.settings, io.random(), io.now())


def _add_requested_delay(error: HfHubHTTPError, requested: float, longest: float) -> None:
    """Add the requested delay to the message of an error, with the setting that allows a longer one."""
    if error.context is not None:
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
