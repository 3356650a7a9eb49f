"""Retries: which responses are retried, and the delay before the next attempt (backoff, rate limits)."""

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


RETRIED = (408, TOO_MANY_REQUESTS, 500, 502, 503, 504)


# --- again


def retry_delay(response: Response | None, attempt: int, settings: Settings, chance: float, now: float) -> float | None:
    """Return the seconds before the next attempt; ``None`` if the requested delay exceeds the settings.

    Args:
        response: What the Hub answered; ``None`` if it did not.
        attempt: Number of the attempt that failed, from 1.
        chance: A number from 0 to 1.
        now: Seconds since 1970.
    """
    asked = None if response is None else requested_delay(response, now)
    if asked is not None:
        return asked if asked <= settings.longest_wait else None
    ceiling: float = min(settings.longest_backoff, settings.backoff * 2 ** (attempt - 1))
    return ceiling * chance


def requested_delay(response: Response, now: float) -> float | None:
    """Return the delay that a response requests, in seconds."""
    limit = rate_limit(response.headers.get("ratelimit", ""))
    if response.status == TOO_MANY_REQUESTS and limit and limit[0] == 0:
        return limit[1] + 1  # the Hub rounds down
    return retry_after(response.headers.get("retry-after", ""), now)


def delay_after_error(io: Io, request: Request, error: HfHubHTTPError, attempt: int) -> float | None:
    """Return the seconds before a retry after an error response; ``None`` if it is not retried."""
    answer = error.response
    if answer is None or answer.status_code not in RETRIED:
        return None
    response = Response(status=answer.status_code, headers=answer.headers)
    asked = requested_delay(response, io.now())
    longer = asked is not None and asked > io.settings.longest_wait
    again = request.retry or answer.status_code == TOO_MANY_REQUESTS
    if longer or not again or attempt >= io.settings.attempts:
        if asked:
            _add_requested_delay(error, asked, io.settings.longest_wait)
        return None
    return retry_delay(response, attempt, io.settings, io.random(), io.now())


def _add_requested_delay(error: HfHubHTTPError, asked: float, longest: float) -> None:
    """Add the requested delay to the message of an error, with the setting that allows it."""
    if error.context is not None:
        error.context = attrs.evolve(error.context, retry_after=asked)
    told = f"\nThe Hub asks to wait {_duration(asked)} before the next request"
    if asked > longest:
        told += f", longer than the {longest:g} s allowed; Settings(longest_wait=...) allows more"
    error.append_to_message(f"{told}.")


def _duration(seconds: float) -> str:
    """Format seconds, also in minutes, hours or days where appropriate."""
    if seconds >= 10**9:
        return "more than 30 years"
    text = f"{math.ceil(seconds)} s"
    for unit, name in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= 2 * unit:
            return f"{text} ({seconds / unit:.3g} {name})"
    return text
