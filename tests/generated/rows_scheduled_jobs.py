"""The operations on scheduled jobs as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import scheduled_jobs
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

JSON = "content-type: application/json"

EVERY = [
    becomes(
        scheduled_jobs.list_scheduled_jobs, "GET /api/scheduled-jobs/ann", "label=run=3", namespace="ann", label="run=3"
    ),
    becomes(
        scheduled_jobs.create_scheduled_job,
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
    becomes(
        scheduled_jobs.inspect_scheduled_job,
        "GET /api/scheduled-jobs/ann/0456",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        scheduled_jobs.delete_scheduled_job,
        "DELETE /api/scheduled-jobs/ann/0456",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        scheduled_jobs.suspend_scheduled_job,
        "POST /api/scheduled-jobs/ann/0456/suspend",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        scheduled_jobs.resume_scheduled_job,
        "POST /api/scheduled-jobs/ann/0456/resume",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        scheduled_jobs.trigger_scheduled_job,
        "POST /api/scheduled-jobs/ann/0456/run",
        namespace="ann",
        scheduled_job_id="0456",
    ),
    becomes(
        scheduled_jobs.update_scheduled_job_labels,
        "PUT /api/scheduled-jobs/ann/0456/labels",
        JSON,
        '{"labels": {}}',
        namespace="ann",
        scheduled_job_id="0456",
        labels={},
    ),
    becomes(
        scheduled_jobs.update_scheduled_job_schedule,
        "POST /api/scheduled-jobs/ann/0456/schedule",
        "content-type: application/json",
        '{"schedule": "schedule"}',
        namespace="ann",
        scheduled_job_id="0456",
        schedule="schedule",
    ),
]

LEAST = {
    "scheduled_jobs.list_scheduled_jobs": ["GET /api/scheduled-jobs/ann"],
    "scheduled_jobs.create_scheduled_job": [
        "POST /api/scheduled-jobs/ann",
        JSON,
        '{"jobSpec": {"flavor": "t4-small", "spaceId": "ann/app", "command": ["run"]}, "schedule": "0 9 * * 1"}',
    ],
}

PLACES = ("namespace", "scheduled_job_id")
ONCE = {
    "scheduled_jobs.create_scheduled_job",
    "scheduled_jobs.suspend_scheduled_job",
    "scheduled_jobs.resume_scheduled_job",
    "scheduled_jobs.trigger_scheduled_job",
    "scheduled_jobs.update_scheduled_job_schedule",
}
