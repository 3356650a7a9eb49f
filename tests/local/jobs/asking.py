"""Requests about jobs, and the events of streams."""

from __future__ import annotations

import json
from typing import Any

from tests.local.conftest import Caller, Got

IMAGE = "python:3.12"


def run(caller: Caller, *command: str, namespace: str = "ada", **members: Any) -> dict[str, Any]:
    """Run a job and return it as it is told."""
    answer = caller("POST", f"/api/jobs/{namespace}", spec(*command, **members))
    assert answer.status == 200, answer.body
    return answer.json()


def spec(*command: str, **members: Any) -> dict[str, Any]:
    """Return the body that runs a job; members that are ``None`` are left out."""
    whole = {"dockerImage": IMAGE, "flavor": "cpu-basic", "command": list(command) or ["true"], **members}
    return {name: value for name, value in whole.items() if value is not None}


def job(caller: Caller, job_id: str, namespace: str = "ada") -> dict[str, Any]:
    """Return a job as it is told."""
    answer = caller("GET", f"/api/jobs/{namespace}/{job_id}")
    assert answer.status == 200, answer.body
    return answer.json()


def stage(caller: Caller, job_id: str) -> str:
    """Return the stage of a job."""
    return str(job(caller, job_id)["status"]["stage"])


def events(answer: Got) -> list[dict[str, Any]]:
    """Return the events of a stream."""
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/event-stream"
    lines = answer.body.decode().splitlines()
    return [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")]


def logged(caller: Caller, job_id: str, query: str = "") -> list[str]:
    """Return the lines of the log of a job so far."""
    return [one["data"] for one in events(caller("GET", f"/api/jobs/ada/{job_id}/logs{query}"))]
