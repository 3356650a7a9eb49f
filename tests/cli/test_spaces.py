"""``hub-typed spaces``: how a Space runs, its secrets, variables and volumes."""

from __future__ import annotations

import threading

import pytest

from hub_typed.cli.commands import space_runtime
from hub_typed.flows import log_stream
from hub_typed_api.serve import Answer
from hub_typed_api.wire import Source

SPACE = "local-user/s"
VOLUME = "hf://datasets/local-user/d:/data"
READING = [("runtime", SPACE), ("wait", SPACE), ("volumes", "list", SPACE)]
WRITING = [
    ("pause", SPACE),
    ("restart", SPACE),
    ("dev-mode", SPACE),
    ("settings", SPACE, "--sleep-time", "300"),
    ("secrets", "list", SPACE),
    ("secrets", "add", SPACE, "-s", "A=1"),
    ("secrets", "delete", SPACE, "A", "--yes"),
    ("variables", "list", SPACE),
    ("variables", "add", SPACE, "-e", "A=1"),
    ("variables", "delete", SPACE, "A", "--yes"),
    ("volumes", "set", SPACE, "-v", VOLUME),
    ("volumes", "delete", SPACE, "--yes"),
]


@pytest.fixture
def space(api) -> str:
    api.create_repo(SPACE, repo_type="space", space_sdk="docker")
    return SPACE


def members(ended) -> dict[str, str]:
    return dict(line.split("\t") for line in ended.lines)


def test_the_runtime(run, api, space):
    ended = run("spaces", "runtime", space)
    assert (ended.code, ended.err) == (0, "")
    stage = api.get_space_runtime(space).stage
    assert members(ended).items() >= {"space": space, "stage": stage}.items()
    assert run("spaces", "runtime", space, "-q").out == f"{stage}\n"
    assert run("spaces", "runtime", space, "--json").json()["stage"] == stage


def test_pause_and_restart(run, api, space):
    assert run("spaces", "pause", space, "-q").out == "PAUSED\n"
    assert api.get_space_runtime(space).stage == "PAUSED"
    assert run("spaces", "restart", space, "--factory-reboot", "--json").json()["stage"] != "PAUSED"


def test_dev_mode(run, api, space):
    assert run("spaces", "dev-mode", space).code == 0
    assert api.get_space_runtime(space).dev_mode
    assert run("spaces", "dev-mode", space, "--stop").code == 0
    assert not api.get_space_runtime(space).dev_mode


def test_settings(run, api, space):
    ended = run("spaces", "settings", space, "--hardware", "t4-small", "--sleep-time", "-1")
    assert members(ended)["requested hardware"] == "t4-small"
    assert api.get_space_runtime(space).requested_hardware == "t4-small"
    assert run("spaces", "settings", space, "--sleep-time", "600", "--json").json()["gcTimeout"] == 600
    assert run("spaces", "settings", space, "--hardware", "none").code == 1


def test_the_hardware(run, local_hub):
    ended = run("spaces", "hardware")
    assert ended.lines[0] == "name\tdescription\tcpu\tram\taccelerator\tUSD\tper"
    assert "cpu-basic" in run("spaces", "hardware", "-q").lines
    assert run("spaces", "hardware", "--json").json()[0]["prettyName"]


def test_search(run, api, space):
    ended = run("spaces", "search", "s", "--include-non-running", "--sdk", "docker")
    assert ended.lines[0] == "id\ttitle\tsdk\tlikes\trelevance"
    assert run("spaces", "search", "s", "--include-non-running", "-q", "--limit", "1").lines == [space]
    assert run("spaces", "search", "s", "--include-non-running", "--description").lines[0].endswith("description")
    assert run("spaces", "search", "s", "--sdk", "gradio", "--json").json() == []
    assert run("spaces", "search").code == 2


def test_templates(run, local_hub):
    ended = run("spaces", "templates")
    assert ended.lines[0] == "name\tspace\tsdk\tprivate"
    assert run("spaces", "templates", "-q").lines[0] == "templates/greeting"
    made = run("repos", "create", SPACE, "--type", "space", "--template", "Greeting")
    assert (made.code, made.err) == (0, "")
    assert run("spaces", "runtime", SPACE, "-q").out == "RUNNING\n"


