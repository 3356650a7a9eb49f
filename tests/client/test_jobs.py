"""Jobs and scheduled jobs, with both clients and both transports."""

from __future__ import annotations

import pytest

from hub_typed import BadRequestError, JobHardware, JobNotFoundError, JobStage, Volume
from hub_typed.flows import log_stream
from hub_typed.flows.jobs import streams
from hub_typed.local.faults import Reset

NOWHERE = "0" * 24
ECHO = {"image": "python:3.12", "command": ["echo", "hello"]}


@pytest.fixture(autouse=True)
def _short_pauses(monkeypatch):
    monkeypatch.setattr(streams, "PAUSES", (0.01,))
    monkeypatch.setattr(log_stream, "STORED_SILENCE", 0.3)
    monkeypatch.setattr(streams, "METRICS_SILENCE", 0.3)


def test_the_life_of_a_job(play):
    async def scenario(side):
        api, user = side.api, side.hub.user
        await api.create_repo(f"{user}/set", repo_type="dataset")
        side.hub.jobs.simulate(logs=["one", "two"], held=True)
        job = await api.run_job(
            **ECHO,
            env={"LEVEL": "1"},
            secrets={"KEY": "hush"},
            flavor=JobHardware.T4_SMALL,
            timeout="5m",
            labels={"team": "ml"},
            volumes=[Volume(type="dataset", source=f"{user}/set", mount_path="/set")],
            expose=[8000],
            expose_public=[9000],
            ssh=True,
            network_group="train",
            network_aliases=["head"],
        )
        assert job.status.stage == JobStage.SCHEDULING
        assert job.url == f"{api.endpoint}/jobs/{user}/{job.id}"
        assert job.labels["team"] == "ml"
        assert job.labels["name"].startswith("python-3-12-")
        assert "hush" not in repr(job)
        assert (job.flavor, job.timeout, job.environment) == ("t4-small", 300, {"LEVEL": "1"})
        assert (job.expose, job.expose_public) == ([8000, 9000], [9000])
        running = await api.wait_for_job(job.id, stages=[JobStage.RUNNING], timeout=10, poll_interval=0.01)
        assert running.status.stage == "RUNNING"
        assert running.status.ssh_url
        assert running.network.aliases == ["head"]
        [metrics] = [one async for one in api.fetch_job_metrics(job_id=job.id)]
        assert metrics["cpu_usage_pct"] == metrics.cpu_usage_pct
        assert [line async for line in api.fetch_job_logs(job_id=job.id)] == ["one", "two"]
        assert [line async for line in api.fetch_job_logs(job_id=job.id, tail=1)] == ["two"]
        assert [one.id async for one in api.list_jobs(status="running", labels={"team": "ml"})] == [job.id]
        assert [one.url async for one in api.list_jobs(status=[JobStage.ERROR], namespace=user)] == []
        assert (await api.update_job_labels(job_id=job.id, labels={"name": "x"})).labels == {"name": "x"}
        assert (await api.update_job_expose(job_id=job.id, expose_public=[9000])).expose == [9000]
        assert await api.cancel_job(job_id=job.id) is None
        ended = await api.inspect_job(job_id=job.id, namespace=user)
        assert (ended.status.stage, ended.labels) == (JobStage.CANCELED, {"name": "x"})
        again = await api.rerun_job(job_id=job.id)
        assert again.id != job.id
        assert again.command == job.command

    play(scenario)


def test_a_log_is_followed_until_the_job_has_finished(play):
    async def scenario(side):
        side.hub.jobs.simulate(logs=["one"], held=True)
        job = await side.api.run_job(**ECHO)
        received = []
        async for line in side.api.fetch_job_logs(job_id=job.id, follow=True):
            received.append(line)
            if line == "one":
                side.hub.jobs.write(job.id, "two", "three")
            if line == "three":
                side.hub.jobs.end(job.id)
        assert received == ["one", "two", "three"]
        assert (await side.api.wait_for_job(job.id)).status.stage == "COMPLETED"
        assert [one async for one in side.api.fetch_job_metrics(job_id=job.id, follow=True)] == []

    play(scenario)


@pytest.mark.parametrize("tail", [None, 3])
def test_a_log_goes_on_after_a_broken_connection_without_a_line_twice_or_lost(play, tail):
    async def scenario(side):
        lines = [f"line {number}" for number in range(40)]
        side.hub.jobs.simulate(logs=lines, held=True)
        job = await side.api.run_job(**ECHO)
        side.hub.faults.add(Reset(after=200, of="response"), operation="jobs.stream_job_logs", times=1)
        received = []
        async for line in side.api.fetch_job_logs(job_id=job.id, follow=True, tail=tail):
            received.append(line)
            if line == lines[-1]:
                side.hub.jobs.write(job.id, "end")
            if line == "end":
                side.hub.jobs.end(job.id)
        assert received == [*lines[-(tail or 0) :], "end"]

    play(scenario)


def test_several_jobs_are_waited_for_in_their_order(play):
    async def scenario(side):
        side.hub.jobs.simulate(command="false", exit_code=1)
        jobs = [await side.api.run_job(image="busybox", command=[one]) for one in ("true", "false")]
        found = await side.api.wait_for_job([one.id for one in jobs], poll_interval=0.01)
        assert [one.status.stage for one in found] == ["COMPLETED", "ERROR"]
        assert found[1].status.message == "Job failed with exit code: 1"

    play(scenario)


