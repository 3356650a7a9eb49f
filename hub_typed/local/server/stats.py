"""Counts of requests, responses and bytes, for tests."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from datetime import datetime
from itertools import islice

import attrs

__all__ = ["Counts", "Exchange", "Stats"]


@attrs.define(kw_only=True)
class Exchange:
    """A request with its response.

    Attributes:
        at: Time of the response.
        operation: Name of the operation, such as ``refs.list_repo_refs``, ``git.upload_pack`` or ``storage.download``;
            empty if no route matched.
        status: HTTP status; 0 if the connection broke before the request was complete.
        received: Bytes of the request body; those that arrived if the connection broke, and the announced ones if the
            request was refused before.
        sent: Bytes of the response body, however many of them the client has read; of a streamed body of unknown size,
            the bytes so far; of a response that a fault breaks, the bytes before.
    """

    at: datetime
    operation: str
    method: str
    path: str
    status: int
    received: int
    sent: int


@attrs.frozen(kw_only=True)
class Counts:
    """Sums over requests; two of them can be subtracted.

    Attributes:
        requests: Number of requests by operation.
        received: Bytes of all request bodies.
        sent: Bytes of all response bodies.
        lfs_objects: Number of stored LFS objects.
        xorb_bytes: Bytes of stored xorbs; what clients deduplicate is not among them.
    """

    requests: Counter[str]
    received: int
    sent: int
    lfs_objects: int
    xorb_bytes: int

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Counts:
        return cls(
            requests=Counter(one.operation for one in exchanges),
            received=sum(one.received for one in exchanges),
            sent=sum(one.sent for one in exchanges),
            lfs_objects=sum(
                one.operation in ("storage.upload", "storage.complete") and one.status == 200 for one in exchanges
            ),
            xorb_bytes=sum(
                one.received for one in exchanges if one.operation == "xet_storage.upload_xorb" and one.status == 200
            ),
        )

    def __sub__(self, earlier: Counts) -> Counts:
        return Counts(
            requests=self.requests - earlier.requests,
            received=self.received - earlier.received,
            sent=self.sent - earlier.sent,
            lfs_objects=self.lfs_objects - earlier.lfs_objects,
            xorb_bytes=self.xorb_bytes - earlier.xorb_bytes,
        )


class Stats:
    """Counter of the requests of a Hub.

    Example:
        before = hub.stats.snapshot()
        api.upload_folder(...)
        assert (hub.stats.snapshot() - before).lfs_objects == 2

    Args:
        requests: The latest requests of the Hub; older ones that it dropped are not counted.
    """

    def __init__(self, requests: deque[Exchange]) -> None:
        self._requests = requests

    def snapshot(self) -> Counts:
        """Return the current sums."""
        return Counts.of(self._requests.copy())

    def latest(self, most: int) -> list[Exchange]:
        """Return the latest requests, newest first."""
        return list(islice(reversed(self._requests.copy()), most))

    def reset(self) -> None:
        """Reset the sums to zero."""
        self._requests.clear()