def test_the_quota(run, local_hub):
    assert members(run("spaces", "zero-gpu", "quota")) == {
        "quota": "300",
        "remaining": "300",
        "beyond the quota": "0",
    }
    assert run("spaces", "zero-gpu", "quota", "-q").out == "300\n"
    assert run("spaces", "zero-gpu", "quota", "--json").json()["base"] == 300


def test_logs_that_the_hub_keeps(run, space, local_hub):
    assert run("spaces", "logs", space).out == ""
    for line in ("one\n", "two\n"):
        local_hub.write_space_log(space, line)
    assert run("spaces", "logs", space).out == "one\ntwo\n"
    assert run("spaces", "logs", space, "--tail", "1", "--follow").out == "two\n"
    assert run("spaces", "logs", space, "--build").out == ""


def test_secrets(run, space, monkeypatch):
    monkeypatch.setenv("FROM_HERE", "s3cret")
    ended = run("spaces", "secrets", "add", space, "-s", "A=s3cret", "-s", "FROM_HERE", "--json")
    assert ended.json() == {"repo_id": space, "keys": ["A", "FROM_HERE"]}
    assert run("spaces", "secrets", "add", space, "--secrets-file", "-", "-q", typed="B=1\n#\n").out == "B\n"
    ended = run("spaces", "secrets", "list", space)
    assert ended.lines[0] == "key\tdescription\tupdated"
    assert run("spaces", "secrets", "ls", space, "-q").lines == ["A", "FROM_HERE", "B"]
    assert {one["key"] for one in run("spaces", "secrets", "ls", space, "--json").json()} == {"A", "B", "FROM_HERE"}
    assert run("spaces", "secrets", "delete", space, "A").code == 2
    assert run("spaces", "secrets", "delete", space, "A", "--yes", "-q").out == "A\n"
    assert run("spaces", "secrets", "ls", space, "-q").lines == ["FROM_HERE", "B"]


def test_variables(run, space, tmp_path):
    (tmp_path / "env").write_text("A=1\nB='x y'\n")
    assert run("spaces", "variables", "add", space, "--env-file", tmp_path / "env", "-e", "A=2", "-q").lines == [
        "A",
        "B",
    ]
    ended = run("spaces", "variables", "list", space)
    assert [row[:2] for row in ended.rows] == [["A", "2"], ["B", "x y"]]
    assert run("spaces", "variables", "ls", space, "--json").json()[0]["value"] == "2"
    assert run("spaces", "variables", "delete", space, "A").code == 2
    assert run("spaces", "variables", "delete", space, "A", "-y", "--json").json() == {"repo_id": space, "key": "A"}
    assert run("spaces", "variables", "ls", space, "-q").lines == ["B"]


def test_volumes(run, api, space):
    api.create_repo("local-user/d", repo_type="dataset")
    ended = run("spaces", "volumes", "set", space, "-v", "hf://datasets/local-user/d/sub:/data:ro", "-q")
    assert ended.out == "/data\n"
    ended = run("spaces", "volumes", "list", space)
    assert ended.lines[0] == "mount path\ttype\tsource\tpath\trevision\tread only"
    assert ended.rows == [["/data", "dataset", "local-user/d", "sub", "", "true"]]
    assert run("spaces", "volumes", "ls", space, "--json").json()[0]["mountPath"] == "/data"
    assert run("spaces", "volumes", "delete", space).code == 2
    assert run("spaces", "volumes", "delete", space, "--yes", "-q").out == f"{space}\n"
    assert run("spaces", "volumes", "ls", space, "-q").out == ""


@pytest.fixture
def logs(local_hub):
    """The Hub sends two events of the logs, then waits until the test is over if ``logs.wait``."""
    over = threading.Event()
    local_hub.hub.requested = []

    def lines():
        yield b'data: {"data":"Building\\n"}\n\n'
        yield b'data: {"data":"\\u001b[31mDone"}\n\n'
        if local_hub.hub.is_open:
            over.wait(20)

    def answer(incoming):
        if "/logs/" not in incoming.path:
            return None
        local_hub.hub.requested.append(incoming.path.rpartition("/")[2])
        return Answer(status=200, headers={"content-type": "text/event-stream"}, body=Source(lines))

    local_hub.hub.is_open = False
    local_hub.hub.intercept = answer
    yield local_hub.hub
    over.set()


