"""Jobs that are only recorded: their stages, logs and permissions."""

from __future__ import annotations

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller
from tests.local.jobs.asking import IMAGE, events, job, logged, run, spec, stage


def test_a_job_is_scheduled_and_then_has_completed(ada):
    told = run(ada, "python", "-c", "print(1)", environment={"KEY": "value"}, labels={"name": "n"})
    assert (told["status"]["stage"], told["dockerImage"]) == ("SCHEDULING", IMAGE)
    done = job(ada, told["id"])
    assert done["status"] == {"stage": "COMPLETED", "failureCount": 0, "exposeUrls": []}
    assert (done["command"], done["arguments"]) == (["python", "-c", "print(1)"], [])
    assert (done["environment"], done["labels"]) == ({"KEY": "value"}, {"name": "n"})
    assert done["owner"]["name"] == done["createdBy"]["name"] == done["initiator"]["name"] == "ada"
    assert done["createdAt"] <= done["startedAt"] <= done["finishedAt"]
    assert set(done["durations"]) == {"schedulingSecs", "runningSecs", "totalSecs"}
    stages = events(ada("GET", f"/api/jobs/ada/{told['id']}/events"))
    assert [one["stage"] for one in stages] == ["SCHEDULING", "RUNNING", "COMPLETED"]


def test_a_job_does_what_the_last_simulation_says_that_matches(hub, ada):
    hub.jobs.simulate(logs=["for all"])
    hub.jobs.simulate(image="python:*", command="python -c 'print(1)'", logs=["one", "two"], exit_code=3)
    first, second = run(ada, "python", "-c", "print(1)"), run(ada, "python", "-c", "print(2)")
    assert (logged(ada, first["id"]), logged(ada, second["id"])) == (["one", "two"], ["for all"])
    assert (stage(ada, first["id"]), stage(ada, second["id"])) == ("ERROR", "COMPLETED")
    assert job(ada, first["id"])["status"]["message"] == "Job failed with exit code: 3"


def test_a_held_job_runs_until_the_test_ends_it(hub, ada):
    hub.jobs.simulate(held=True, logs=["begun"])
    told = run(ada)
    assert stage(ada, told["id"]) == "RUNNING"
    hub.jobs.write(told["id"], "going on")
    assert logged(ada, told["id"]) == ["begun", "going on"]
    assert logged(ada, told["id"], "?tail=1") == ["going on"]
    assert logged(ada, told["id"], "?tail=0") == []
    hub.jobs.end(told["id"])
    assert stage(ada, told["id"]) == "COMPLETED"
    hub.jobs.end(told["id"], exit_code=1)
    assert stage(ada, told["id"]) == "COMPLETED"


def test_a_job_runs_for_seconds_of_the_clock_of_the_jobs(hub, ada):
    hub.jobs.simulate(after=600)
    told = run(ada)
    hub.jobs.advance(599)
    assert stage(ada, told["id"]) == "RUNNING"
    hub.jobs.advance(1)
    done = job(ada, told["id"])
    assert (done["status"]["stage"], round(done["durations"]["runningSecs"])) == ("COMPLETED", 600)


def test_a_job_that_runs_longer_than_its_timeout_fails(hub, ada):
    hub.jobs.simulate(held=True)
    told = run(ada, timeoutSeconds=60)
    assert told["timeout"] == 60
    hub.jobs.advance(60)
    assert job(ada, told["id"])["status"]["message"] == "Job timed out after 60 seconds"
    assert stage(ada, told["id"]) == "ERROR"


def test_a_job_that_fails_is_tried_again_as_often_as_it_may(hub, ada):
    hub.jobs.simulate(exit_code=1, logs=["trying"])
    told = run(ada, attempts=3)
    assert job(ada, told["id"])["status"]["failureCount"] == 3
    assert logged(ada, told["id"]) == ["trying"] * 3


def test_a_cancelled_job_stays_cancelled(hub, ada):
    hub.jobs.simulate(after=60)
    told = run(ada)
    for _ in range(2):
        assert ada("POST", f"/api/jobs/ada/{told['id']}/cancel").json()["status"]["stage"] == "CANCELED"
    hub.jobs.advance(60)
    assert stage(ada, told["id"]) == "CANCELED"


def test_a_job_runs_again_with_the_same_specification(hub, ada):
    first = run(ada, "echo", secrets={"KEY": "hush"}, attempts=2)
    again = ada("POST", f"/api/jobs/ada/{first['id']}/duplicate").json()
    assert (again["command"], again["secrets"], again["retry"]) == (["echo"], ["KEY"], 2)
    assert again["initiator"] == {"type": "duplicated-job", "id": first["id"]}
    assert hub.jobs.get("ada", again["id"]).spec.secrets == {"KEY": "hush"}


