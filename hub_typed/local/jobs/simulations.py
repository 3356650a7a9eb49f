"""Recorded jobs: nothing is executed, and a job does what a test has said beforehand."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import Any

import attrs

from hub_typed.local.clocks.clock import AdjustableClock
from hub_typed.local.clocks.timers import Timer, Timers
from hub_typed.local.jobs.job import Job
from hub_typed.local.jobs.runner import Owner

__all__ = ["Simulation", "Simulations"]


@attrs.frozen(kw_only=True)
class Simulation:
    """What jobs do that match the patterns, which are those of `fnmatch`.

    Attributes:
        image: Pattern of the Docker image, or of the Space.
        command: Pattern of the command with its arguments, as a shell would read it: ``python -c *``.
        logs: Lines that the job writes when it starts.
        exit_code: Exit status; others than 0 are failures.
        message: Reason of the failure; by default, it names the exit status.
        after: Seconds that the job runs, on the clock of the jobs.
        held: Whether the job runs until `Jobs.end` or a cancellation.
    """

    image: str = "*"
    command: str = "*"
    logs: Sequence[str] = ()
    exit_code: int = 0
    message: str | None = None
    after: float = 0.0
    held: bool = False

    def matches(self, job: Job) -> bool:
        """Whether a job does this."""
        return fnmatchcase(job.image, self.image) and fnmatchcase(shlex.join(job.command), self.command)


class Simulations:
    """Runner of jobs that are only recorded."""

    def __init__(self, owner: Owner, clock: AdjustableClock, timers: Timers) -> None:
        self._owner = owner
        self._clock = clock
        self._timers = timers
        self._all: list[Simulation] = []
        self._ends: dict[str, Timer] = {}

    def add(self, simulation: Simulation) -> None:
        """Let later jobs do this; of several that match, the last one counts."""
        self._all.insert(0, simulation)

    def has_room(self) -> bool:
        return True

    def start(self, job: Job) -> None:
        chosen = next((one for one in self._all if one.matches(job)), Simulation())
        self._owner.write(job.id, *chosen.logs)
        if chosen.held:
            return
        if chosen.after <= 0:
            self._owner.end(job.id, chosen.exit_code, chosen.message)
            return
        at = self._clock.now() + timedelta(seconds=chosen.after)
        self._ends[job.id] = self._timers.call_at(at, lambda: self._owner.end(job.id, chosen.exit_code, chosen.message))

    def stop(self, job_id: str) -> None:
        timer = self._ends.pop(job_id, None)
        if timer is not None:
            timer.cancel()

    def resume(self, job: Job) -> bool:  # noqa: ARG002, of the protocol
        return True  # it is held from now on

    def url(self, job: Job, port: int) -> str:
        return f"https://{job.id}--{port}.hf.jobs"

    def metrics(self, job: Job) -> Mapping[str, Any]:  # noqa: ARG002, of the protocol
        return {"cpu_usage_pct": 0, "memory_used_bytes": 0, "rx_bps": 0, "tx_bps": 0, "gpus": {}}

    def close(self) -> None:
        self._ends.clear()
