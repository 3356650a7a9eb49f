"""``hub-typed jobs``: what commands request, print and refuse, on a Hub with scripted answers."""

from __future__ import annotations

import json
import subprocess
from collections import deque
from types import SimpleNamespace
from urllib.parse import parse_qsl

import pytest

from hub_typed.cli.failures import CommandError
from hub_typed.cli.job_ids import split_job_id, split_job_ids
from hub_typed.cli.script_header import NO_HEADER, parse_header
from hub_typed_api.serve import Answer

ID = "0123456789abcdef01234567"
JSON = {"content-type": "application/json"}


def job(**members):
    known = {
        "id": ID,
        "type": "job",
        "createdAt": "2026-01-02T03:04:05.000Z",
        "dockerImage": "python:3.12",
        "command": ["python", "-V"],
        "flavor": "cpu-basic",
        "labels": {"name": "train"},
        "owner": {"id": "1", "name": "ann", "type": "user"},
        "status": {"stage": "COMPLETED", "message": None},
    }
    return {**known, **members}


def scheduled(**members):
    known = {
        "id": ID,
        "schedule": "@daily",
        "jobSpec": {"dockerImage": "python:3.12", "command": ["python"], "labels": {"name": "train"}},
        "owner": {"id": "1", "name": "ann", "type": "user"},
        "status": {"lastJob": None, "nextJobRunAt": "2026-01-03T00:00:00.000Z"},
    }
    return {**known, **members}


class Answers:
    """Answers of a Hub to requests on jobs, by method and path; those of a deque come one after the other."""

    def __init__(self):
        self.known = {}
        self.seen = []

    def __call__(self, incoming):
        if "jobs/" not in incoming.path:
            return None
        name = f"{incoming.method} {incoming.path}"
        body = incoming.body.read()
        self.seen.append((name, parse_qsl(incoming.query), json.loads(body) if body else None))
        answer = self.known[name]
        answer = answer.popleft() if isinstance(answer, deque) else answer
        return (
            answer if isinstance(answer, Answer) else Answer(status=200, headers=JSON, body=json.dumps(answer).encode())
        )

    @property
    def sent(self):
        """Body of the last request with one."""
        return next(body for _, _, body in reversed(self.seen) if body is not None)


@pytest.fixture
def hub(local_hub):
    """What the embedded Hub answers: ``hub.known["POST /api/jobs/ann"] = job()``."""
    local_hub.hub.intercept = Answers()
    return local_hub.hub.intercept


def log(*lines):
    text = "".join(f"data: {json.dumps({'data': one, 'timestamp': '2026-01-02T03:04:05.000Z'})}\n\n" for one in lines)
    return Answer(status=200, headers={"content-type": "text/event-stream"}, body=text.encode())


RUN, ONE, LOGS = "POST /api/jobs/ann", f"GET /api/jobs/ann/{ID}", f"GET /api/jobs/ann/{ID}/logs"


@pytest.fixture
def started(hub):
    """A Hub where each job runs and completes at once."""
    hub.known |= {RUN: job(status={"stage": "RUNNING"}), ONE: job(), LOGS: log("===== Job started", "one", "two")}
    return hub


def test_run_prints_the_log_until_the_job_has_completed(run, started):
    ended = run("jobs", "run", "--namespace", "ann", "python:3.12", "python", "-c", "print(1)")
    assert (ended.code, ended.err) == (0, "")
    assert f"job_id\t{ID}" in ended.lines
    assert ended.lines[-2:] == ["one", "two"]
    assert started.sent["command"] == ["python", "-c", "print(1)"]
    assert started.sent["dockerImage"] == "python:3.12"
    assert started.sent["labels"]["name"].startswith("python-3-12-")


