"""Handlers of jobs."""

from __future__ import annotations

from typing import Any, Final, Literal

from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.jobs.checks import check_expose, check_labels
from hub_typed.local.jobs.job import Job
from hub_typed.local.repos.space_hardware import HARDWARE
from hub_typed.local.request.call import Call
from hub_typed.local.request.jobs import authorized_for_jobs, check_spec, creator_of, has_labels
from hub_typed.local.streams.event_log import event_stream, sampled_stream
from hub_typed.local.views.jobs import describe_job
from hub_typed_api import models
from hub_typed_api.server.jobs import JobsHandlers

__all__ = ["Jobs"]

_METRICS_INTERVAL: Final = 1.0


class Jobs(JobsHandlers[Call]):
    """Handlers of the operations in the area ``jobs``."""

    def list_jobs_hardware(self, call: Call) -> list[models.JobHardwareInfo]:
        return list(HARDWARE)

    def list_jobs(
        self,
        call: Call,
        *,
        namespace: str,
        stage: list[models.JobStageName] | None = None,
        label: list[str] | None = None,
        cursor: str | None = None,
    ) -> list[models.JobInfo]:
        authorized_for_jobs(call, namespace, "read")
        jobs = [one for one in _in_stages(call, namespace, stage) if has_labels(one.spec, label or ())]
        return [describe_job(call, one) for one in jobs]

    def count_jobs(
        self, call: Call, *, namespace: str, stage: list[models.JobStageName] | None = None
    ) -> models.JobCount:
        authorized_for_jobs(call, namespace, "read")
        return models.JobCount(count=len(_in_stages(call, namespace, stage)))

    def run_job(
        self,
        call: Call,
        *,
        namespace: str,
        docker_image: str | None = None,
        space_id: str | None = None,
        command: list[str] | None = None,
        arguments: list[str] | None = None,
        environment: dict[str, str] | None = None,
        secrets: dict[str, str] | None = None,
        flavor: str,
        arch: models.JobArchitecture | None = None,
        timeout_seconds: int | None = None,
        attempts: int | None = None,
        labels: dict[str, str] | None = None,
        volumes: list[models.Volume] | None = None,
        expose: models.JobPorts | None = None,
        ssh: models.JobSsh | None = None,
        network: models.JobNetwork | None = None,
        resource_group_id: str | None = None,
    ) -> models.JobInfo:
        identity = authorized_for_jobs(call, namespace, "write")
        spec = models.JobInput(
            docker_image=docker_image,
            space_id=space_id,
            command=command,
            arguments=arguments,
            environment=environment,
            secrets=secrets,
            flavor=flavor,
            arch=arch,
            timeout_seconds=timeout_seconds,
            attempts=attempts,
            labels=labels,
            volumes=volumes,
            expose=expose,
            ssh=ssh,
            network=network,
            resource_group_id=resource_group_id,
        )
        check_spec(call, spec)
        return _run(call, namespace, spec, ("user", identity.user.id))

    def duplicate_job(self, call: Call, *, namespace: str, job_id: str) -> models.JobInfo:
        authorized_for_jobs(call, namespace, "write")
        spec = call.jobs.get(namespace, job_id).spec
        check_spec(call, spec)  # a repository may be gone since, or readable no more
        return _run(call, namespace, spec, ("duplicated-job", job_id))

    def inspect_job(self, call: Call, *, namespace: str, job_id: str) -> models.JobInfo:
        return describe_job(call, _readable(call, namespace, job_id))

    def cancel_job(self, call: Call, *, namespace: str, job_id: str) -> models.JobInfo:
        authorized_for_jobs(call, namespace, "write")
        return describe_job(call, call.jobs.cancel(namespace, job_id))

    def update_job_labels(self, call: Call, *, namespace: str, job_id: str, labels: dict[str, str]) -> models.JobInfo:
        authorized_for_jobs(call, namespace, "write")
        check_labels(labels)
        return describe_job(call, call.jobs.change_spec(namespace, job_id, labels=labels))

    def update_job_expose(
        self,
        call: Call,
        *,
        namespace: str,
        job_id: str,
        ports: list[int],
        ports_public: list[int] | None = None,
    ) -> models.JobInfo:
        authorized_for_jobs(call, namespace, "write")
        expose = models.JobPorts(ports=ports, ports_public=ports_public)
        check_expose(expose)
        if call.jobs.get(namespace, job_id).is_finished:
            raise bad_request("The job has finished: only the ports of a running job can be exposed")
        return describe_job(call, call.jobs.change_spec(namespace, job_id, expose=expose))

    def stream_job_logs(self, call: Call, *, namespace: str, job_id: str, tail: int | None = None) -> Any:
        job = _readable(call, namespace, job_id)
        if tail is not None and tail < 0:
            raise bad_request(f"Invalid tail {tail}: it must be at least 0")
        return event_stream(call.jobs.log(job), tail=tail)

    def stream_job_events(self, call: Call, *, namespace: str, job_id: str) -> Any:
        return event_stream(call.jobs.stages(_readable(call, namespace, job_id)))

    def stream_job_metrics(self, call: Call, *, namespace: str, job_id: str) -> Any:
        job = _readable(call, namespace, job_id)
        if job.is_finished:
            raise HubResponseError(406, "The job has finished: there are metrics of running jobs only")
        return sampled_stream(
            lambda: call.jobs.metrics(job),
            name="metric",
            interval=_METRICS_INTERVAL,
            changes=call.jobs.stages(job).changes,
        )

    def check_jobs_access(self, call: Call, *, namespace: str, perms: str) -> models.JobsAccess:
        identity = authorized_for_jobs(call, namespace, _right(perms))
        account = call.accounts.user(namespace) or call.accounts.organization(namespace)
        return models.JobsAccess(
            namespace=None if account is None else models.JobsAccount(id=account.id, name=account.name),
            user=models.JobsAccount(id=identity.user.id, name=identity.user.name),
        )

    def check_job_access(self, call: Call, *, namespace: str, job_id: str, perms: str) -> models.JobsAccess:
        access = self.check_jobs_access(call, namespace=namespace, perms=perms)
        call.jobs.get(namespace, job_id)
        return access


def _right(perms: str) -> Literal["read", "write"]:
    if perms == "read":
        return "read"
    if perms == "write":
        return "write"
    raise bad_request(f"Invalid permission {perms!r}: it must be read or write")


def _readable(call: Call, namespace: str, job_id: str) -> Job:
    authorized_for_jobs(call, namespace, "read")
    return call.jobs.get(namespace, job_id)


def _run(call: Call, namespace: str, spec: models.JobInput, initiator: tuple[str, str]) -> models.JobInfo:
    job = call.jobs.run(namespace, spec, creator_of(call.user()), initiator)
    return describe_job(call, job)


def _in_stages(call: Call, namespace: str, stages: list[models.JobStageName] | None) -> list[Job]:
    jobs = call.jobs.of(namespace)
    return jobs if stages is None else [one for one in jobs if one.stage in stages]
