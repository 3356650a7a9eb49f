"""Error responses of faults."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http import HTTPStatus
from typing import Final

from hub_typed.local.errors import HubResponseError
from hub_typed.local.faults.model import Fault, RateLimited, Status

__all__ = ["error_of", "is_refusal"]

_LAST_DATE: Final = datetime(9999, 12, 31, tzinfo=UTC)


def is_refusal(fault: Fault | None) -> bool:
    """Whether a fault is an error response to a request that is not handled."""
    return isinstance(fault, RateLimited) or (isinstance(fault, Status) and not fault.applied)


def error_of(fault: Fault | None, path: str, now: Callable[[], datetime]) -> HubResponseError | None:
    """Return the error response of a fault; ``None`` if it has none.

    Args:
        path: Percent-encoded path of the request, which decides about the quota that is used up.
    """
    if isinstance(fault, Status):
        phrases = {one.value: one.phrase for one in HTTPStatus}
        message = fault.message or phrases.get(fault.status, f"Status {fault.status}")
        return HubResponseError(fault.status, message, headers=fault.headers)
    if isinstance(fault, RateLimited):
        message = f"Too many requests: wait {fault.seconds} s before the next one"
        return HubResponseError(429, message, headers=_rate_limit_headers(fault, path, now()))
    return None


def _rate_limit_headers(fault: RateLimited, path: str, now: datetime) -> dict[str, str]:
    if fault.form == "retry-after":
        return {"retry-after": str(fault.seconds)}
    if fault.form == "retry-after-date":
        try:
            date = now + timedelta(seconds=fault.seconds)
        except OverflowError:
            date = _LAST_DATE
        return {"retry-after": format_datetime(date, usegmt=True)}
    quota = "resolvers" if "/resolve/" in path else "api" if "/api/" in path else "pages"
    return {
        "ratelimit": f'"{quota}";r=0;t={fault.seconds}',
        "ratelimit-policy": f'"fixed window";"{quota}";q=500;w=300',
    }
