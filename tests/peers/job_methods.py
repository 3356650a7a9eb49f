"""Call every operation of jobs that needs no upload, and print the results."""

from __future__ import annotations

import json
import sys
import warnings
from importlib import import_module

warnings.simplefilter("ignore")
library, user, dataset = sys.argv[1:]
package = import_module(library)
api = package.HfApi()
volume = package.Volume(type="dataset", source=dataset, mount_path="/set", read_only=True)


def shown(job) -> dict[str, object]:
    stage = job.status.stage
    return {
        "image": [job.docker_image, job.space_id],
        "command": [job.command, job.arguments],
        "environment": job.environment,
        "secrets": job.secrets,
        "flavor": job.flavor,
        "labels": job.labels,
        "volumes": [[one.type, one.source, one.mount_path, one.read_only] for one in job.volumes or []],
        "stage": [stage, stage == package.JobStage.COMPLETED, job.status.message, len(job.status.expose_urls or [])],
        "ports": [job.expose, job.expose_public],
        "network": job.network and [job.network.group, job.network.aliases],
        "retry": job.retry,
        "owner": [job.owner.name, job.owner.type],
        "initiator": job.initiator and job.initiator.type,
        "url": job.url == f"{api.endpoint}/jobs/{user}/{job.id}",
        "times": [kind is not None for kind in (job.created_at, job.started_at, job.finished_at)],
        "durations": job.durations is not None and job.durations.total_secs is not None,
    }


def shown_schedule(job) -> dict[str, object]:
    spec = job.job_spec
    return {
        "spec": [
            spec.docker_image,
            spec.command,
            spec.environment,
            spec.flavor,
            spec.timeout,
            spec.labels,
            spec.expose,
        ],
        "schedule": [job.schedule, job.suspend, job.concurrency, job.owner.name],
        "status": [job.status.last_job is not None, job.status.next_job_run_at is not None],
    }


first = api.run_job(image="python:3.12", command=["python", "train.py"])
api.wait_for_job(first.id, poll_interval=0.05)
seen: dict[str, object] = {"first": shown(api.inspect_job(job_id=first.id))}
full = api.run_job(
    image=f"hf.co/spaces/{user}/app",
    command=["sleep", "1"],
    env={"LEVEL": "info"},
    secrets={"API_KEY": "hush"},
    flavor=package.JobHardware.T4_SMALL,
    timeout="1.5m",
    attempts=3,
    labels={"team": "ml", "env": "prod"},
    volumes=[volume],
    expose=[8000],
    expose_public=[9000, 8000],
    ssh=True,
    network_group="train",
    network_aliases=["head"],
)
seen["full"] = shown(full)
seen["hush"] = "hush" in repr(full)
seen["logs"] = list(api.fetch_job_logs(job_id=first.id, follow=True))
seen["tail"] = list(api.fetch_job_logs(job_id=first.id, tail=1))
seen["metrics"] = list(api.fetch_job_metrics(job_id=first.id))
seen["found"] = [one.id == full.id for one in api.list_jobs(labels={"team": "ml", "env": "prod"})]
seen["labels"] = api.update_job_labels(job_id=full.id, labels={"name": "x"}, namespace=user).labels
running = api.run_job(image="held", command=["serve"], expose=[8000])
api.wait_for_job(running.id, stages=[package.JobStage.RUNNING], poll_interval=0.05)
exposed = api.update_job_expose(job_id=running.id, expose=[8001], expose_public=[9000])
seen["ports"] = [exposed.expose, exposed.expose_public]
seen["active"] = [one.id == running.id for one in api.list_jobs(status=["running", package.JobStage.SCHEDULING])]
try:
    api.wait_for_job(running.id, timeout=0.1, poll_interval=0.05)
except TimeoutError as error:
    seen["late"] = "is still" in str(error)
seen["canceled"] = api.cancel_job(job_id=running.id)
seen["stages"] = [one.status.stage for one in api.wait_for_job([running.id, first.id])]
seen["again"] = shown(api.rerun_job(job_id=first.id))
try:
    api.inspect_job(job_id="0" * 24)
except import_module(f"{library}.errors").JobNotFoundError as error:
    seen["missing"] = error.response.status_code

script = api.run_uv_job("https://hub.test/sft.py?raw=1", script_args=["--fast"], dependencies=["trl"], python="3.13")
seen["script"] = shown(script)["command"], script.labels, script.docker_image
try:
    api.run_uv_job("missing.py")
except FileNotFoundError:
    seen["missing script"] = True

nightly = api.create_scheduled_job(
    image="python:3.12",
    command=["python", "train.py"],
    schedule="0 3 * * *",
    suspend=True,
    concurrency=False,
    env={"LEVEL": "info"},
    timeout=90,
    labels={"team": "ml"},
    expose=[8000],
)
seen["nightly"] = shown_schedule(nightly)
one = {"scheduled_job_id": nightly.id}
seen["resumed"] = api.resume_scheduled_job(**one)
seen["run"] = shown(api.wait_for_job(api.trigger_scheduled_job(**one).id, poll_interval=0.05))
seen["suspended"] = api.suspend_scheduled_job(**one)
seen["changed"] = shown_schedule(api.update_scheduled_job_schedule(**one, schedule="@daily"))
seen["named"] = shown_schedule(api.update_scheduled_job_labels(**one, labels={"name": "x", "team": "ml"}))
seen["scheduled"] = [found.id == nightly.id for found in api.list_scheduled_jobs(labels={"team": "ml", "name": "x"})]
seen["now"] = shown_schedule(api.inspect_scheduled_job(**one, namespace=user))
weekly = api.create_scheduled_uv_job("lighteval", schedule="@weekly", dependencies=["lighteval"])
seen["weekly"] = shown_schedule(weekly)
for made in (nightly, weekly):
    api.delete_scheduled_job(scheduled_job_id=made.id)
seen["left"] = list(api.list_scheduled_jobs())
hardware = {one.name: one for one in api.list_jobs_hardware()}
seen["hardware"] = [[name, one.unit_cost_usd, one.unit_label, one.ram] for name, one in sorted(hardware.items())]
print(json.dumps(seen, default=str))
