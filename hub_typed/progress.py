"""Progress of transfers, and of the jobs that they belong to: a stream of events."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import Final, Literal, Protocol, Self, TypeAlias, runtime_checkable

import attrs

__all__ = ["JobEvent", "JobObserver", "Observer", "TransferEvent"]


TransferKind: TypeAlias = Literal["upload", "download", "hash", "commit"]
JobKind: TypeAlias = Literal["upload", "download"]
Phase: TypeAlias = Literal["listing", "hashing", "uploading", "downloading", "committing"]
State: TypeAlias = Literal["started", "advanced", "finished", "failed"]

PHASES: Final[dict[TransferKind, Phase]] = {
    "download": "downloading",
    "upload": "uploading",
    "hash": "hashing",
    "commit": "committing",
}
"""Phase of a job by the transfers that are on the way; the first one that applies."""
EVENT_INTERVAL: Final = 0.1
"""Seconds between two events ``advanced`` of a job, unless its phase changes."""


@attrs.frozen(kw_only=True)
class TransferEvent:
    """An event of a transfer.

    Attributes:
        transfer: Number of the transfer, the same in all its events.
        kind: ``upload`` and ``download`` of a file; ``hash``: a file is read to compute its hash before an upload;
            ``commit``: the request of a commit is sent, with the contents of regular files in it.
        name: Path of the file in the repository; of a commit, the name of the repository.
        state: ``started`` is the first event, ``finished`` or ``failed`` the last; ``advanced`` is repeated in between.
        done: Bytes transferred so far, including those of an earlier run.
        total: Size in bytes; ``None`` if unknown.
        sent: In the event ``finished`` of an upload to Xet storage: bytes that the storage did not have, before
            compression; otherwise ``None``.
        job: Number of the job that the transfer belongs to; ``None`` for a single file.
    """

    transfer: int
    kind: TransferKind
    name: str
    state: State
    done: int
    total: int | None
    sent: int | None = None
    job: int | None = None


@attrs.frozen(kw_only=True)
class JobEvent:
    """An event of a job: all transfers of one call, such as `snapshot_download` or `upload_large_folder`.

    Attributes:
        job: Number of the job, the same in all its events and in those of its transfers.
        kind: ``upload`` or ``download``.
        name: Name of the repository.
        state: ``started`` is the first event, ``finished`` or ``failed`` the last; ``advanced`` is repeated in between,
            about ten times a second.
        phase: ``listing`` until something is transferred, then what is done at the time; of several things, the first
            of ``downloading``, ``uploading``, ``hashing``, ``committing``.
        total_files: Files of the job; the number grows while they are listed.
        total_bytes: Their size.
        done_files: Files that are complete, including those that needed no transfer.
        done_bytes: Bytes of complete files, and of the others as far as they are transferred.
        moved_bytes: Bytes transferred by this job, without those of earlier runs and of files that needed no transfer.
            A download or upload that started over counts twice.
    """

    job: int
    kind: JobKind
    name: str
    state: State
    phase: Phase
    total_files: int
    total_bytes: int
    done_files: int
    done_bytes: int
    moved_bytes: int


Observer: TypeAlias = Callable[[TransferEvent], None]


@runtime_checkable
class JobObserver(Protocol):
    """An `Observer` that receives the events of jobs, too."""

    def __call__(self, event: TransferEvent) -> None:
        """Receive an event of a transfer."""
        ...

    def on_job(self, event: JobEvent) -> None:
        """Receive an event of a job. It must not block: the transfers of the job wait for it."""
        ...


_numbers = itertools.count(1)
"""Numbers of transfers and jobs; taking one is an atomic operation."""


class Transfer:
    """A transfer that reports its progress; several threads may transfer parts of it.

    Args:
        observer: Receives the events; a `Job` if the transfer belongs to one.
        done: Bytes of an earlier run.
    """

    def __init__(
        self,
        observer: Observer | None,
        kind: TransferKind,
        name: str,
        total: int | None,
        done: int = 0,
    ) -> None:
        self._number = next(_numbers)
        self._observer = observer
        self._job = observer.number if isinstance(observer, Job) else None
        self._kind: TransferKind = kind
        self._name = name
        self._total = total
        self._done = done
        self._lock = threading.Lock()
        self._notify("started")

    def _notify(self, state: State, *, sent: int | None = None) -> None:
        if self._observer is not None:
            self._observer(
                TransferEvent(
                    transfer=self._number,
                    kind=self._kind,
                    name=self._name,
                    state=state,
                    done=self._done,
                    total=self._total,
                    sent=sent,
                    job=self._job,
                )
            )

    def set_done(self, done: int) -> None:
        """Set the number of bytes done; it decreases when a transfer restarts."""
        with self._lock:
            self._done = done
            self._notify("advanced")

    def advance(self, count: int) -> None:
        """Add to the number of bytes done."""
        with self._lock:
            self._done += count
            self._notify("advanced")

    def finish(self, *, done: int | None = None, sent: int | None = None) -> None:
        """Report success.

        Args:
            done: Number of bytes, if it was not reported before.
            sent: Bytes of an upload that the storage did not have.
        """
        with self._lock:
            self._done = self._done if done is None else done
            self._notify("finished", sent=sent)

    def fail(self) -> None:
        """Report failure."""
        with self._lock:
            self._notify("failed")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Report success, or failure if an error was raised."""
        if error is None:
            self.finish()
        else:
            self.fail()


