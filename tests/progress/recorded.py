"""An observer that records the events of jobs and transfers, and checks their order."""

from __future__ import annotations

import threading

from hub_typed.progress import JobEvent, TransferEvent

ENDS = ("finished", "failed")


class Recorder:
    """Observer of jobs; `jobs` and `transfers` are their events in order."""

    def __init__(self) -> None:
        self.jobs: list[JobEvent] = []
        self.transfers: list[TransferEvent] = []
        self._lock = threading.Lock()

    def __call__(self, event: TransferEvent) -> None:
        with self._lock:
            self.transfers.append(event)

    def on_job(self, event: JobEvent) -> None:
        with self._lock:
            self.jobs.append(event)

    def checked(self) -> JobEvent:
        """Check the events of one job, and return the last one."""
        first, last = self.jobs[0], self.jobs[-1]
        assert {(one.job, one.kind, one.name) for one in self.jobs} == {(first.job, first.kind, first.name)}
        assert (first.state, first.phase, first.total_files) == ("started", "listing", 0)
        assert last.state in ENDS
        assert {one.state for one in self.jobs[1:-1]} <= {"advanced"}
        for one in self.jobs:
            assert 0 <= one.done_files <= one.total_files
            assert 0 <= one.done_bytes <= one.total_bytes
        for before, after in zip(self.jobs, self.jobs[1:], strict=False):
            assert before.total_files <= after.total_files
            assert before.total_bytes <= after.total_bytes
            assert before.done_files <= after.done_files
            assert before.moved_bytes <= after.moved_bytes
        if last.state == "finished":
            assert (last.done_files, last.done_bytes) == (last.total_files, last.total_bytes)
        assert {event.job for event in self.transfers} <= {first.job}
        for number in {event.transfer for event in self.transfers}:
            states = [event.state for event in self.transfers if event.transfer == number]
            assert states[0] == "started"
            assert states[-1] in ENDS
            assert {*states[1:-1]} <= {"advanced"}
        return last
