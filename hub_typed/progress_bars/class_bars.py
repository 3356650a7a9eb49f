"""Progress bars of a class with the interface of tqdm, such as one that the caller passes as ``tqdm_class``."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from hub_typed.logs.redaction import sanitize_line
from hub_typed.progress import JobEvent, TransferEvent

__all__: list[str] = []


class Bar(Protocol):
    """Protocol of a progress bar, as implemented by tqdm."""

    n: float
    total: float | None

    def update(self, n: float) -> object: ...

    def refresh(self) -> object: ...

    def close(self) -> object: ...


class ClassBars:
    """Observer that draws a bar of the files and one of the bytes of a job, and one for each transfer without a job."""

    def __init__(self, bar_class: Callable[..., Bar]) -> None:
        self._bar_class = bar_class
        self._transfers: dict[int, Bar] = {}
        self._job: tuple[Bar, Bar] | None = None
        self._totals = (0, 0)
        self._lock = threading.Lock()

    def __call__(self, event: TransferEvent) -> None:
        """Draw the bar of a transfer."""
        if event.job is not None:
            return
        with self._lock:
            if event.state == "started":
                self._transfers[event.transfer] = self._bytes_bar(event.name, event.total, event.done)
                return
            _set_position(self._transfers[event.transfer], event.done)
            if event.state != "advanced":
                self._transfers.pop(event.transfer).close()

    def on_job(self, event: JobEvent) -> None:
        """Draw the bars of a job, from when it has files."""
        with self._lock:
            if self._job is None and event.total_files and event.state in ("started", "advanced"):
                title = "Fetching" if event.kind == "download" else "Uploading"
                by_files = self._bar_class(total=event.total_files, initial=0, desc=title, unit="file", leave=False)
                self._job = by_files, self._bytes_bar(event.name, event.total_bytes, 0)
                self._totals = event.total_files, event.total_bytes
            if self._job is None:
                return
            totals = event.total_files, event.total_bytes
            for bar, done, before, total in zip(
                self._job, (event.done_files, event.done_bytes), self._totals, totals, strict=True
            ):
                if total != before:
                    bar.total = total
                    bar.refresh()
                _set_position(bar, done)
                if event.state in ("finished", "failed"):
                    bar.close()
            self._totals = totals

    def _bytes_bar(self, name: str, total: int | None, done: int) -> Bar:
        name = sanitize_line(name)
        return self._bar_class(total=total, initial=done, desc=name, unit="B", unit_scale=True, leave=False)


def tqdm_bars() -> ClassBars:
    """Return bars of tqdm itself."""
    from tqdm.std import tqdm

    return ClassBars(tqdm)


def _set_position(bar: Bar, done: int) -> None:
    if done >= bar.n:
        bar.update(done - bar.n)  # tqdm limits how often it redraws
    else:
        bar.n = done
        bar.refresh()
