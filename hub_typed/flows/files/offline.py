"""When the Hub is not to be asked, or does not answer: what then counts as reason, and what is said."""

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
from hub_typed.io import Io
from hub_typed.session import RETRIED

__all__: list[str] = []

PROXY_REFUSES: Final = 407
"""Status of a proxy that wants to know who asks; the Hub heard nothing."""
CACHED_DEADLINE: Final = 4.0
"""Seconds that all questions together may take where something on this disk will do instead of an answer."""


def may_ask(io: Io, *, local_files_only: bool, force_download: bool) -> bool:
    """Whether the Hub may be asked.

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


def shortened(timeout: float | None) -> float:
    """The seconds to wait for the Hub where something on this disk will do instead."""
    return CACHED_DEADLINE if timeout is None else min(timeout, CACHED_DEADLINE)


def is_unreachable(error: HubError, *, at_hand: bool) -> bool:
    """Whether the Hub said nothing on the matter, so that what is on this disk has to do.

    Args:
        at_hand: Whether it is there. Then an answer that makes no sense, as of a portal that redirects in circles, is
            as good as none; else the error that tells of it is of more use.
    """
    if isinstance(error, HfHubHTTPError):
        status = error.response.status_code if error.response is not None else 0
        return status >= 500 or status in (*RETRIED, PROXY_REFUSES)
    return isinstance(error, TransportError | FileMetadataError) or (at_hand and isinstance(error, ProtocolError))


def not_here(io: Io, what: str, where: object, trouble: HubError | None) -> LocalEntryNotFoundError:
    """The error for what is neither on this disk nor to be had from the Hub.

    Args:
        what: Repository, file and revision.
        where: Where it was looked for.
        trouble: Why the Hub did not answer; ``None`` if it was not to be asked.
    """
    if io.settings.offline:
        reason = "offline mode is on. Unset HF_HUB_OFFLINE, or bring it here while online"
    elif trouble is None:
        reason = "local_files_only=True keeps it from being asked for. Call once without that"
    else:
        reason = f"the Hub could not be asked. Check the connection, then try again. It failed with:\n{trouble}"
    return LocalEntryNotFoundError(f"{what} is not in {where}, and {reason}.".replace("\n.", "\n"))
