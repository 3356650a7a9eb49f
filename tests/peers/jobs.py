"""Run, watch, change and schedule jobs, which the Hub executes."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path
from typing import Any

library, folder = sys.argv[1:]
hub = import_module(library)
api = hub.HfApi()
IMAGE = "python:3.12"
SLOW = "import time\nfor n in range(3):\n    print(n, flush=True)\n    time.sleep(0.2)"
told: dict[str, Any] = {}


def run(code: str, **options: Any) -> Any:
    return api.run_job(image=IMAGE, command=["python", "-c", code], **options)


made = run(
    "import os; print(os.environ['KEY'], os.environ['HF_TOKEN'])",
    env={"KEY": "value"},
    secrets={"HF_TOKEN": "hf_given"},
    timeout="5m",
    name="first",
    labels={"a": "b"},
    flavor="cpu-upgrade",
)
done = api.wait_for_job(made.id, poll_interval=0.05)
told["run"] = [
    *(done.status.stage, done.docker_image, done.command, done.environment, done.flavor, done.labels),
    *(done.owner.name, done.initiator.type, done.status.message, done.retry, done.durations.total_secs >= 0),
]
told["logs"] = list(api.fetch_job_logs(job_id=made.id))
told["tail"] = list(api.fetch_job_logs(job_id=made.id, tail=1))
told["followed"] = list(api.fetch_job_logs(job_id=run(SLOW).id, follow=True))
told["listed"] = [one.id == made.id for one in api.list_jobs(labels={"name": "first"}, status="completed")]
again = api.rerun_job(job_id=made.id)
told["again"] = [again.initiator.type, api.wait_for_job(again.id, poll_interval=0.05).status.stage]
failed = run("raise SystemExit(2)", attempts=2)
try:
    api.wait_for_job(failed.id, poll_interval=0.05)
except Exception as error:  # noqa: BLE001, its type is what is compared
    told["failed"] = type(error).__name__
failed = api.inspect_job(job_id=failed.id)
told["status"] = [failed.status.stage, failed.status.message]
endless = run("import time; time.sleep(600)", expose=[8000], expose_public=[8001])
told["exposed"] = [endless.expose, endless.expose_public]
told["ports"] = api.update_job_expose(job_id=endless.id, expose=[9000]).status.expose_urls
told["metrics"] = [next(iter(one)) for one in api.fetch_job_metrics(job_id=endless.id)]
told["labels"] = api.update_job_labels(job_id=endless.id, labels={"c": "d"}).labels
api.cancel_job(job_id=endless.id)
told["cancelled"] = api.inspect_job(job_id=endless.id).status.stage
try:
    api.inspect_job(job_id="0" * 24)
except Exception as error:  # noqa: BLE001, its type is what is compared
    told["missing"] = type(error).__name__
told["hardware"] = [api.list_jobs_hardware()[0].name, api.list_jobs_hardware()[0].unit_cost_micro_usd]

scheduled = api.create_scheduled_job(
    image=IMAGE, command=["python", "-c", "print('on time')"], schedule="@hourly", name="hourly", concurrency=True
)
key = {"scheduled_job_id": scheduled.id}
told["scheduled"] = [scheduled.schedule, scheduled.suspend, scheduled.concurrency, scheduled.job_spec.labels]
api.suspend_scheduled_job(**key)
told["suspended"] = [api.inspect_scheduled_job(**key).suspend, api.inspect_scheduled_job(**key).status.next_job_run_at]
api.resume_scheduled_job(**key)
told["resumed"] = [api.inspect_scheduled_job(**key).suspend, api.inspect_scheduled_job(**key).status.last_job]
triggered = api.trigger_scheduled_job(**key)
api.wait_for_job(triggered.id, poll_interval=0.05)
told["triggered"] = [
    triggered.initiator.type,
    list(api.fetch_job_logs(job_id=triggered.id)),
    api.inspect_scheduled_job(**key).status.last_job.id == triggered.id,
]
told["rescheduled"] = api.update_scheduled_job_schedule(**key, schedule="0 5 * * 1").schedule
told["relabelled"] = api.update_scheduled_job_labels(**key, labels={"e": "f"}).job_spec.labels
told["scheduled jobs"] = len(api.list_scheduled_jobs(labels={"e": "f"}))
api.delete_scheduled_job(**key)
told["left"] = api.list_scheduled_jobs()

script = Path(folder, "script.py")
script.write_text("import sys; print('script', sys.argv[1:])")
with redirect_stdout(sys.stderr):  # where the official client tells of its bucket
    uv = api.run_uv_job(str(script), script_args=["--x", "1"], python="3.12")
api.wait_for_job(uv.id, poll_interval=0.05)
told["uv"] = list(api.fetch_job_logs(job_id=uv.id))
print(json.dumps(told))
