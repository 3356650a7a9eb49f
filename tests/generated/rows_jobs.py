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
]
LEAST = {
    "jobs.list_jobs": ["GET /api/jobs/ann"],
    "jobs.run_job": ["POST /api/jobs/ann", JSON, '{"flavor": "cpu-basic"}'],
    "jobs.stream_job_logs": ["GET /api/jobs/ann/0123/logs", EVENTS],
    "jobs.count_jobs": ["GET /api/jobs/ann/count"],
    "jobs.update_job_expose": ["PUT /api/jobs/ann/0123/expose", "content-type: application/json", '{"ports": [2]}'],
}
PLACES = ("namespace", "job_id", "perms")
ONCE = {
    "jobs.run_job",
    "jobs.cancel_job",
    "jobs.duplicate_job",
}
PAGED = {"jobs.list_jobs"}
STREAMS = {
    "jobs.stream_job_logs",
    "jobs.stream_job_metrics",
    "jobs.stream_job_events",
}
