"""Scheduled jobs, on the clock of the jobs."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller
from tests.local.jobs.asking import job, spec

HOUR = 3600
NOW = 1_780_000_000.0  # 2026-05-28 20:26:40 UTC


@pytest.fixture
def hub(tmp_path):
    made = Hub(tmp_path / "hub", now=lambda: NOW)
    yield made
    made.stop()


def schedule(caller: Caller, text: str = "@hourly", **members: Any) -> str:
    body = {"jobSpec": spec(labels={"name": "n"}), "schedule": text, **members}
    answer = caller("POST", "/api/scheduled-jobs/ada", body)
    assert answer.status == 200, answer.body
    return str(answer.json()["id"])


def told(caller: Caller, scheduled: str) -> dict[str, Any]:
    return caller("GET", f"/api/scheduled-jobs/ada/{scheduled}").json()


def runs(caller: Caller) -> list[str]:
    return [one["createdAt"] for one in caller("GET", "/api/jobs/ada").json()]


def test_a_scheduled_job_runs_whenever_the_clock_passes_its_times(hub, ada):
    made = schedule(ada)
    assert told(ada, made)["status"] == {"nextJobRunAt": "2026-05-28T21:00:00.000Z"}
    hub.jobs.advance(2 * HOUR)
    assert runs(ada) == ["2026-05-28T22:00:00.000Z", "2026-05-28T21:00:00.000Z"]
    status = told(ada, made)["status"]
    assert status["nextJobRunAt"] == "2026-05-28T23:00:00.000Z"
    assert status["lastJob"]["at"] == "2026-05-28T22:00:00.000Z"
    run = job(ada, status["lastJob"]["id"])
    assert (run["initiator"], run["labels"]) == ({"type": "scheduled-job", "id": made}, {"name": "n"})


@pytest.mark.parametrize(("concurrency", "count"), [(False, 1), (True, 3)])
def test_runs_overlap_only_if_they_may(hub, ada, concurrency, count):
    hub.jobs.simulate(held=True)
    made = schedule(ada, concurrency=concurrency)
    hub.jobs.advance(3 * HOUR)
    assert len(runs(ada)) == count
    answer = ada("POST", f"/api/scheduled-jobs/ada/{made}/run")
    assert answer.status == (200 if concurrency else 409)


def test_a_suspended_one_does_not_run_until_it_is_resumed(hub, ada):
    made = schedule(ada, suspend=True)
    path = f"/api/scheduled-jobs/ada/{made}"
    hub.jobs.advance(HOUR)
    assert (runs(ada), told(ada, made)["status"]) == ([], {})
    assert ada("POST", f"{path}/run").json()["initiator"]["id"] == made
    assert ada("POST", f"{path}/resume").status == 200
    hub.jobs.advance(HOUR)
    assert len(runs(ada)) == 2
    assert ada("POST", f"{path}/suspend").status == 200
    hub.jobs.advance(HOUR)
    assert (len(runs(ada)), told(ada, made)["suspend"]) == (2, True)


def test_a_scheduled_job_is_changed_and_deleted(hub, ada):
    made = schedule(ada)
    path = f"/api/scheduled-jobs/ada/{made}"
    changed = ada("POST", f"{path}/schedule", {"schedule": "30 6 * * mon"}).json()
    assert (changed["schedule"], changed["status"]["nextJobRunAt"]) == ("30 6 * * mon", "2026-06-01T06:30:00.000Z")
    assert ada("PUT", f"{path}/labels", {"labels": {"a": "b"}}).json()["jobSpec"]["labels"] == {"a": "b"}
    assert [one["id"] for one in ada("GET", "/api/scheduled-jobs/ada?label=a%3Db").json()] == [made]
    assert ada("GET", "/api/scheduled-jobs/ada?label=name%3Dn").json() == []
    assert ada("DELETE", path).status == 200
    assert ada("GET", path).status == 404
    hub.jobs.advance(7 * 24 * HOUR)
    assert runs(ada) == []


def test_what_is_no_schedule_is_refused(ada):
    body = {"jobSpec": spec(), "schedule": "@sometimes"}
    answer = ada("POST", "/api/scheduled-jobs/ada", body)
    assert (answer.status, "@sometimes" in answer.json()["error"]) == (400, True)
    made = schedule(ada)
    assert ada("POST", f"/api/scheduled-jobs/ada/{made}/schedule", {"schedule": "0 0 31 2 *"}).status == 400


def test_without_the_token_that_created_it_a_scheduled_job_is_suspended(hub, ada, login):
    made = schedule(ada)
    hub.accounts.delete_token(ada.token)
    hub.jobs.advance(HOUR)
    other = login(hub, "ada")
    assert runs(other) == []
    assert told(other, made)["suspendReason"] == "The token of ada that created it is no longer valid"
    assert other("POST", f"/api/scheduled-jobs/ada/{made}/resume").status == 200
    hub.jobs.advance(HOUR)
    assert len(runs(other)) == 1


def test_a_hub_opened_again_goes_on_with_its_schedules(hub, ada, tmp_path):
    made = schedule(ada)
    hub.jobs.advance(HOUR)
    hub.stop()
    again = Hub(tmp_path / "hub", now=lambda: NOW + 10 * HOUR)
    caller = Caller(again, ada.token)
    assert datetime.fromisoformat(told(caller, made)["status"]["nextJobRunAt"]).hour == 7
    assert len(runs(caller)) == 1
    again.stop()