def test_logs(run, logs):
    assert run("spaces", "logs", SPACE).out == "Building\n\x1b[31mDone\n"
    assert run("spaces", "logs", SPACE, "--build", "-f", "-n", "5", terminal=True).out == "Building\n\\x1b[31mDone\n"
    assert logs.requested == ["run", "build"]


def test_logs_end_when_no_line_comes(run, logs, monkeypatch):
    monkeypatch.setattr(log_stream, "STORED_SILENCE", 0.2)
    logs.is_open = True
    ended = run("spaces", "logs", SPACE)
    assert (ended.code, ended.out, ended.err) == (0, "Building\n\x1b[31mDone\n", "")


def test_logs_of_a_space_that_does_not_exist(run, local_hub):
    local_hub.hub.intercept = lambda incoming: (
        Answer(status=404, headers={"x-error-code": "RepoNotFound"}) if "/logs/" in incoming.path else None
    )
    assert run("spaces", "logs", SPACE).code == 3
    assert run("spaces", "logs", SPACE, "--follow").code == 3


@pytest.fixture
def stages(local_hub, monkeypatch):
    """The stages that the Hub says one after the other; nobody waits between them."""
    monkeypatch.setattr(space_runtime, "POLL", 0.01)
    coming: list[str] = []

    def answer(incoming):
        if not incoming.path.endswith("/runtime"):
            return None
        stage = coming.pop(0) if len(coming) > 1 else coming[0]
        body = (
            f'{{"stage": "{stage}", "errorMessage": "no port"}}'
            if stage == "RUNTIME_ERROR"
            else f'{{"stage": "{stage}"}}'
        )
        return Answer(status=200, headers={"content-type": "application/json"}, body=body.encode())

    local_hub.hub.intercept = answer
    return coming


def test_wait_until_a_space_runs(run, stages):
    stages += ["BUILDING", "APP_STARTING", "RUNNING"]
    assert run("spaces", "wait", SPACE, "-q").out == "RUNNING\n"


def test_wait_for_a_space_that_fails(run, stages):
    stages += ["BUILDING", "RUNTIME_ERROR"]
    ended = run("spaces", "wait", SPACE, "-q")
    assert (ended.code, ended.out) == (1, "RUNTIME_ERROR\n")
    assert ended.err == f"Error: {SPACE} is RUNTIME_ERROR: no port.\n"


def test_wait_is_limited(run, stages):
    stages += ["BUILDING"]
    ended = run("spaces", "wait", SPACE, "--timeout", "0s")
    assert ended.code == 1
    assert "still BUILDING after 0 s" in ended.error


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("settings", SPACE), "--hardware or --sleep-time"),
        (("settings", SPACE, "--sleep-time", "soon"), "soon"),
        (("secrets", "add", SPACE), "--secrets"),
        (("secrets", "add", SPACE, "-s", "1=x"), "--secrets"),
        (("variables", "add", SPACE), "--env"),
        (("variables", "add", SPACE, "-e", "NOT_SET_HERE"), "NOT_SET_HERE"),
        (("volumes", "set", SPACE), "--volume"),
        (("volumes", "set", SPACE, "-v", "data"), "has no mount path"),
        (("wait", SPACE, "--timeout", "long"), "long"),
        (("runtime",), "requires an argument"),
        (("runtime", "a/b/c"), "a/b/c"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_wrong_arguments(run, local_hub, arguments, says):
    ended = run("spaces", *arguments)
    assert ended.code == 2
    assert says in ended.error


@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
def test_a_space_that_does_not_exist(run, local_hub, command):
    ended = run("spaces", *command)
    assert ended.code == 3
    assert SPACE in ended.error


@pytest.mark.parametrize("command", WRITING, ids=" ".join)
def test_only_who_may_write_changes_a_space(run, space, local_hub, command):
    stranger = local_hub.add_user("stranger")
    ended = run("spaces", *command, "--token", stranger)
    assert ended.code == 4
    assert stranger not in ended.error


@pytest.mark.parametrize("command", [*READING, *WRITING, ("hardware",), ("search", "x"), ("logs", SPACE)], ids=" ".join)
def test_without_a_network(run, local_hub, offline, command):
    assert run("spaces", *command).code == 5
