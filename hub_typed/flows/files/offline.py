"""Fall back to files on disk: when requests are skipped, and which errors count as an unreachable Hub."""

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
from hub_typed.http.retry import RETRIED

__all__: list[str] = []

PROXY_AUTH_REQUIRED: Final = 407
"""Status of a proxy that wants to know who asks; the Hub heard nothing."""
CACHED_DEADLINE: Final = 4.0
"""Seconds that all questions together may take where something on this disk will do instead of an answer."""


def may_send_requests(io: Io, *, local_files_only: bool, force_download: bool) -> bool:
    """Whether requests are allowed.

    Raises:
        ValueError: It must be, and may not.
    """
    may = not (local_files_only or io.settings.offline)
    if force_download and not may:
        forbidden = "local_files_only=True" if local_files_only else "offline mode (HF_HUB_OFFLINE)"
        raise ValueError(
            f"force_download=True needs the Hub, and {forbidden} forbids asking it. Leave one of them out."
        )
    return may


def fallback_timeout(timeout: float | None) -> float:
    """Return the timeout of requests whose result can be replaced by files on disk."""
    return CACHED_DEADLINE if timeout is None else min(timeout, CACHED_DEADLINE)


def is_hub_unavailable(error: HubError, *, has_local_copy: bool) -> bool:
    """Whether an error means that the Hub did not answer the question, so that files on disk are used.

    Args:
        has_local_copy: Whether it is there. Then an answer that makes no sense, as of a portal that redirects in circles, is
            as good as none; else the error that tells of it is of more use.
    """
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code if error.response is not None else 0
        return status >= 500 or status in (*RETRIED, PROXY_AUTH_REQUIRED)
    return isinstance(error, TransportError | FileMetadataError) or (
        has_local_copy and isinstance(error, ProtocolError)
    )


def not_found_locally(io: Io, what: str, where: object, failure: HubError | None) -> LocalEntryNotFoundError:
    """Build the error for a file that is neither on disk nor available from the Hub.

    Args:
        what: Repository, file and revision.
        where: Where it was looked for.
        failure: Why the Hub did not answer; ``None`` if it was not to be asked.
    """
    if io.settings.offline:
        reason = "offline mode is on. Unset HF_HUB_OFFLINE, or bring it here while online"
    elif failure is None:
        reason = "local_files_only=True keeps it from being asked for. Call once without that"
    else:
        reason = f"the Hub could not be asked. Check the connection, then try again. It failed with:\n{failure}"
    return LocalEntryNotFoundError(f"{what} is not in {where}, and {reason}.".replace("\n.", "\n"))
