"""Models that describe jobs and scheduled jobs; they name secrets, without their values."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hub_typed.local.jobs.job import Job
from hub_typed.local.jobs.scheduled_jobs import ScheduledJob
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["describe_job", "describe_scheduled_job"]


def describe_job(call: Call, job: Job) -> models.JobInfo:
    """Describe a job and its status."""
    return models.JobInfo(
        **_shared(job.spec),
        type="job",
        id=job.id,
        created_at=job.created_at,
        started_at=job.started_at,
        finished_at=job.finished_at,
        owner=_owner(call, job.namespace),
        created_by=models.JobCreator(id=job.creator.id, name=job.creator.name),
        initiator=_initiator(job),
        durations=_durations(job, call.jobs.clock.now()),
        status=models.JobStatus(
            stage=job.stage,
            message=job.message,
            failure_count=job.failures,
            expose_urls=call.jobs.exposed(job),
            ssh_url=f"ssh://{job.id}@ssh.hf.jobs" if job.spec.ssh is not None and job.spec.ssh.enabled else None,
        ),
    )


def describe_scheduled_job(call: Call, scheduled: ScheduledJob) -> models.ScheduledJobInfo:
    """Describe a scheduled job and its last and next run."""
    last = None
    if scheduled.last_job is not None and scheduled.last_at is not None:
        last = models.LastJobInfo(id=scheduled.last_job, at=scheduled.last_at)
    return models.ScheduledJobInfo(
        type="scheduled-job",
        id=scheduled.id,
        created_at=scheduled.created_at,
        job_spec=models.JobSpec(**_shared(scheduled.spec)),
        schedule=scheduled.schedule,
        suspend=scheduled.suspended,
        suspend_reason=scheduled.reason,
        concurrency=scheduled.concurrency,
        status=models.ScheduledJobStatus(last_job=last, next_job_run_at=call.scheduled_jobs.next_at(scheduled)),
        owner=_owner(call, scheduled.namespace),
        initiator=models.JobInitiator(type="user", id=scheduled.creator.id, name=scheduled.creator.name),
    )


def _shared(spec: models.JobInput) -> dict[str, Any]:
    """Return the members that jobs and scheduled jobs have in common."""
    return {
        "docker_image": spec.docker_image,
        "space_id": spec.space_id,
        "command": spec.command or [],
        "arguments": spec.arguments or [],
        "environment": spec.environment or {},
        "secrets": list(spec.secrets or ()),
        "flavor": spec.flavor,
        "arch": spec.arch,
        "timeout": spec.timeout_seconds,
        "retry": spec.attempts,
        "labels": spec.labels,
        "volumes": spec.volumes,
        "expose": spec.expose,
        "network": spec.network,
    }


def _owner(call: Call, namespace: str) -> models.JobOwner:
    user, organization = call.accounts.user(namespace), call.accounts.organization(namespace)
    account = user or organization
    assert account is not None  # accounts are never deleted
    kind = "org" if user is None else "user"
    return models.JobOwner(id=account.id, name=account.name, type=kind, avatar_url=account.avatar)


def _initiator(job: Job) -> models.JobInitiator:
    kind, initiator = job.initiator
    return models.JobInitiator(type=kind, id=initiator, name=job.creator.name if kind == "user" else None)


def _durations(job: Job, now: datetime) -> models.JobDurations:
    end = job.finished_at or now
    started = job.started_at
    return models.JobDurations(
        scheduling_secs=None if started is None else (started - job.created_at).total_seconds(),
        running_secs=None if started is None else (end - started).total_seconds(),
        total_secs=(end - job.created_at).total_seconds(),
    )
