"""Progress of the upload of a large folder, printed periodically."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping

import attrs

from hub_typed.flows.commits.journal import Record

__all__: list[str] = []


@attrs.define
class LargeReport:
    """Progress of the upload, printed periodically.

    Attributes:
        records: State of each file, by path.
        interval: Seconds between two reports; ``None`` disables them.
        last: Time of the last report.
        sent: Bytes of LFS files that were sent in this run; the storage had the rest.
    """

    records: Mapping[str, Record]
    interval: float | None
    last: float = 0.0
    sent: int = 0

    def print_if_due(self, now: float, *, force: bool = False) -> None:
        """Print the progress if a report is due or forced."""
        if self.interval is not None and (force or now - self.last >= self.interval):
            self.last = now
            sys.stdout.write(f"{self}\n")

    def __str__(self) -> str:
        records = list(self.records.values())
        committed = [record for record in records if record.committed]
        return (
            f"{len(committed):,} of {len(records):,} files committed "
            f"({_gigabytes(committed)} of {_gigabytes(records)} GB), "
            f"{sum(record.sha256 is not None for record in records):,} hashed, "
            f"{sum(record.uploaded for record in records):,} uploaded ({self.sent / 1e9:.2f} GB sent), "
            f"{sum(bool(record.ignored) for record in records):,} ignored"
        )


def _gigabytes(records: Iterable[Record]) -> str:
    return f"{sum(record.size for record in records) / 1e9:.2f}"