def test_a_job_that_takes_too_long_is_an_error(play):
    async def scenario(side):
        side.hub.jobs.simulate(held=True)
        job = await side.api.run_job(**ECHO)
        with pytest.raises(TimeoutError, match=f"{side.hub.user}/{job.id} is still RUNNING after 0.05 seconds"):
            await side.api.wait_for_job(job.id, timeout=0.05, poll_interval=0.02)
        with pytest.raises(TimeoutError):
            await side.api.wait_for_job([job.id], timeout=0)
        for wrong in ({"timeout": -1}, {"poll_interval": 0}):
            with pytest.raises(ValueError, match="must be"):
                await side.api.wait_for_job(job.id, **wrong)

    play(scenario)


def test_a_job_that_does_not_exist(play):
    async def scenario(side):
        api = side.api
        with pytest.raises(JobNotFoundError, match=r"inspect_job\)\n"):
            await api.inspect_job(job_id=NOWHERE)
        with pytest.raises(JobNotFoundError):
            [line async for line in api.fetch_job_logs(job_id=NOWHERE, follow=True)]
        with pytest.raises(JobNotFoundError):
            await api.wait_for_job(NOWHERE)
        with pytest.raises(JobNotFoundError):
            await api.delete_scheduled_job(scheduled_job_id=NOWHERE)

    play(scenario)


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"command": "python train.py"}, "is one text: pass a list"),
        ({"timeout": "soon"}, "'soon' is no duration"),
        ({"timeout": 0}, "is 0 seconds: pass a longer one"),
        ({"network_aliases": ["a"]}, "pass network_group, too"),
        ({"name": "a", "labels": {"name": "b"}}, "not both"),
    ],
)
def test_what_makes_no_job_is_not_sent(play, given, reason):
    async def scenario(side):
        with pytest.raises(ValueError, match=reason):
            await side.api.run_job(**{**ECHO, **given})
        assert [one async for one in side.api.list_jobs()] == []

    play(scenario)


def test_what_the_hub_refuses(play):
    async def scenario(side):
        with pytest.raises(BadRequestError):
            await side.api.run_job(**ECHO, flavor="no-such-hardware")
        with pytest.raises(BadRequestError):
            await side.api.create_scheduled_job(**ECHO, schedule="sometimes")

    play(scenario)


def test_hardware_has_names_and_prices(play):
    async def scenario(side):
        found = await side.api.list_jobs_hardware()
        assert {"cpu-basic", "t4-small"} <= {one.name for one in found}
        assert all(one.unit_label for one in found)

    play(scenario)


def test_the_life_of_a_scheduled_job(play):
    async def scenario(side):
        api, user = side.api, side.hub.user
        made = await api.create_scheduled_job(
            **ECHO, schedule="@hourly", labels={"team": "ml"}, name="nightly", expose=[8000], timeout=90, suspend=False
        )
        assert (made.schedule, made.job_spec.labels) == ("@hourly", {"team": "ml", "name": "nightly"})
        assert (made.job_spec.expose, made.job_spec.timeout) == ([8000], 90)
        one = {"scheduled_job_id": made.id}
        run = await api.trigger_scheduled_job(**one)
        assert run.url == f"{api.endpoint}/jobs/{user}/{run.id}"
        assert (await api.inspect_scheduled_job(**one)).status.last_job.id == run.id
        assert await api.suspend_scheduled_job(**one) is None
        assert (await api.inspect_scheduled_job(**one)).suspend
        assert await api.resume_scheduled_job(**one, namespace=user) is None
        assert (await api.update_scheduled_job_schedule(**one, schedule="0 9 * * 1")).schedule == "0 9 * * 1"
        changed = await api.update_scheduled_job_labels(**one, labels={"name": "weekly", "team": "ml"})
        assert changed.job_spec.labels == {"name": "weekly", "team": "ml"}
        for labels, found in (({}, 1), ({"team": "ml", "name": "weekly"}, 1), ({"team": "ml", "name": "x"}, 0)):
            assert len(await api.list_scheduled_jobs(labels=labels)) == found
        assert await api.delete_scheduled_job(**one) is None
        assert await api.list_scheduled_jobs(namespace=user) == []

    play(scenario)


def test_a_command_runs_with_uv_without_any_upload(play):
    async def scenario(side):
        job = await side.api.run_uv_job(
            "lighteval", script_args=["endpoint"], dependencies=["lighteval", "rich"], python="3.13"
        )
        assert job.docker_image == "ghcr.io/astral-sh/uv:python3.12-bookworm"
        installed = ["--with", "lighteval", "--with", "rich", "--python", "3.13"]
        assert job.command == ["uv", "run", *installed, "lighteval", "endpoint"]
        assert job.labels["name"].startswith("lighteval-")
        url = "https://hub.test/scripts/sft.py?raw=1"
        made = await side.api.create_scheduled_uv_job(url, schedule="@daily", image="uv:own")
        assert (made.job_spec.command, made.job_spec.docker_image) == (["uv", "run", url], "uv:own")
        assert made.job_spec.labels["name"].startswith("sft-")
        with pytest.raises(FileNotFoundError, match=r"config\.yaml does not exist"):
            await side.api.run_uv_job("lighteval", script_args=["config.yaml"])

    play(scenario)