def test_no_response_contains_the_value_of_a_secret(hub, ada):
    told = run(ada, secrets={"KEY": "hush-hush"})
    scheduled = {"jobSpec": spec(secrets={"KEY": "hush-hush"}), "schedule": "@daily"}
    answers = [
        ada("POST", "/api/scheduled-jobs/ada", scheduled),
        ada("GET", "/api/scheduled-jobs/ada"),
        ada("GET", "/api/jobs/ada"),
        ada("GET", f"/api/jobs/ada/{told['id']}"),
    ]
    assert told["secrets"] == ["KEY"]
    assert not [one for one in answers if one.status != 200 or b"hush-hush" in one.body]
    assert "hush-hush" not in repr(hub.jobs.get("ada", told["id"]))


def test_jobs_are_listed_newest_first_by_stage_label_and_page(hub, ada):
    hub.jobs.simulate(command="hold", held=True)
    hub.jobs.simulate(command="fail", exit_code=1)
    made = [run(ada, command, labels={"at": f"n{n % 2}"})["id"] for n, command in enumerate(["a", "hold", "fail", "b"])]

    def listed(query: str = "") -> list[str]:
        return [one["id"] for one in ada("GET", f"/api/jobs/ada{query}").json()]

    assert listed() == made[::-1]
    assert listed("?stage=RUNNING&stage=ERROR") == [made[2], made[1]]
    assert listed("?label=at%3Dn0") == [made[2], made[0]]
    assert listed("?label=at%3Dn0&label=at%3Dn1") == []
    page = ada("GET", "/api/jobs/ada?limit=3")
    assert len(page.json()) == 3
    assert 'rel="next"' in page.headers["link"]
    assert ada("GET", "/api/jobs/ada/count?stage=COMPLETED").json() == {"count": 2}
    assert ada("GET", "/api/jobs/ada/count").json() == {"count": 4}


def test_labels_and_ports_are_replaced(hub, ada):
    hub.jobs.simulate(held=True)
    told = run(ada, labels={"a": "1"}, expose={"ports": [80], "portsPublic": [80]}, ssh={"enabled": True})
    assert told["status"]["exposeUrls"] == [f"https://{told['id']}--80.hf.jobs"]
    assert told["status"]["sshUrl"] == f"ssh://{told['id']}@ssh.hf.jobs"
    path = f"/api/jobs/ada/{told['id']}"
    assert ada("PUT", f"{path}/labels", {"labels": {"b": "2"}}).json()["labels"] == {"b": "2"}
    assert ada("PUT", f"{path}/expose", {"ports": [81]}).json()["expose"] == {"ports": [81]}
    hub.jobs.end(told["id"])
    assert ada("PUT", f"{path}/expose", {"ports": [82]}).status == 400


def test_there_are_metrics_of_running_jobs_only(hub, ada):
    hub.jobs.simulate(held=True)
    told = run(ada)
    path = f"/api/jobs/ada/{told['id']}/metrics"
    answer = ada("GET", path)
    assert answer.body.startswith(b"event: metric\ndata: ")
    assert [one["cpu_usage_pct"] for one in events(answer)] == [0]
    hub.jobs.end(told["id"])
    assert ada("GET", path).status == 406


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"dockerImage": None}, "either a dockerImage or a spaceId"),
        ({"spaceId": "ada/s"}, "either a dockerImage or a spaceId"),
        ({"flavor": "cpu-none"}, "flavor"),
        ({"arch": "z80"}, "arch"),
        ({"command": []}, "Invalid command"),
        ({"command": ["a", ""]}, "Invalid command"),
        ({"command": "a"}, "command has the wrong type"),
        ({"timeoutSeconds": 0}, "timeoutSeconds 0"),
        ({"timeoutSeconds": 1 << 52}, "timeoutSeconds 4503599627370496"),
        ({"timeoutSeconds": 1 << 53}, "wrong type"),
        ({"attempts": 0}, "attempts 0"),
        ({"environment": {"1": "a"}}, "environment variable '1'"),
        ({"secrets": {"A=B": "a"}}, "secret 'A=B'"),
        ({"labels": {"a b": "c"}}, "label 'a b'"),
        ({"labels": {"a": "c/"}}, "value of a label 'c/'"),
        ({"expose": {"ports": [0]}}, "Invalid ports"),
        ({"expose": {"ports": [80], "portsPublic": [81]}}, "portsPublic"),
        ({"network": {"group": "Big"}}, "network group 'Big'"),
        ({"volumes": [{"type": "disk", "source": "a/b", "mountPath": "/d"}]}, "'disk'"),
        ({"volumes": [{"type": "model", "source": "ada/m", "mountPath": "d"}]}, "mountPath 'd'"),
        ({"volumes": [{"type": "model", "source": "ada/m", "mountPath": "/d/.."}]}, "mountPath '/d/..'"),
    ],
)
def test_a_job_that_cannot_be_is_refused(ada, wrong, message):
    for path, body in (
        ("/api/jobs/ada", spec(**wrong)),
        ("/api/scheduled-jobs/ada", {"jobSpec": spec(**wrong), "schedule": "@daily"}),
    ):
        answer = ada("POST", path, body)
        assert answer.status == 400, answer.body
        if "wrong type" not in message:
            assert message in answer.json()["error"]
    assert ada("GET", "/api/jobs/ada").json() == []


