"""Scheduled jobs, which run at their times on the clock of the jobs."""

from __future__ import annotations

import secrets
import threading
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.clocks.timers import Timer
from hub_typed.local.errors import HubResponseError, bad_request, conflict, not_found
from hub_typed.local.jobs.job import Creator, Job
from hub_typed.local.jobs.jobs import Jobs
from hub_typed.local.jobs.schedule import Schedule
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api import models
from hub_typed_api.codec.jobs import structure_job_input, unstructure_job_input

__all__ = ["ScheduledJob", "ScheduledJobs"]


@attrs.frozen(kw_only=True)
class ScheduledJob:
    """A scheduled job.

    Attributes:
        token_id: Identifier of the token that created it; without this token, it is suspended.
        concurrency: Whether a run may begin before the last one has finished.
        reason: Reason why the Hub suspended it.
        last_job: Id of the last run.
        last_at: Time of the last run.
    """

    id: str
    namespace: str
    spec: models.JobInput = attrs.field(repr=False)
    schedule: str
    creator: Creator
    token_id: str
    created_at: datetime
    concurrency: bool = False
    suspended: bool = False
    reason: str | None = None
    last_job: str | None = None
    last_at: datetime | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the scheduled job as JSON."""
        return {
            **attrs.asdict(self, recurse=False),
            "spec": unstructure_job_input(self.spec),
            "creator": attrs.asdict(self.creator),
            "created_at": self.created_at.isoformat(),
            "last_at": None if self.last_at is None else self.last_at.isoformat(),
        }

    @classmethod
    def from_json(cls, members: dict[str, Any]) -> ScheduledJob:
        """Load a scheduled job from JSON."""
        last = members["last_at"]
        changed: dict[str, Any] = {
            "spec": structure_job_input(members["spec"]),
            "creator": Creator(**members["creator"]),
            "created_at": datetime.fromisoformat(members["created_at"]),
            "last_at": None if last is None else datetime.fromisoformat(last),
        }
        return cls(**{**members, **changed})


class ScheduledJobs:
    """Scheduled jobs, stored in one file. Runs that were due while the Hub was stopped are left out."""

    def __init__(self, file: Path, jobs: Jobs, accounts: Accounts) -> None:
        self._file = file
        self._jobs = jobs
        self._accounts = accounts
        self._lock = threading.RLock()
        self._timers: dict[str, Timer] = {}
        self._all = {one["id"]: ScheduledJob.from_json(one) for one in read_json(file, [])}
        for one in self._all.values():
            self._arm(one)

    def of(self, namespace: str) -> list[ScheduledJob]:
        """List the scheduled jobs of an account, newest first."""
        with self._lock:
            return [one for one in reversed(self._all.values()) if one.namespace == namespace]

    def get(self, namespace: str, scheduled_job_id: str) -> ScheduledJob:
        """Return a scheduled job of an account.

        Raises:
            HubResponseError: 404, there is no such scheduled job.
        """
        found = self._all.get(scheduled_job_id)
        if found is None or found.namespace != namespace:
            raise not_found("Scheduled job not found")
        return found

    def next_at(self, scheduled: ScheduledJob) -> datetime | None:
        """Return the time of the next run; ``None`` while it is suspended."""
        timer = self._timers.get(scheduled.id)
        return None if timer is None else timer.at

    def add(
        self,
        namespace: str,
        spec: models.JobInput,
        schedule: str,
        creator: Creator,
        token_id: str,
        *,
        concurrency: bool,
        suspended: bool,
    ) -> ScheduledJob:
        """Add a scheduled job.

        Raises:
            HubResponseError: 400, the schedule is invalid.
        """
        _checked(schedule)
        made = ScheduledJob(
            id=secrets.token_hex(12),
            namespace=namespace,
            spec=spec,
            schedule=schedule,
            creator=creator,
            token_id=token_id,
            created_at=self._jobs.clock.now(),
            concurrency=concurrency,
            suspended=suspended,
        )
        with self._lock:
            return self._put(made)

    def change(self, namespace: str, scheduled_job_id: str, **changes: Any) -> ScheduledJob:
        """Change attributes.

        Raises:
            HubResponseError: 404, there is no such scheduled job; 400, the schedule is invalid.
        """
        with self._lock:
            changed = attrs.evolve(self.get(namespace, scheduled_job_id), **changes)
            _checked(changed.schedule)
            return self._put(changed)

    def change_spec(self, namespace: str, scheduled_job_id: str, **changes: Any) -> ScheduledJob:
        """Change what is to run, such as the labels.

        Raises:
            HubResponseError: 404, there is no such scheduled job.
        """
        with self._lock:
            spec = self.get(namespace, scheduled_job_id).spec
            return self.change(namespace, scheduled_job_id, spec=attrs.evolve(spec, **changes))

    def remove(self, namespace: str, scheduled_job_id: str) -> None:
        """Remove a scheduled job; its runs stay.

        Raises:
            HubResponseError: 404, there is no such scheduled job.
        """
        with self._lock:
            del self._all[self.get(namespace, scheduled_job_id).id]
            self._disarm(scheduled_job_id)
            self._save()

    def trigger(self, namespace: str, scheduled_job_id: str) -> Job:
        """Run a scheduled job now, whatever its schedule.

        Raises:
            HubResponseError: 404, there is no such scheduled job; 409, a run is in progress, and runs may not overlap;
                errors of `Jobs.run`.
        """
        with self._lock:
            scheduled = self.get(namespace, scheduled_job_id)
            if self._is_running(scheduled):
                raise conflict("A run of this scheduled job is in progress, and runs of it may not overlap")
            return self._run(scheduled)

    def _is_running(self, scheduled: ScheduledJob) -> bool:
        """Whether a run is in progress that excludes another one."""
        if scheduled.concurrency:
            return False
        runs = (one for one in self._jobs.of(scheduled.namespace) if one.initiator == ("scheduled-job", scheduled.id))
        return any(not one.is_finished for one in runs)

    def _run(self, scheduled: ScheduledJob) -> Job:
        job = self._jobs.run(
            scheduled.namespace,
            scheduled.spec,
            scheduled.creator,
            ("scheduled-job", scheduled.id),
        )
        self._put(attrs.evolve(scheduled, last_job=job.id, last_at=job.created_at))
        return job

    def _run_if_due(self, scheduled_job_id: str) -> None:
        with self._lock:
            scheduled = self._all.get(scheduled_job_id)
            if scheduled is None or scheduled.suspended:
                return
            self._arm(scheduled)
            identity = self._accounts.find_token(token_id=scheduled.token_id)
            if identity is None or self._accounts.role_in(scheduled.namespace, identity) not in ("write", "admin"):
                reason = f"The token of {scheduled.creator.name} that created it is no longer valid"
                self._put(attrs.evolve(scheduled, suspended=True, reason=reason))
            elif not self._is_running(scheduled):
                with suppress(HubResponseError):  # too many jobs: there is no run this time
                    self._run(scheduled)

    def _put(self, scheduled: ScheduledJob) -> ScheduledJob:
        self._all[scheduled.id] = scheduled
        self._arm(scheduled)
        self._save()
        return scheduled

    def _arm(self, scheduled: ScheduledJob) -> None:
        """Wait for the next run."""
        self._disarm(scheduled.id)
        if not scheduled.suspended:
            at = Schedule.parse(scheduled.schedule).next_after(self._jobs.clock.now())
            self._timers[scheduled.id] = self._jobs.timers.call_at(at, lambda: self._run_if_due(scheduled.id))

    def _disarm(self, scheduled_job_id: str) -> None:
        timer = self._timers.pop(scheduled_job_id, None)
        if timer is not None:
            timer.cancel()

    def _save(self) -> None:
        write_json(self._file, [one.to_json() for one in self._all.values()])


def _checked(schedule: str) -> None:
    try:
        Schedule.parse(schedule)
    except ValueError as error:
        raise bad_request(str(error)) from None