def test_run_takes_options_before_and_after_the_command(run, started, setenv, tmp_path):
    setenv("TOKEN", "hush")
    (tmp_path / "env").write_text("A=1\nB=2\n")
    ended = run(
        *("jobs", "run", "-e", "B=3", "--env-file", tmp_path / "env", "-s", "TOKEN", "--name", "train", "-l", "run=3"),
        *(
            "-v",
            "hf://datasets/ann/set@v1/part:/set",
            "-v",
            "hf://buckets/ann/out:/out:ro",
        ),
        *(
            "--flavor",
            "t4-small",
            "--timeout",
            "1.5h",
            "--attempts",
            "2",
            "--expose",
            "8000",
            "--expose-public",
            "9000",
        ),
        *("--ssh", "--network-group", "g", "--network-alias", "head", "--resource-group-id", "0" * 24),
        *("--namespace", "ann", "hf.co/spaces/ann/app", "serve", "-d", "-q"),
    )
    assert ended.out == f"{ID}\n"
    assert started.sent == {
        "spaceId": "ann/app",
        "command": ["serve"],
        "arguments": [],
        "environment": {"A": "1", "B": "3"},
        "secrets": {"TOKEN": "hush"},
        "flavor": "t4-small",
        "timeoutSeconds": 5400,
        "attempts": 2,
        "labels": {"name": "train", "run": "3"},
        "volumes": [
            {"type": "dataset", "source": "ann/set", "mountPath": "/set", "revision": "v1", "path": "part"},
            {"type": "bucket", "source": "ann/out", "mountPath": "/out", "readOnly": True},
        ],
        "expose": {"ports": [8000, 9000], "portsPublic": [9000]},
        "ssh": {"enabled": True},
        "network": {"group": "g", "aliases": ["head"]},
        "resourceGroupId": "0" * 24,
    }


def test_options_after_two_hyphens_belong_to_the_command(run, started):
    run("jobs", "run", "-d", "--namespace", "ann", "image", "--", "serve", "--name", "x")
    assert started.sent["command"] == ["serve", "--name", "x"]


def test_a_job_that_fails_is_exit_code_1(run, started):
    started.known[ONE] = job(status={"stage": "ERROR", "message": "exit code 3"})
    ended = run("jobs", "run", "--namespace", "ann", "image", "false")
    assert ended.code == 1
    assert ended.err == f"Error: The job ann/{ID} ended as ERROR: exit code 3.\n"


def test_a_dry_run_sends_nothing_and_shows_no_secret(run, hub):
    ended = run("jobs", "run", "--dry-run", "-s", "KEY=hush", "-e", "A=1", "image", "echo", "a b", "--json")
    assert (ended.code, hub.seen) == (0, [])
    plan = {"image": "image", "command": ["echo", "a b"], "env": {"A": "1"}, "secrets": ["KEY"], "flavor": "cpu-basic"}
    assert ended.json() == plan
    assert "hush" not in run("jobs", "run", "--dry-run", "-s", "KEY=hush", "image", "echo").out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "image"), "Give the command to run"),
        (("run", "--name", "a", "-l", "name=b", "image", "x"), "--name is the label `name`"),
        (("run", "-v", "hf://ann/model", "image", "x"), "has no mount path"),
        (("run", "-v", "/nowhere:/data", "image", "x"), "/nowhere is neither a local folder nor a URI"),
        (("run", "--timeout", "soon", "--namespace", "ann", "image", "x"), "'soon' is no duration"),
        (("run", "--network-alias", "a", "--namespace", "ann", "image", "x"), "pass network_group, too"),
        (("list", "-a", "--status", "RUNNING"), "give --all or --status"),
        (("list", "--label", "env"), "--label env has no value"),
        (("wait",), "Name the jobs"),
        (("wait", "ann/1", "bob/2"), "of several namespaces"),
        (("expose", ID), "Give ports"),
        (("labels", ID), "Give --label"),
        (("labels", ID, "--name", "x", "--clear"), "Give --label"),
        (("scheduled", "list", "-a", "--status", "active"), "give --all or --status"),
    ],
    ids=lambda one: " ".join(one) if isinstance(one, tuple) else "",
)
def test_arguments_that_contradict_each_other(run, hub, arguments, message):
    ended = run("jobs", *arguments)
    assert (ended.code, hub.seen) == (2, [])
    assert message in ended.error


