"""The jobs of a Hub: their stages, logs and limits."""

from __future__ import annotations

import secrets
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final, TypeAlias

import attrs

from hub_typed.local.clocks.clock import AdjustableClock
from hub_typed.local.clocks.timers import Timer, Timers
from hub_typed.local.errors import HubResponseError, forbidden, not_found
from hub_typed.local.jobs.job import Creator, Job, Stage
from hub_typed.local.jobs.runner import Runner
from hub_typed.local.jobs.simulations import Simulation, Simulations
from hub_typed.local.json_files import make_private, read_json, write_json
from hub_typed.local.streams.event_log import EventLog
from hub_typed_api import models
from hub_typed_api.coerce import date_text

__all__ = ["Jobs"]

_Events: TypeAlias = Sequence[dict[str, Any]]
MAX_LINE: Final = 64 << 10
"""Maximum characters of a line of a log; a longer one becomes several."""


class Jobs:
    """Jobs, each stored in one file, and their clock, which tests can advance.

    Args:
        folder: Folder for the files.
        now: Clock that theirs is based on.
        runner: Returns what executes the jobs; by default, they are only recorded.

    Attributes:
        clock: Clock of the jobs.
        timers: What is to happen at a time of the clock.
        runner: What executes the jobs.
        max_unfinished: Maximum number of jobs of one account that have not finished.
        max_lines: Maximum number of lines of one log.
        max_log_bytes: Maximum size of one log.
    """

    def __init__(
        self, folder: Path, now: Callable[[], datetime], *, runner: Callable[[Jobs], Runner] | None = None
    ) -> None:
        make_private(folder)
        self._folder = folder
        self._now = now
        self.clock: AdjustableClock = AdjustableClock(now)
        self.timers: Timers = Timers(self.clock)
        self.max_unfinished: int = 1000
        self.max_lines: int = 100_000
        self.max_log_bytes: int = 16 << 20
        self._lock = threading.RLock()
        self._all: dict[str, Job] = {}
        self._logs: dict[str, EventLog] = {}
        self._stages: dict[str, EventLog] = {}
        self._waiting: deque[str] = deque()
        self._timeouts: dict[str, Timer] = {}
        self._is_closed = False
        self._simulations = Simulations(self, self.clock, self.timers)
        self.runner: Runner = self._simulations if runner is None else runner(self)
        self._load()

    def simulate(
        self,
        *,
        image: str = "*",
        command: str = "*",
        logs: Sequence[str] = (),
        exit_code: int = 0,
        message: str | None = None,
        after: float = 0.0,
        held: bool = False,
    ) -> None:
        """Say what later jobs do, if they are only recorded; of several simulations that match, the last one counts.

        The arguments are the attributes of `Simulation`. By default, a job writes nothing and completes at once.

        Raises:
            RuntimeError: The jobs of this Hub are really executed.

        Example:
            hub.jobs.simulate(command="python train.py *", logs=["Training"], exit_code=1)
            hub.jobs.simulate(image="ubuntu:*", held=True)  # until hub.jobs.end(job.id)
        """
        if self.runner is not self._simulations:
            raise RuntimeError("The jobs of this embedded Hub run as processes: simulate them with LocalHub() instead")
        self._simulations.add(
            Simulation(
                image=image,
                command=command,
                logs=tuple(logs),
                exit_code=exit_code,
                message=message,
                after=after,
                held=held,
            )
        )

    def advance(self, seconds: float) -> None:
        """Advance the clock of the jobs; what is due on the way happens before this returns."""
        self.timers.advance(seconds)

    def of(self, namespace: str) -> list[Job]:
        """List the jobs of an account, newest first."""
        with self._lock:
            return [one for one in reversed(self._all.values()) if one.namespace == namespace]

    def get(self, namespace: str, job_id: str) -> Job:
        """Return a job of an account.

        Raises:
            HubResponseError: 404, there is no such job.
        """
        found = self._all.get(job_id)
        if found is None or found.namespace != namespace:
            raise not_found("Job not found")
        return found

    def log(self, job: Job) -> EventLog:
        """Return the log of a job: a `LogEvent` for each line."""
        return self._logs[job.id]

    def stages(self, job: Job) -> EventLog:
        """Return the stages of a job: its status at each change."""
        return self._stages[job.id]

    def metrics(self, job: Job) -> Mapping[str, Any] | None:
        """Return the current values of a `JobMetrics`; ``None`` if the job has finished."""
        return None if self._all[job.id].is_finished else self.runner.metrics(job)

    def exposed(self, job: Job) -> list[str]:
        """Return the URLs of the exposed ports, in their order."""
        return [] if job.spec.expose is None else [self.runner.url(job, port) for port in job.spec.expose.ports]

    def run(self, namespace: str, spec: models.JobInput, creator: Creator, initiator: tuple[str, str]) -> Job:
        """Add a job, and start it when there is room; return it as it is before.

        Raises:
            HubResponseError: 403, the account has too many jobs that have not finished; 503, the Hub is being stopped.
        """
        with self._lock:
            if self._is_closed:
                raise HubResponseError(503, "The embedded Hub is being stopped, and starts no jobs")
            unfinished = sum(one.namespace == namespace and not one.is_finished for one in self._all.values())
            if unfinished >= self.max_unfinished:
                raise forbidden(f"{namespace} has {unfinished} jobs that have not finished: wait for one, or cancel it")
            job = Job(
                id=secrets.token_hex(12),
                namespace=namespace,
                spec=spec,
                creator=creator,
                initiator=initiator,
                created_at=self.clock.now(),
            )
            self._open_logs(job.id)
            self._put(job)
            self._waiting.append(job.id)
            self.start_waiting()
            return job

    def cancel(self, namespace: str, job_id: str) -> Job:
        """Cancel a job; one that has finished stays as it is.

        Raises:
            HubResponseError: 404, there is no such job.
        """
        with self._lock:
            job = self.get(namespace, job_id)
            return job if job.is_finished else self._finish(job, "CANCELED", None)

    def change_spec(self, namespace: str, job_id: str, **changes: Any) -> Job:
        """Change what was asked for, such as the labels.

        Raises:
            HubResponseError: 404, there is no such job.
        """
        with self._lock:
            job = self.get(namespace, job_id)
            return self._put(attrs.evolve(job, spec=attrs.evolve(job.spec, **changes)))

    def write(self, job_id: str, *lines: str) -> None:
        """Add lines to the log of a job."""
        log = self._logs[job_id]
        now = date_text(self._now())  # not `clock`: clients compare it with the date of the response
        for line in lines:
            for start in range(0, max(len(line), 1), MAX_LINE):
                log.append({"data": line[start : start + MAX_LINE], "timestamp": now})

    def end(self, job_id: str, exit_code: int = 0, message: str | None = None) -> None:
        """End the present attempt of a job; after a failure, another one follows if the job has any left.

        Args:
            message: Reason of the failure; by default, it names the exit code.
        """
        with self._lock:
            job = self._all[job_id]
            if job.stage != "RUNNING":
                self.start_waiting()
                return
            self.runner.stop(job_id)
            if exit_code == 0:
                self._finish(job, "COMPLETED", None)
                return
            job = attrs.evolve(job, failures=job.failures + 1)
            if job.failures < (job.spec.attempts or 1):
                self.runner.start(self._put(job))
                return
            self._finish(job, "ERROR", message or f"Job failed with exit code: {exit_code}")

    def start_waiting(self) -> None:
        """Start jobs that wait, as far as there is room."""
        with self._lock:
            while self._waiting and self.runner.has_room():
                job = self._all[self._waiting.popleft()]
                if not job.is_finished:
                    job = self._put(attrs.evolve(job, stage="RUNNING", started_at=self.clock.now()))
                    self._set_timeout(job)
                    self.runner.start(job)

    def save(self) -> None:
        """Write what the logs of unfinished jobs have got since these jobs changed last."""
        with self._lock:
            for job in self._all.values():
                if not job.is_finished:
                    self._write_file(job)

    def close(self) -> None:
        """Stop what runs, end all streams, and change the files no more; further calls do nothing."""
        with self._lock:
            if self._is_closed:
                return
            self.save()
            self._is_closed = True
            self._waiting.clear()
        self.timers.close()
        self.runner.close()
        for log in [*self._logs.values(), *self._stages.values()]:
            log.close()

    def _set_timeout(self, job: Job) -> None:
        seconds = job.spec.timeout_seconds
        if seconds is not None and job.started_at is not None:
            self._timeouts[job.id] = self.timers.call_at(
                job.started_at + timedelta(seconds=seconds), lambda: self._time_out(job.id)
            )

    def _time_out(self, job_id: str) -> None:
        with self._lock:
            job = self._all[job_id]
            if not job.is_finished:
                self._finish(job, "ERROR", f"Job timed out after {job.spec.timeout_seconds} seconds")

    def _finish(self, job: Job, stage: Stage, message: str | None) -> Job:
        job = self._put(attrs.evolve(job, stage=stage, message=message, finished_at=self.clock.now()))
        timeout = self._timeouts.pop(job.id, None)
        if timeout is not None:
            timeout.cancel()
        self.runner.stop(job.id)
        self._logs[job.id].close()
        self._stages[job.id].close()
        self.start_waiting()
        return job

    def _put(self, job: Job) -> Job:
        known = self._all.get(job.id)
        self._all[job.id] = job
        if known is None or known.stage != job.stage:
            self._stages[job.id].append({"stage": job.stage, "message": job.message})
        if not self._is_closed:
            self._write_file(job)
        return job

    def _write_file(self, job: Job) -> None:
        log, stages = self._logs[job.id].events, self._stages[job.id].events
        write_json(self._folder / f"{job.id}.json", {"job": job.to_json(), "log": log, "stages": stages})

    def _open_logs(self, job_id: str, log: _Events = (), stages: _Events = ()) -> None:
        full = {"data": f"The embedded Hub keeps no more than {self.max_lines} lines and {self.max_log_bytes} bytes"}
        self._logs[job_id] = EventLog(log, full=full, max_events=self.max_lines, max_bytes=self.max_log_bytes)
        self._stages[job_id] = EventLog(stages)

    def _load(self) -> None:
        """Read the files, and go on with what had not finished."""
        stored = [read_json(file) for file in self._folder.glob("*.json")]
        for one in sorted(stored, key=lambda one: one["job"]["created_at"]):
            job = Job.from_json(one["job"])
            self._open_logs(job.id, one["log"], one["stages"])
            self._all[job.id] = job
            if job.is_finished:
                self._logs[job.id].close()
                self._stages[job.id].close()
            elif job.stage == "SCHEDULING":
                self._waiting.append(job.id)
            elif self.runner.resume(job):
                self._set_timeout(job)
            else:
                self._finish(job, "ERROR", "The embedded Hub was stopped while the job ran")
        self.start_waiting()
