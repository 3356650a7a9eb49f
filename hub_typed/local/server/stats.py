"""Counts of requests, responses and bytes, for tests."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence

import attrs

__all__ = ["Counts", "Exchange", "Stats"]


@attrs.define(kw_only=True)
class Exchange:
    """A request with its response.

    Attributes:
        operation: Name of the operation, as ``refs.list_repo_refs``, ``git.upload_pack`` or ``storage.download``; empty
            where nothing was found.
        received: Bytes of the request's body.
        sent: Bytes of the answer's body, all of them, however many the client has read; where they are made while they
            are sent, those made so far.
    """

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
        requests: How many there were of each operation.
        received: Bytes of all their bodies.
        sent: Bytes of the bodies of all answers.
        lfs_objects: How many large files were taken in.
    """

    requests: Counter[str]
    received: int
    sent: int
    lfs_objects: int

    @classmethod
    def of(cls, exchanges: Sequence[Exchange]) -> Counts:
        return cls(
            requests=Counter(one.operation for one in exchanges),
            received=sum(one.received for one in exchanges),
            sent=sum(one.sent for one in exchanges),
            lfs_objects=sum(
                one.operation in ("storage.upload", "storage.complete") and one.status == 200 for one in exchanges
            ),
        )

    def __sub__(self, earlier: Counts) -> Counts:
        return Counts(
            requests=self.requests - earlier.requests,
            received=self.received - earlier.received,
            sent=self.sent - earlier.sent,
            lfs_objects=self.lfs_objects - earlier.lfs_objects,
        )


class Stats:
    """Counts the requests of a Hub.

    Example:
        before = hub.stats.snapshot()
        api.upload_folder(...)
        assert (hub.stats.snapshot() - before).lfs_objects == 2

    Args:
        requests: Where the Hub keeps its requests; what it has forgotten is not counted.
    """

    def __init__(self, requests: deque[Exchange]) -> None:
        self._requests = requests

    def snapshot(self) -> Counts:
        """Return the sums so far."""
        return Counts.of(self._requests.copy())

    def reset(self) -> None:
        """Reset the sums."""
        self._requests.clear()