def test_a_job_mounts_only_what_its_creator_may_read(ada, bob):
    assert ada("POST", "/api/repos/create", {"name": "hidden", "private": True}).status == 200
    volumes = [{"type": "model", "source": "ada/hidden", "mountPath": "/m"}]
    assert run(ada, volumes=volumes)["volumes"][0]["source"] == "ada/hidden"
    assert bob("POST", "/api/jobs/bob", spec(volumes=volumes)).status == 404
    assert ada("POST", "/api/jobs/ada", spec(dockerImage=None, spaceId="ada/none")).status == 404


def test_whose_jobs_they_are_decides_who_may_see_and_start_them(hub, login):
    hub.accounts.add_organization("lab", {"ada": "admin", "rita": "read", "con": "contributor", "wim": "write"})
    people = {name: login(hub, name) for name in ("ada", "rita", "con", "wim", "eve")}
    told = run(people["wim"], namespace="lab")
    assert told["owner"]["type"] == "org"
    seen = {name: caller("GET", f"/api/jobs/lab/{told['id']}").status for name, caller in people.items()}
    assert seen == {"ada": 200, "rita": 200, "con": 200, "wim": 200, "eve": 403}
    ran = {name: caller("POST", "/api/jobs/lab", spec()).status for name, caller in people.items()}
    assert ran == {"ada": 200, "rita": 403, "con": 403, "wim": 200, "eve": 403}
    assert people["wim"]("GET", f"/api/jobs/wim/{told['id']}").status == 404
    assert people["wim"]("GET", "/api/jobs/nobody").status == 404
    assert Caller(hub)("GET", "/api/jobs/lab").status == 401


def test_a_fine_grained_token_needs_a_permission_for_jobs(hub):
    tokens = {
        name: Caller(hub, hub.accounts.add_fine_grained("ada", [Scope(entity="ada", permissions=(name,))]))
        for name in ("job.read", "job.write", "repo.write")
    }
    assert {name: caller("GET", "/api/jobs/ada").status for name, caller in tokens.items()} == {
        "job.read": 200,
        "job.write": 200,
        "repo.write": 403,
    }
    checked = {name: caller("POST", "/api/jobs/ada/auth-check/write").status for name, caller in tokens.items()}
    assert checked == {"job.read": 403, "job.write": 200, "repo.write": 403}
    job_id = run(tokens["job.write"])["id"]
    told = tokens["job.read"]("POST", f"/api/jobs/ada/{job_id}/auth-check/read").json()
    assert told["namespace"]["name"] == told["user"]["name"] == "ada"
    assert tokens["job.read"]("POST", "/api/jobs/ada/nothing/auth-check/read").status == 404
    assert tokens["job.read"]("POST", "/api/jobs/ada/auth-check/all").status == 400


def test_an_account_has_a_limited_number_of_unfinished_jobs(hub, ada):
    hub.jobs.simulate(held=True)
    hub.jobs.max_unfinished = 2
    first, _ = run(ada), run(ada)
    answer = ada("POST", "/api/jobs/ada", spec())
    assert (answer.status, "2 jobs that have not finished" in answer.json()["error"]) == (403, True)
    ada("POST", f"/api/jobs/ada/{first['id']}/cancel")
    run(ada)


def test_a_log_has_a_limited_number_of_lines_and_says_so(hub, ada):
    hub.jobs.max_lines = 2
    hub.jobs.simulate(logs=["one", "two", "three", "four"])
    lines = logged(ada, run(ada)["id"])
    assert lines[:2] == ["one", "two"]
    assert lines[2:] == ["The embedded Hub keeps no more than 2 lines and 16777216 bytes"]


def test_a_hub_opened_again_knows_its_jobs(hub, ada, tmp_path):
    hub.jobs.simulate(held=True, logs=["begun"])
    held, done = run(ada, timeoutSeconds=60), run(ada)
    hub.jobs.end(done["id"])
    hub.jobs.write(held["id"], "more")
    hub.stop()
    again = Hub(tmp_path / "hub")
    caller = Caller(again, ada.token)
    assert stage(caller, done["id"]) == "COMPLETED"
    assert (stage(caller, held["id"]), logged(caller, held["id"])) == ("RUNNING", ["begun", "more"])
    again.jobs.advance(60)
    assert stage(caller, held["id"]) == "ERROR"


def test_a_saved_state_has_its_jobs(hub, ada):
    hub.jobs.simulate(held=True, logs=["begun"])
    before = run(ada)
    state = hub.save()
    after = run(ada)
    hub.jobs.end(before["id"])
    hub.restore(state)
    assert [one["id"] for one in ada("GET", "/api/jobs/ada").json()] == [before["id"]]
    assert (stage(ada, before["id"]), logged(ada, before["id"])) == ("RUNNING", ["begun"])
    assert ada("GET", f"/api/jobs/ada/{after['id']}").status == 404


def test_the_hardware_is_told_to_everyone(anyone):
    listed = anyone("GET", "/api/jobs/hardware").json()
    assert listed[0] | {"name": "cpu-basic", "unitLabel": "minute"} == listed[0]