class Job:
    """Files that are transferred together. It is the observer of its transfers, and passes their events on.

    A file is done when its transfer has finished, or when `settle` names it.

    Args:
        observer: Receives the events.
        name: Name of the repository.
        clock: Returns the time in seconds.
    """

    def __init__(
        self, observer: Observer, kind: JobKind, name: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.number: int = next(_numbers)
        self._observer = observer
        self._job_observer = observer if isinstance(observer, JobObserver) else None
        self._kind: JobKind = kind
        self._name = name
        self._clock = clock
        self._lock = threading.Lock()
        self._missing: dict[str, int] = {}  # size of each file that is not done
        self._running: dict[int, TransferEvent] = {}
        self._counts: Counter[TransferKind] = Counter()
        self._phase: Phase = "listing"
        self._total_files = self._total_bytes = self._settled_bytes = self._moved_bytes = 0
        self._last_event = 0.0
        self._has_ended = False
        with self._lock:
            self._notify("started")

    def expect(self, sizes: Mapping[str, int]) -> None:
        """Add files to the job: their sizes in bytes, by path."""
        with self._lock:
            self._missing.update(sizes)
            self._total_files += len(sizes)
            self._total_bytes += sum(sizes.values())
            self._notify("advanced")

    def settle(self, paths: Iterable[str]) -> None:
        """Count files as done; those that are done already, or do not belong to the job, are skipped."""
        with self._lock:
            for path in paths:
                self._settle(path)
            self._notify_if_due()

    def __call__(self, event: TransferEvent) -> None:
        """Pass on an event of a transfer, and count it."""
        self._observer(event)
        with self._lock:
            self._count(event)
            self._notify_if_due()

    def _count(self, event: TransferEvent) -> None:
        before = self._running.pop(event.transfer, None)
        if event.state in ("started", "advanced"):
            self._running[event.transfer] = event
        if before is None:
            self._counts[event.kind] += 1
        elif event.kind == self._kind:
            self._moved_bytes += max(event.done - before.done, 0)
        if event.state in ("finished", "failed"):
            self._counts[event.kind] -= 1
        if event.kind == self._kind and event.state == "finished":
            self._settle(event.name)

    def _settle(self, path: str) -> None:
        self._settled_bytes += self._missing.pop(path, 0)

    def _notify_if_due(self) -> None:
        phases: list[Phase] = [phase for kind, phase in PHASES.items() if self._counts[kind]]
        phase = phases[0] if phases else self._phase
        if phase != self._phase or self._clock() - self._last_event >= EVENT_INTERVAL:
            self._phase = phase
            self._notify("advanced")

    def _notify(self, state: State) -> None:
        if self._job_observer is None or self._has_ended:
            return
        self._last_event = self._clock()
        running = sum(
            min(event.done, self._missing.get(event.name, 0))
            for event in self._running.values()
            if event.kind == self._kind
        )
        self._job_observer.on_job(
            JobEvent(
                job=self.number,
                kind=self._kind,
                name=self._name,
                state=state,
                phase=self._phase,
                total_files=self._total_files,
                total_bytes=self._total_bytes,
                done_files=self._total_files - len(self._missing),
                done_bytes=self._settled_bytes + running,
                moved_bytes=self._moved_bytes,
            )
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Report success, or failure if an error was raised."""
        with self._lock:
            self._notify("finished" if error is None else "failed")
            self._has_ended = True