def test_a_job_is_an_id_with_or_without_its_namespace():
    assert split_job_id("1", None) == ("1", None)
    assert split_job_id("ann/1", None) == ("1", "ann")
    assert split_job_id("ann/1", "ann") == ("1", "ann")
    assert split_job_ids(["1", "2"], "ann") == (["1", "2"], "ann")
    for wrong in ("", "/1", "ann/", "a/b/1"):
        with pytest.raises(CommandError, match="is no job"):
            split_job_id(wrong, None)
    with pytest.raises(CommandError, match="is a job of ann, but --namespace is bob"):
        split_job_id("ann/1", "bob")


def test_list_asks_for_active_jobs_unless_told_otherwise(run, hub):
    hub.known["GET /api/jobs/ann"] = [job(durations={"runningSecs": 7.2})]
    ended = run("jobs", "list", "--namespace", "ann")
    row = [ID, "train", "python:3.12", "python -V", "2026-01-02T03:04:05.000Z", "COMPLETED", "7"]
    assert ended.rows == [row]
    run("jobs", "ps", "-a", "--namespace", "ann")
    run("jobs", "ls", "--status", "error,deleted", "--label", "env=prod", "--name", "train", "--namespace", "ann")
    assert [query for _, query, _ in hub.seen] == [
        [("stage", "RUNNING"), ("stage", "SCHEDULING")],
        [],
        [("stage", "ERROR"), ("stage", "DELETED"), ("label", "env=prod"), ("label", "name=train")],
    ]
    assert run("jobs", "list", "--namespace", "ann", "-q").out == f"{ID}\n"


def test_inspect_prints_one_record_or_a_json_list(run, hub):
    hub.known[ONE] = job(secrets=["KEY"], volumes=[{"type": "dataset", "source": "ann/set", "mountPath": "/set"}])
    ended = run("jobs", "inspect", f"ann/{ID}")
    assert {"stage\tCOMPLETED", "volumes\tdatasets/ann/set:/set", "secrets\tKEY"} <= set(ended.lines)
    assert [one["id"] for one in run("jobs", "inspect", f"ann/{ID}", "--json").json()] == [ID]


def test_logs_prints_the_stored_lines(run, started):
    assert run("jobs", "logs", f"ann/{ID}", "-n", "2").out == "one\ntwo\n"
    assert started.seen[-1][1] == [("tail", "2")]
    assert run("jobs", "logs", "-f", f"ann/{ID}").out == "one\ntwo\n"


def test_wait_tells_how_each_job_ended(run, hub):
    hub.known[ONE] = deque([job(status={"stage": "CANCELED"})])
    ended = run("jobs", "wait", f"ann/{ID}")
    assert (ended.code, ended.rows) == (1, [[ID, "CANCELED", ""]])
    assert "1 of 1 jobs have not completed" in ended.err


def test_wait_ends_when_it_takes_too_long(run, hub):
    hub.known[ONE] = job(status={"stage": "RUNNING"})
    ended = run("jobs", "wait", f"ann/{ID}", "--timeout", "0.01s")
    assert (ended.code, ended.error) == (1, f"The job ann/{ID} is still RUNNING after 0.01 seconds.")


