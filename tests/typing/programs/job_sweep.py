"""A sweep over hyperparameters: a job for each, followed, compared and cleaned up."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from hub_typed import (
    TERMINAL_JOB_STAGES,
    AsyncHfApi,
    HfApi,
    HfHubHTTPError,
    JobHardware,
    JobInfo,
    JobNotFoundError,
    JobStage,
    ScheduledJobInfo,
    Volume,
)


@dataclass(frozen=True)
class Trial:
    rate: float
    loss: float | None
    seconds: float
    url: str


@dataclass
class Sweep:
    api: HfApi
    dataset: str
    name: str
    flavor: JobHardware | str = JobHardware.CPU_BASIC

    def cheapest(self, memory: str) -> str:
        """Return the cheapest hardware with an accelerator, or any with so much memory."""
        prices = {
            one.name: one.unit_cost_usd or 0.0
            for one in self.api.list_jobs_hardware()
            if one.accelerator is not None or one.ram == memory
        }
        return min(prices, key=lambda name: prices[name])

    def start(self, rates: list[float]) -> dict[str, float]:
        data = Volume(type="dataset", source=self.dataset, mount_path="/data", read_only=True)
        started: dict[str, float] = {}
        for rate in rates:
            job = self.api.run_job(
                image="python:3.12",
                command=["python", "train.py", "--rate", str(rate)],
                env={"RATE": str(rate)},
                flavor=self.flavor,
                timeout="1h",
                attempts=2,
                labels={"sweep": self.name},
                volumes=[data],
            )
            started[job.id] = rate
        return started

    def finish(self, rates: Mapping[str, float], seconds: float) -> list[Trial]:
        try:
            done = self.api.wait_for_job(list(rates), timeout=seconds, poll_interval=0.05)
        except TimeoutError:
            self.stop()
            raise
        return [self.trial(job, rates[job.id]) for job in done if job.status.stage == JobStage.COMPLETED]

    def trial(self, job: JobInfo, rate: float) -> Trial:
        loss: float | None = None
        for line in self.api.fetch_job_logs(job_id=job.id, tail=10):
            if line.startswith("loss="):
                loss = float(line.removeprefix("loss="))
        running = job.durations.running_secs if job.durations is not None else None
        return Trial(rate, loss, running or 0.0, job.url)

    def stop(self) -> list[str]:
        stopped: list[str] = []
        for job in self.api.list_jobs(labels={"sweep": self.name}):
            if job.status.stage in TERMINAL_JOB_STAGES:
                continue
            try:
                self.api.cancel_job(job_id=job.id, namespace=job.owner.name)
            except JobNotFoundError:
                continue
            stopped.append(job.id)
        return stopped

    def nightly(self, rate: float) -> ScheduledJobInfo:
        for known in self.api.list_scheduled_jobs(labels={"name": self.name}):
            return self.api.update_scheduled_job_schedule(scheduled_job_id=known.id, schedule="@daily")
        return self.api.create_scheduled_uv_job(
            "lighteval", script_args=[str(rate)], schedule="@weekly", dependencies=["lighteval"], name=self.name
        )


def peaks(api: HfApi, job: JobInfo) -> Iterator[tuple[str, float]]:
    """Yield the busiest accelerators of a running job."""
    for metrics in api.fetch_job_metrics(job_id=job.id, follow=True):
        for name, gpu in (metrics.gpus or {}).items():
            if gpu.utilization is not None and gpu.utilization > 90:
                yield name, gpu.utilization


async def watch(api: AsyncHfApi, job_ids: list[str]) -> dict[str, str]:
    """Return the last line of several jobs, which are followed at the same time."""

    async def last(job_id: str) -> tuple[str, str]:
        found = ""
        try:
            async for line in api.fetch_job_logs(job_id=job_id, follow=True):
                found = line
        except HfHubHTTPError as error:
            found = json.dumps({"status": error.response.status_code})
        job: JobInfo = await api.wait_for_job(job_id)
        return job.id, found

    return dict(await asyncio.gather(*map(last, job_ids)))
