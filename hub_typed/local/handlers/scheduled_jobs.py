"""Handlers of scheduled jobs."""

from __future__ import annotations

from hub_typed.local.jobs.checks import check_labels
from hub_typed.local.request.call import Call
from hub_typed.local.request.jobs import authorized_for_jobs, check_spec, creator_of, has_labels
from hub_typed.local.views.jobs import describe_job, describe_scheduled_job
from hub_typed_api import models
from hub_typed_api.server.scheduled_jobs import ScheduledJobsHandlers

__all__ = ["ScheduledJobs"]


class ScheduledJobs(ScheduledJobsHandlers[Call]):
    """Handlers of the operations in the area ``scheduled_jobs``."""

    def list_scheduled_jobs(
        self, call: Call, *, namespace: str, label: str | None = None
    ) -> list[models.ScheduledJobInfo]:
        authorized_for_jobs(call, namespace, "read")
        labels = () if label is None else (label,)
        return [
            describe_scheduled_job(call, one)
            for one in call.scheduled_jobs.of(namespace)
            if has_labels(one.spec, labels)
        ]

    def create_scheduled_job(
        self,
        call: Call,
        *,
        namespace: str,
        job_spec: models.JobInput,
        schedule: str,
        suspend: bool | None = None,
        concurrency: bool | None = None,
    ) -> models.ScheduledJobInfo:
        identity = authorized_for_jobs(call, namespace, "write")
        check_spec(call, job_spec)
        made = call.scheduled_jobs.add(
            namespace,
            job_spec,
            schedule,
            creator_of(identity),
            identity.id,
            concurrency=bool(concurrency),
            suspended=bool(suspend),
        )
        return describe_scheduled_job(call, made)

    def inspect_scheduled_job(self, call: Call, *, namespace: str, scheduled_job_id: str) -> models.ScheduledJobInfo:
        authorized_for_jobs(call, namespace, "read")
        return describe_scheduled_job(call, call.scheduled_jobs.get(namespace, scheduled_job_id))

    def delete_scheduled_job(self, call: Call, *, namespace: str, scheduled_job_id: str) -> None:
        authorized_for_jobs(call, namespace, "write")
        call.scheduled_jobs.remove(namespace, scheduled_job_id)

    def suspend_scheduled_job(self, call: Call, *, namespace: str, scheduled_job_id: str) -> None:
        authorized_for_jobs(call, namespace, "write")
        call.scheduled_jobs.change(namespace, scheduled_job_id, suspended=True)

    def resume_scheduled_job(self, call: Call, *, namespace: str, scheduled_job_id: str) -> None:
        identity = authorized_for_jobs(call, namespace, "write")
        call.scheduled_jobs.change(
            namespace,
            scheduled_job_id,
            suspended=False,
            reason=None,
            creator=creator_of(identity),
            token_id=identity.id,
        )

    def trigger_scheduled_job(self, call: Call, *, namespace: str, scheduled_job_id: str) -> models.JobInfo:
        authorized_for_jobs(call, namespace, "write")
        return describe_job(call, call.scheduled_jobs.trigger(namespace, scheduled_job_id))

    def update_scheduled_job_schedule(
        self, call: Call, *, namespace: str, scheduled_job_id: str, schedule: str
    ) -> models.ScheduledJobInfo:
        authorized_for_jobs(call, namespace, "write")
        changed = call.scheduled_jobs.change(namespace, scheduled_job_id, schedule=schedule)
        return describe_scheduled_job(call, changed)

    def update_scheduled_job_labels(
        self, call: Call, *, namespace: str, scheduled_job_id: str, labels: dict[str, str]
    ) -> models.ScheduledJobInfo:
        authorized_for_jobs(call, namespace, "write")
        check_labels(labels)
        return describe_scheduled_job(call, call.scheduled_jobs.change_spec(namespace, scheduled_job_id, labels=labels))
