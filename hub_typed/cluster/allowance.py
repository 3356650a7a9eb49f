"""Quota that the workers of a cluster share: the coordinator hands it out with the batches of files.

No worker asks for its part. A batch holds as many requests as it may need from the moment it is submitted until one
window after its end. Its requests are sent in between, so all requests of any window belong to batches that hold theirs
at one moment within it, and their sum is within the allowance.
"""

from __future__ import annotations

import math
from collections import deque
from typing import Final

import attrs

__all__ = ["Allowance"]

WINDOW_SECONDS: Final = 300.0
"""Length of the windows in which the Hub counts requests."""


def _is_positive(_allowance: Allowance, attribute: attrs.Attribute[float], value: float) -> None:
    if not value > 0:
        raise ValueError(f"{attribute.name} is {value!r}: pass a positive number, or math.inf for no limit.")


@attrs.frozen(kw_only=True)
class Allowance:
    """What all workers together may use; unlimited by default.

    A download needs one request for each file, an upload up to two. Retries, and requests for new signed URLs after the
    first have expired, are not counted; the client of each worker waits if the Hub says that the quota is used up.

    Attributes:
        requests: Requests per window.
        window: Seconds of a window.
        bytes_per_second: Bytes of files, averaged over batches.

    Raises:
        ValueError: A value is not positive.
    """

    requests: float = attrs.field(default=math.inf, validator=_is_positive)
    window: float = attrs.field(default=WINDOW_SECONDS, validator=_is_positive)
    bytes_per_second: float = attrs.field(default=math.inf, validator=_is_positive)


class Ledger:
    """What is in use of an allowance. Times are in seconds, of any clock."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._held = 0
        self._ended: deque[tuple[float, int]] = deque()  # time until which requests are held, and their number
        self._next_start = -math.inf

    def delay(self, requests: int, now: float) -> float:
        """Return the seconds until a batch may begin; infinite until another one ends.

        A batch that needs more than the whole allowance begins when nothing else is held.
        """
        while self._ended and self._ended[0][0] <= now:
            self._held -= self._ended.popleft()[1]
        delay = max(self._next_start - now, 0.0)
        if self._held and self._held + requests > self._allowance.requests:
            delay = max(delay, self._ended[0][0] - now if self._ended else math.inf)
        return delay

    def begin(self, requests: int, size: int, now: float) -> None:
        """Take what a batch needs."""
        self._held += requests
        self._next_start = max(now, self._next_start) + size / self._allowance.bytes_per_second

    def end(self, requests: int, now: float) -> None:
        """Give back what a batch held, at the end of the window."""
        self._ended.append((now + self._allowance.window, requests))
