"""Requests of a program that are repeated."""

from __future__ import annotations

import time
from typing import Final, Unpack

from hub_typed.errors import HubTimeoutError, TransportError
from hub_typed.sessions.responses import SessionResponse
from hub_typed.sessions.session import RequestOptions, get_session

__all__ = ["http_backoff"]

RETRIED: Final = (429, 500, 502, 503, 504)


def http_backoff(
    method: str,
    url: str,
    *,
    max_retries: int = 5,
    base_wait_time: float = 1,
    max_wait_time: float = 8,
    retry_on_exceptions: type[Exception] | tuple[type[Exception], ...] = (HubTimeoutError, TransportError),
    retry_on_status_codes: int | tuple[int, ...] = RETRIED,
    **options: Unpack[RequestOptions],
) -> SessionResponse:
    """Send a request with `get_session`, again after errors, with doubled waits in between.

    Args:
        method: HTTP method.
        url: Absolute URL, or a path below the endpoint.
        max_retries: Maximum number of repetitions.
        base_wait_time: Seconds before the first repetition.
        max_wait_time: Maximum of seconds before a repetition; also of those that the server asks for.
        retry_on_exceptions: Errors after which the request is repeated.
        retry_on_status_codes: Statuses after which it is repeated.
        **options: Those of `Session.request`.

    Raises:
        HfHubHTTPError: The last response had one of the statuses.
        TransportError: No complete response was received.
    """
    statuses = (retry_on_status_codes,) if isinstance(retry_on_status_codes, int) else retry_on_status_codes
    wait = base_wait_time
    for left in reversed(range(max_retries + 1)):
        asked: float | None = None
        try:
            response = get_session().request(method, url, **options)
        except retry_on_exceptions:
            if not left:
                raise
        else:
            if response.status_code not in statuses:
                return response
            if not left:
                return response.raise_for_status()
            after = response.headers.get("retry-after", "")
            asked = float(after) if after.isdecimal() else None
        time.sleep(min(max_wait_time, wait if asked is None else asked))
        wait *= 2
    raise ValueError(f"max_retries is {max_retries}: pass 0 or more.")
