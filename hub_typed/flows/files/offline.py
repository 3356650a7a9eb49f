"""Fallback to files on disk: when requests are not sent, and which errors mean that the Hub is unavailable."""

from __future__ import annotations

from typing import Final

from hub_typed.errors import (
    FileMetadataError,
    HfHubHTTPError,
    HubError,
    LocalEntryNotFoundError,
    ProtocolError,
    TransportError,
)
from hub_typed.http.io import Io
from hub_typed.http.retry import RETRIED_STATUSES

__all__: list[str] = []

PROXY_AUTH_REQUIRED: Final = 407
"""Status of a proxy that requires authentication; the request did not reach the Hub."""
CACHED_DEADLINE: Final = 4.0
"""Total seconds for all requests of an operation that can use files on disk instead."""


def may_send_requests(io: Io, *, local_files_only: bool, force_download: bool) -> bool:
    """Whether requests to the Hub are allowed.

    Raises:
        ValueError: ``force_download`` requires requests, and they are not allowed.
    """
    may = not (local_files_only or io.settings.offline)
    if force_download and not may:
        forbidden = "local_files_only=True" if local_files_only else "offline mode (HF_HUB_OFFLINE)"
        raise ValueError(
            f"force_download=True needs requests to the Hub, but {forbidden} forbids them. Remove one of the two."
        )
    return may


def fallback_timeout(timeout: float | None) -> float:
    """Return the timeout of requests of an operation that can use files on disk instead."""
    return CACHED_DEADLINE if timeout is None else min(timeout, CACHED_DEADLINE)


def is_hub_unavailable(error: HubError, *, has_local_copy: bool) -> bool:
    """Whether an error means that the Hub is unavailable, so that files on disk are used instead.

    Args:
        has_local_copy: Whether the files are on disk. If so, an invalid response also counts, as from a captive portal
            that redirects in a loop; if not, the error for that response is more useful.
    """
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code
        return status >= 500 or status in (*RETRIED_STATUSES, PROXY_AUTH_REQUIRED)
    return isinstance(error, TransportError | FileMetadataError) or (
        has_local_copy and isinstance(error, ProtocolError)
    )


def not_found_locally(
    io: Io,
    what: str,
    where: object,
    failure: HubError | None,
    kind: type[LocalEntryNotFoundError] = LocalEntryNotFoundError,
) -> LocalEntryNotFoundError:
    """Build the error for a file that is neither on disk nor available from the Hub.

    Args:
        what: Repository, file and revision.
        where: Folder that was searched.
        failure: Error of the request; ``None`` if requests are not allowed.
        kind: Class of the error.
    """
    if io.settings.offline:
        reason = "offline mode is on. Unset HF_HUB_OFFLINE, or download it while online"
    elif failure is None:
        reason = "local_files_only=True forbids the download. Download it once without this argument"
    else:
        reason = f"the Hub is unavailable. Check the connection, then try again. The request failed with:\n{failure}"
    return kind(f"{what} is not in {where}, and {reason}.".replace("\n.", "\n"))