def test_cancel_labels_expose_and_rerun(run, started):
    path = f"/api/jobs/ann/{ID}"
    started.known |= {
        f"POST {path}/cancel": job(),
        f"PUT {path}/labels": job(labels={"name": "x"}),
        f"PUT {path}/expose": job(expose={"ports": [8000, 9000], "portsPublic": [9000]}),
        f"POST {path}/duplicate": job(),
    }
    assert run("jobs", "cancel", f"ann/{ID}", "-q").out == f"{ID}\n"
    started.known[ONE] = job(labels={"name": "old", "env": "prod"})
    run("jobs", "labels", f"ann/{ID}", "--name", "x")
    assert started.sent == {"labels": {"name": "x", "env": "prod"}}
    run("jobs", "labels", f"ann/{ID}", "--label", "a=1", "--label", "b")
    assert started.sent == {"labels": {"a": "1", "b": ""}}
    run("jobs", "labels", f"ann/{ID}", "--clear")
    assert started.sent == {"labels": {}}
    ended = run("jobs", "expose", f"ann/{ID}", "8000", "--public", "9000", "--json")
    assert ended.json() == {"job_id": ID, "ports": [8000, 9000], "public_ports": [9000]}
    run("jobs", "expose", f"ann/{ID}", "--clear")
    assert started.sent == {"ports": [], "portsPublic": []}
    assert run("jobs", "rerun", "-d", f"ann/{ID}", "-q").out == f"{ID}\n"


def test_stats_of_a_job_and_of_one_that_does_not_run(run, hub):
    metrics = {"cpu_usage_pct": 12, "memory_used_bytes": 1000, "gpus": {"a": {"utilization": 50}}}
    body = f"event: metric\ndata: {json.dumps(metrics)}\n\n".encode()
    events = Answer(status=200, headers={"content-type": "text/event-stream"}, body=body)
    hub.known[f"GET /api/jobs/ann/{ID}/metrics"] = events
    [row] = run("jobs", "stats", f"ann/{ID}").rows
    assert (row[0], row[3]) == (ID, "1000")
    hub.known[f"GET /api/jobs/ann/{ID}/metrics"] = Answer(status=406, headers={}, body=b"")
    ended = run("jobs", "stats", f"ann/{ID}")
    assert (ended.code, ended.rows) == (0, [])
    assert "does not run" in ended.err


def test_hardware_lists_prices(run, hub):
    hub.known["GET /api/jobs/hardware"] = [
        {
            "name": "t4-small",
            "prettyName": "T4",
            "cpu": "4 vCPU",
            "ram": "15 GB",
            "unitCostUSD": 0.4,
            "unitLabel": "hour",
        }
    ]
    assert run("jobs", "hardware").rows[0][0] == "t4-small"


def test_ssh_prints_or_runs_the_program(run, hub, monkeypatch):
    hub.known[ONE] = job(status={"stage": "RUNNING", "sshUrl": f"ssh://{ID}@ssh.hub.test:22"})
    ended = run("jobs", "ssh", f"ann/{ID}", "-i", "key", "--dry-run")
    assert ended.out == f"ssh -i key -p 22 {ID}@ssh.hub.test\n"
    monkeypatch.setattr(subprocess, "run", lambda command, check: SimpleNamespace(returncode=len(command)))
    assert run("jobs", "ssh", f"ann/{ID}").err.endswith("Error: ssh ended with exit code 4.\n")
    hub.known[ONE] = job()
    assert "run it with --ssh" in run("jobs", "ssh", f"ann/{ID}").error
    hub.known[ONE] = job(status={"stage": "ERROR", "sshUrl": "ssh://a@b"})
    assert "is ERROR" in run("jobs", "ssh", f"ann/{ID}").error
    hub.known[ONE] = job(status={"stage": "RUNNING", "sshUrl": "ssh://-oProxyCommand=x@b"})
    assert "is not ssh://user@host" in run("jobs", "ssh", f"ann/{ID}", "--dry-run").error


