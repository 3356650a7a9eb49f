"""The operations on jobs as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import jobs
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED", "PLACES", "STREAMS"]

JSON = "content-type: application/json"
EVENTS = "accept: text/event-stream"

EVERY = [
    becomes(jobs.list_jobs_hardware, "GET /api/jobs/hardware"),
    becomes(
        jobs.list_jobs,
        "GET /api/jobs/ann",
        "stage=RUNNING",
        "stage=ERROR",
        "label=name=train",
        "label=run=3",
        "cursor=Zm9v==",
        namespace="ann",
        stage=["RUNNING", "ERROR"],
        label=["name=train", "run=3"],
        cursor="Zm9v==",
    ),
    becomes(
        jobs.run_job,
        "POST /api/jobs/ann",
        JSON,
        '{"dockerImage": "python:3.12", "spaceId": "ann/app", "command": ["python"], "arguments": ["-V"],'
        ' "environment": {"A": "1"}, "secrets": {"KEY": "hush"}, "flavor": "cpu-basic", "arch": "amd64",'
        ' "timeoutSeconds": 60, "attempts": 2, "labels": {"name": "train"},'
        ' "volumes": [{"type": "dataset", "source": "ann/set", "mountPath": "/set"}],'
        ' "expose": {"ports": [8000, 8001], "portsPublic": [8000]}, "ssh": {"enabled": true},'
        ' "network": {"group": "g", "aliases": ["one"]}, "resourceGroupId": "0123456789abcdef01234567"}',
        namespace="ann",
        docker_image="python:3.12",
        space_id="ann/app",
        command=["python"],
        arguments=["-V"],
        environment={"A": "1"},
        secrets={"KEY": "hush"},
        flavor="cpu-basic",
        arch="amd64",
        timeout_seconds=60,
        attempts=2,
        labels={"name": "train"},
        volumes=[m.Volume(type="dataset", source="ann/set", mount_path="/set")],
        expose=m.JobPorts(ports=[8000, 8001], ports_public=[8000]),
        ssh=m.JobSsh(enabled=True),
        network=m.JobNetwork(group="g", aliases=["one"]),
        resource_group_id="0123456789abcdef01234567",
    ),
    becomes(jobs.inspect_job, "GET /api/jobs/ann/0123", namespace="ann", job_id="0123"),
    becomes(
        jobs.stream_job_logs, "GET /api/jobs/ann/0123/logs", "tail=0", EVENTS, namespace="ann", job_id="0123", tail=0
    ),
    becomes(jobs.stream_job_metrics, "GET /api/jobs/ann/0123/metrics", EVENTS, namespace="ann", job_id="0123"),
    becomes(jobs.cancel_job, "POST /api/jobs/ann/0123/cancel", namespace="ann", job_id="0123"),
    becomes(
        jobs.update_job_labels,
        "PUT /api/jobs/ann/0123/labels",
        JSON,
        '{"labels": {"name": "train"}}',
        namespace="ann",
        job_id="0123",
        labels={"name": "train"},
    ),
    becomes(jobs.list_scheduled_jobs, "GET /api/scheduled-jobs/ann", "label=run=3", namespace="ann", label="run=3"),
    becomes(
        jobs.create_scheduled_job,
        "POST /api/scheduled-jobs/ann",
        JSON,
        '{"jobSpec": {"flavor": "t4-small", "spaceId": "ann/app", "command": ["run"]}, "schedule": "0 9 * * 1",'
        ' "suspend": true, "concurrency": false}',
        namespace="ann",
        job_spec=m.JobInput(space_id="ann/app", command=["run"], flavor="t4-small"),
        schedule="0 9 * * 1",
        suspend=True,
        concurrency=False,
    ),
    becomes(jobs.inspect_scheduled_job, "GET /api/scheduled-jobs/ann/0456", namespace="ann", scheduled_job_id="0456"),
    becomes(jobs.delete_scheduled_job, "DELETE /api/scheduled-jobs/ann/0456", namespace="ann", scheduled_job_id="0456"),
    becomes(
        jobs.suspend_scheduled_job,
        "POST /api/scheduled-jobs/ann/0456/suspend",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        jobs.resume_scheduled_job,
        "POST /api/scheduled-jobs/ann/0456/resume",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        jobs.trigger_scheduled_job, "POST /api/scheduled-jobs/ann/0456/run", namespace="ann", scheduled_job_id="0456"
    ),
    becomes(
        jobs.update_scheduled_job_labels,
        "PUT /api/scheduled-jobs/ann/0456/labels",
        JSON,
        '{"labels": {}}',
        namespace="ann",
        scheduled_job_id="0456",
        labels={},
    ),
    becomes(jobs.count_jobs, "GET /api/jobs/ann/count", "stage=SCHEDULING", namespace="ann", stage=["SCHEDULING"]),
    becomes(
        jobs.stream_job_events,
        "GET /api/jobs/ann/0123/events",
        "accept: text/event-stream",
        namespace="ann",
        job_id="0123",
    ),
    becomes(jobs.duplicate_job, "POST /api/jobs/ann/0123/duplicate", namespace="ann", job_id="0123"),
    becomes(
        jobs.update_job_expose,
        "PUT /api/jobs/ann/0123/expose",
        "content-type: application/json",
        '{"ports": [2], "portsPublic": [2]}',
        namespace="ann",
        job_id="0123",
        ports=[2],
        ports_public=[2],
    ),
    becomes(jobs.check_jobs_access, "POST /api/jobs/ann/auth-check/read", namespace="ann", perms="read"),
    becomes(
        jobs.check_job_access, "POST /api/jobs/ann/0123/auth-check/read", namespace="ann", job_id="0123", perms="read"
    ),
    becomes(
        jobs.update_scheduled_job_schedule,
        "POST /api/scheduled-jobs/ann/0456/schedule",
        "content-type: application/json",
        '{"schedule": "schedule"}',
        namespace="ann",
        scheduled_job_id="0456",
        schedule="schedule",
    ),
]
LEAST = {
    "jobs.list_jobs": ["GET /api/jobs/ann"],
    "jobs.run_job": ["POST /api/jobs/ann", JSON, '{"flavor": "cpu-basic"}'],
    "jobs.stream_job_logs": ["GET /api/jobs/ann/0123/logs", EVENTS],
    "jobs.list_scheduled_jobs": ["GET /api/scheduled-jobs/ann"],
    "jobs.create_scheduled_job": [
        "POST /api/scheduled-jobs/ann",
        JSON,
        '{"jobSpec": {"flavor": "t4-small", "spaceId": "ann/app", "command": ["run"]}, "schedule": "0 9 * * 1"}',
    ],
    "jobs.count_jobs": ["GET /api/jobs/ann/count"],
    "jobs.update_job_expose": ["PUT /api/jobs/ann/0123/expose", "content-type: application/json", '{"ports": [2]}'],
}
PLACES = ("namespace", "job_id", "scheduled_job_id", "perms")
ONCE = {
    "jobs.run_job",
    "jobs.cancel_job",
    "jobs.create_scheduled_job",
    "jobs.suspend_scheduled_job",
    "jobs.resume_scheduled_job",
    "jobs.trigger_scheduled_job",
    "jobs.duplicate_job",
    "jobs.update_scheduled_job_schedule",
}
PAGED = {"jobs.list_jobs"}
STREAMS = {
    "jobs.stream_job_logs",
    "jobs.stream_job_metrics",
    "jobs.stream_job_events",
}
