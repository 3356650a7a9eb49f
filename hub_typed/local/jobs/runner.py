"""What runs jobs: a protocol between them and their owner."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from hub_typed.local.jobs.job import Job

__all__ = ["Owner", "Runner"]


class Owner(Protocol):
    """The jobs of a Hub, which are told what becomes of each; this may be in any thread."""

    def write(self, job_id: str, *lines: str) -> None:
        """Add lines to the log of a job."""
        ...

    def end(self, job_id: str, exit_code: int, message: str | None = None) -> None:
        """End the present attempt of a job.

        Args:
            message: Reason of the failure; by default, it names the exit code.
        """
        ...

    def start_waiting(self) -> None:
        """Start jobs that wait, as there is room again."""
        ...


class Runner(Protocol):
    """Runs attempts of jobs."""

    def has_room(self) -> bool:
        """Whether one more job may run now."""
        ...

    def start(self, job: Job) -> None:
        """Start an attempt, and return without waiting for its end."""
        ...

    def stop(self, job_id: str) -> None:
        """Stop the present attempt of a job, and return without waiting for its end; it may have none."""
        ...

    def resume(self, job: Job) -> bool:
        """Go on with a job that ran when the Hub was stopped; return whether that is possible."""
        ...

    def url(self, job: Job, port: int) -> str:
        """Return the URL of an exposed port."""
        ...

    def metrics(self, job: Job) -> Mapping[str, Any]:
        """Return the current values of a `JobMetrics`, as far as they are known."""
        ...

    def close(self) -> None:
        """Stop all attempts."""
        ...
