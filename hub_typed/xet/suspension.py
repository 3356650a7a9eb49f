"""Suspension of Xet storage after failures."""

from __future__ import annotations

import math
from typing import Final

__all__: list[str] = []

SECONDS: Final = 300
"""Seconds in which Xet storage is not used after failures."""
MAX_FAILURES: Final = 2
"""Transfers in a row that fail until then: the fault may be one of a single file."""


class Suspension:
    """Whether the transfers of a client in one direction use Xet storage, or had better not try it.

    A transfer is the download of a file or the upload of the files of a commit. It has failed when its repetitions
    have, too. Downloads and uploads are suspended by the same rule, but not together: a storage that has lost a file
    may receive others, and a network that refuses large requests may pass on large responses.
    """

    def __init__(self) -> None:
        self._failures = 0
        self._end = 0.0

    def is_active(self, now: float) -> bool:
        """Whether Xet storage is not used at this time."""
        return now < self._end

    def record_success(self) -> None:
        """Record that a transfer has succeeded, or a part of one."""
        self._failures = 0

    def record_failure(self, now: float) -> None:
        """Record that a transfer has failed in spite of repetitions."""
        self._failures += 1
        if self._failures >= MAX_FAILURES:
            self._end = max(self._end, now + SECONDS)

    def record_absence(self) -> None:
        """Record that the Hub has no Xet storage."""
        self._end = math.inf
