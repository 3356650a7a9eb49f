"""What is shown of a job and its transfers, however it is drawn."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import attrs

from hub_typed.progress import JobEvent, TransferEvent, TransferKind
from hub_typed.progress_bars.layout import Line, bytes_text, duration, files, share
from hub_typed.progress_bars.rate import Rate
from hub_typed.progress_bars.ticker import Ticker

__all__: list[str] = []

PATIENCE: Final = 0.5
"""Seconds after which a job or a file is shown, so that nothing flickers that takes less."""
STILL: Final = 5.0
"""Seconds without an event after which the time is shown instead of the rate."""
MAX_FILES: Final = 4
"""Maximum number of files shown at the same time."""
LABELS: Final[dict[TransferKind, str]] = {"upload": "", "download": "", "hash": " (hash)", "commit": " (commit)"}
DONE: Final = {"upload": "uploaded", "download": "downloaded"}


@attrs.define
class _Moving:
    """A transfer that is not at its end.

    Attributes:
        event: The latest event.
        heard: Time of that event.
    """

    event: TransferEvent
    began: float
    heard: float
    rate: Rate
    is_shown: bool = False


class Display(ABC):
    """Observer that shows one job, or single transfers; also while no events come.

    Args:
        interval: Seconds between two drawings.
        clock: Returns the time in seconds.
    """

    def __init__(self, interval: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._moving: dict[int, _Moving] = {}
        self._job: JobEvent | None = None
        self._began = self._drawn = self._heard = clock()
        self._rate = Rate(self._began, 0)
        self._has_transferred = False
        self._ticker: Ticker | None = None

    @abstractmethod
    def draw(self, lines: Sequence[Line]) -> None:
        """Draw the current lines; none at the end."""

    @abstractmethod
    def write(self, text: str) -> None:
        """Write a line that stays."""

    def __call__(self, event: TransferEvent) -> None:
        """Record an event of a transfer, and draw if that is due."""
        with self._lock:
            self._heard = now = self._clock()
            if event.state == "started":
                self._tick_until_end()
                self._moving[event.transfer] = _Moving(event, now, now, Rate(now, event.done))
                self._has_transferred = self._has_transferred or event.kind != "hash"
            elif event.state == "advanced":
                moving = self._moving[event.transfer]
                moving.event, moving.heard = event, now
            else:
                ended = self._moving.pop(event.transfer)
                if not self._moving and self._job is None:
                    self._end()
                    if ended.is_shown:
                        self.draw(())
                    return
            if event.job is None:  # otherwise, the event of the job follows
                self._draw_if_due(now)

    def on_job(self, event: JobEvent) -> None:
        """Record an event of a job; at its end, write its sum."""
        with self._lock:
            self._heard = now = self._clock()
            is_new_phase = self._job is not None and self._job.phase != event.phase
            self._job = event
            if event.state in ("finished", "failed"):
                self._end()
                self.draw(())
                if self._has_transferred and event.total_files > 1:
                    self.write(_closing(event, now - self._began))
                return
            self._tick_until_end()
            if now - self._began >= PATIENCE:
                self._draw_if_due(now, at_once=is_new_phase)

    def tick(self) -> None:
        """Draw if that is due, without an event."""
        with self._lock:
            if self._ticker is not None:
                self._draw_if_due(self._clock())

    def _tick_until_end(self) -> None:
        if self._ticker is None:
            self._ticker = Ticker(self.tick)

    def _end(self) -> None:
        if self._ticker is not None:
            self._ticker.stop()
            self._ticker = None

    def _draw_if_due(self, now: float, *, at_once: bool = False) -> None:
        if at_once or now - self._drawn >= self._interval:
            self._drawn = now
            if lines := list(self._lines(now)):
                self.draw(lines)

    def _lines(self, now: float) -> Iterator[Line]:
        job = self._job
        if job is not None:
            if not job.moved_bytes:
                self._rate = Rate(now, 0)
            rate = self._rate.update(now, job.moved_bytes)
            if now - self._began >= PATIENCE and job.total_files != 1:
                yield _job_line(job, rate, now - self._heard)
        count = 0
        for moving in self._moving.values():
            event = moving.event
            if moving.is_shown or now - moving.began >= PATIENCE:
                rate = moving.rate.update(now, event.done)
                left = (event.total - event.done) / rate if rate and event.total is not None else PATIENCE
                if moving.is_shown or left >= PATIENCE:
                    moving.is_shown = True
                    yield _file_line(event, rate, now - moving.heard)
                    count += 1
            if count == MAX_FILES:
                return


def _job_line(job: JobEvent, rate: float | None, still: float) -> Line:
    moves = job.phase in ("uploading", "downloading")
    facts = _speed(job.total_bytes - job.done_bytes, rate if moves else None, still)
    if job.total_files:
        facts = [share(job.done_bytes, job.total_bytes), *facts, f"{job.done_files:,}/{files(job.total_files)}"]
    fraction = min(job.done_bytes / job.total_bytes, 1.0) if job.total_bytes and job.phase != "listing" else None
    return Line(job.name, fraction, facts, job.phase)


def _file_line(event: TransferEvent, rate: float | None, still: float) -> Line:
    name = event.name + LABELS[event.kind]
    if event.total is None:
        return Line(name, None, [bytes_text(event.done), *_speed(None, rate, still)])
    fraction = min(event.done / event.total, 1.0) if event.total else None
    return Line(name, fraction, [share(event.done, event.total), *_speed(event.total - event.done, rate, still)])


def _speed(missing: int | None, rate: float | None, still: float) -> list[str]:
    """Return the rate and the time that the missing bytes take at it, if it is worth mentioning.

    Args:
        still: Seconds without an event.
    """
    if still >= STILL:
        return [f"no progress for {duration(still)}"]
    if not rate:
        return []
    seconds = 0.0 if missing is None else missing / rate
    return [f"{bytes_text(round(rate))}/s", *([f"{duration(seconds)} left"] if seconds >= 1 else [])]


def _closing(job: JobEvent, seconds: float) -> str:
    """Return the line that stays after a job."""
    if job.state == "failed":
        facts = [f"{job.kind} failed", f"{job.done_files:,} of {files(job.total_files)}"]
        facts.append(f"{bytes_text(job.done_bytes)} of {bytes_text(job.total_bytes)} after {duration(seconds)}")
    else:
        facts = [f"{DONE[job.kind]} {files(job.done_files)}", f"{bytes_text(job.done_bytes)} in {duration(seconds)}"]
        if job.kind == "download" and bytes_text(job.moved_bytes) != bytes_text(job.done_bytes):
            facts.append(f"{bytes_text(job.moved_bytes)} of them transferred")
    return str(Line(job.name, None, facts))