def test_scheduled_jobs(run, hub):
    path = f"/api/scheduled-jobs/ann/{ID}"
    hub.known |= {
        "POST /api/scheduled-jobs/ann": scheduled(),
        "GET /api/scheduled-jobs/ann": [scheduled(), scheduled(id="2", suspend=True)],
        f"GET {path}": scheduled(),
        f"DELETE {path}": {},
        f"POST {path}/suspend": {},
        f"POST {path}/resume": {},
        f"POST {path}/schedule": scheduled(schedule="@hourly"),
        f"POST {path}/run": job(),
        f"PUT {path}/labels": scheduled(),
    }
    ended = run(
        "jobs", "scheduled", "run", "@daily", "python:3.12", "python", "--no-suspend", "--namespace", "ann", "-q"
    )
    assert ended.out == f"{ID}\n"
    assert (hub.sent["schedule"], hub.sent["suspend"], "concurrency" in hub.sent) == ("@daily", False, False)
    assert [row[0] for row in run("jobs", "scheduled", "ls", "--namespace", "ann").rows] == [ID]
    assert [row[0] for row in run("jobs", "scheduled", "ls", "-a", "--namespace", "ann").rows] == [ID, "2"]
    only = run("jobs", "scheduled", "ls", "--status", "suspended", "--namespace", "ann")
    assert [row[0] for row in only.rows] == ["2"]
    assert "schedule\t@daily" in run("jobs", "scheduled", "inspect", f"ann/{ID}").lines
    for command in ("suspend", "resume", "delete", "trigger"):
        assert run("jobs", "scheduled", command, f"ann/{ID}", "-q").out == f"{ID}\n"
    assert "schedule\t@hourly" in run("jobs", "scheduled", "reschedule", f"ann/{ID}", "@hourly").lines
    run("jobs", "scheduled", "labels", f"ann/{ID}", "--name", "x")
    assert hub.sent == {"labels": {"name": "x"}}


SCRIPT = """\
# /// script
# dependencies = ["rich"]
# [tool.hf-jobs]
# flavor = "t4-small"
# timeout = 90
# name = "train"
# secrets = ["KEY"]
# volumes = ["hf://ann/model:/model", "hf://ann/other:/other"]
# [tool.hf-jobs.env]
# A = "1"
# B = "2"
# ///
print(1)
"""


def test_a_script_may_say_how_it_runs(run, hub, setenv, tmp_path):
    setenv("KEY", "hush")
    (tmp_path / "train.py").write_text(SCRIPT.replace("\n", "\r\n"))
    options = ("-e", "B=3", "-v", "hf://ann/third:/other", "--with", "numpy", "-p", "3.13")
    ended = run("jobs", "uv", "run", "--dry-run", *options, tmp_path / "train.py", "--epochs", "3", "--json")
    assert ended.json() == {
        "script": str(tmp_path / "train.py"),
        "arguments": ["--epochs", "3"],
        "dependencies": ["numpy"],
        "python": "3.13",
        "env": {"A": "1", "B": "3"},
        "secrets": ["KEY"],
        "flavor": "t4-small",
        "timeout": "90",
        "name": "train",
        "volumes": ["hf://ann/model:/model", "hf://ann/third:/other"],
    }
    assert "these are sent from the environment: KEY" in ended.err


def test_a_command_runs_with_uv_without_any_upload(run, started):
    run("jobs", "uv", "run", "-d", "--namespace", "ann", "--with", "lighteval", "lighteval", "--help-me")
    assert started.sent["command"] == ["uv", "run", "--with", "lighteval", "lighteval", "--help-me"]
    assert started.sent["labels"]["name"].startswith("lighteval-")
    assert run("jobs", "uv", "run", "--namespace", "ann", "missing.py").code == 3


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("flavour = 'x'", "unknown keys: flavour"),
        ("secrets = {KEY = 'hush'}", "must be a list of texts. Secrets are names"),
        ("env = {A = 1}", "env in .* must be a table of texts"),
        ("image = 3", "image in .* must be a text"),
        ("image = ", "is no TOML"),
    ],
)
def test_a_header_with_a_mistake_is_refused(line, message):
    with pytest.raises(CommandError, match=message):
        parse_header(f"# /// script\n# [tool.hf-jobs]\n# {line}\n# ///\n")


def test_a_script_without_such_a_table_has_no_header():
    assert parse_header("print(1)\n") is NO_HEADER
    assert parse_header("# /// script\n# dependencies = []\n# ///\n") is NO_HEADER
