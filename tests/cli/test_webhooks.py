"""``hub-typed webhooks``."""

from __future__ import annotations

import json

import pytest

from hub_typed_api.serve import Answer

URL = "https://example.com/hook"
MISSING = "0" * 24
JOB = "1" * 24
WITH_JOB = {
    "id": MISSING,
    "watched": [{"type": "user", "name": "local-user"}],
    "domains": [],
    "disabled": "suspended-after-failure",
    "jobSourceId": JOB,
}


@pytest.fixture
def webhook_id(api) -> str:
    api.create_repo("local-user/m")
    watched = [{"type": "model", "name": "local-user/m"}, {"type": "user", "name": "local-user"}]
    return api.create_webhook(url=URL, watched=watched, domains=["repo"], secret="s3cret").id


@pytest.fixture
def reader(local_hub) -> str:
    """A token of the owner that may only read."""
    return local_hub.add_token("local-user", "reading", "read")


def test_list(run, webhook_id):
    ended = run("webhooks", "list")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "id\tcalls\twatched\tdomains\tstate"
    assert ended.rows == [[webhook_id, URL, "model:local-user/m,user:local-user", "repo", "enabled"]]
    assert run("webhooks", "ls", "-q").out == f"{webhook_id}\n"
    assert [one["url"] for one in run("webhooks", "list", "--json").json()] == [URL]


def test_info_does_not_show_the_secret(run, webhook_id):
    ended = run("webhooks", "info", webhook_id)
    assert f"id\t{webhook_id}" in ended.lines
    assert "secret\ttrue" in ended.lines
    assert run("webhooks", "info", webhook_id, "--json").json()["watched"][0]["name"] == "local-user/m"
    assert run("webhooks", "info", webhook_id, "-q").out == f"{webhook_id}\n"
    for shape in ("human", "agent", "json"):
        assert "s3cret" not in run("webhooks", "info", webhook_id, "--format", shape).out


def test_create(run, api):
    api.create_repo("local-user/m")
    ended = run(
        "webhooks", "create", "--url", URL, "--watch", "model:local-user/m", "--watch", "user:local-user",
        "--domain", "repo", "--domain", "discussion", "--secret", "s3cret", "-q",
    )  # fmt: skip
    assert (ended.code, ended.err) == (0, "")
    made = api.get_webhook(ended.out.strip())
    assert (made.url, made.domains, made.has_secret) == (URL, ["repo", "discussion"], True)
    assert [(one.type, one.name) for one in made.watched] == [("model", "local-user/m"), ("user", "local-user")]


def test_create_reads_the_secret_from_a_pipe(run, api, local_hub):
    ended = run("webhooks", "create", "--url", URL, "--watch", "user:local-user", "--secret", "-", typed="s3cret\n")
    assert ended.lines[0].startswith("webhook_id\t")
    assert api.list_webhooks()[0].has_secret
    said = run("webhooks", "create", "--url", URL, "--watch", "user:local-user", terminal=True)
    assert said.out.startswith("Created the webhook ")
    assert run("webhooks", "create", "--url", URL, "--watch", "user:local-user", "--json").json()["webhook_id"]


def test_a_webhook_that_runs_a_job(run, answers):
    answers({"webhook": WITH_JOB})
    assert run("webhooks", "create", "--job-id", JOB, "--watch", "user:local-user", "-q").out == f"{MISSING}\n"
    assert f"calls\tjob {JOB}" in run("webhooks", "info", MISSING).lines
    answers([WITH_JOB])
    assert run("webhooks", "list").rows == [[MISSING, f"job {JOB}", "user:local-user", "", "suspended-after-failure"]]


def test_the_secrets_of_a_job_are_sent(run, local_hub, tmp_path, monkeypatch):
    monkeypatch.setenv("TOP", "s3cret")
    (tmp_path / "secrets").write_text("A=1\nB=2\n")
    asked = []

    def answer(incoming):
        asked.append(json.loads(incoming.body.read() or "{}").get("secrets"))
        return Answer(
            status=200, headers={"content-type": "application/json"}, body=json.dumps({"webhook": WITH_JOB}).encode()
        )

    local_hub.hub.intercept = answer
    secrets = ("-s", "TOP", "--secrets", "B=3", "--secrets-file", str(tmp_path / "secrets"))
    ended = run("webhooks", "create", "--job-id", JOB, "--watch", "user:local-user", *secrets)
    assert (ended.code, "s3cret" in ended.out) == (0, False)
    assert asked == [{"A": "1", "B": "3", "TOP": "s3cret"}]
    assert run("webhooks", "update", MISSING, "--job-id", JOB, "-s", "TOP=").code == 0
    assert asked[-1] == {"TOP": ""}
    assert run("webhooks", "update", MISSING, "--job-id", JOB).code == 0
    assert asked[-1] is None
    for command in (("create", "--url", URL, "--watch", "user:local-user"), ("update", MISSING)):
        ended = run("webhooks", *command, "-s", "TOP")
        assert (ended.code, "--job-id" in ended.error) == (2, True)


def test_the_embedded_hub_runs_no_jobs(run, local_hub):
    ended = run("webhooks", "create", "--job-id", JOB, "--watch", "user:local-user")
    assert ended.code == 4
    assert "start no jobs" in ended.error


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--url", URL], "--watch"),
        (["--watch", "user:local-user"], "--url"),
        (["--url", URL, "--job-id", "1", "--watch", "user:local-user"], "not both"),
        (["--url", URL, "--watch", "local-user"], "type:name"),
        (["--url", URL, "--watch", "user:"], "type:name"),
        (["--url", URL, "--watch", "user:local-user", "--domain", "files"], "domain"),
    ],
    ids=lambda one: one if isinstance(one, str) else None,
)
def test_create_with_wrong_options(run, api, options, named):
    ended = run("webhooks", "create", *options)
    assert ended.code == 2
    assert named in ended.error
    assert api.list_webhooks() == []


def test_create_what_cannot_be_called_or_watched(run, local_hub, reader):
    assert run("webhooks", "create", "--url", "example", "--watch", "user:local-user").code == 2
    assert run("webhooks", "create", "--url", URL, "--watch", "model:local-user/none").code == 3
    assert run("webhooks", "create", "--url", URL, "--watch", "user:local-user", "--token", reader).code == 4


def test_update_keeps_what_is_not_given(run, webhook_id, api):
    ended = run("webhooks", "update", webhook_id, "--url", f"{URL}/2")
    assert (ended.code, ended.lines) == (0, [f"webhook_id\t{webhook_id}"])
    changed = api.get_webhook(webhook_id)
    assert (changed.url, changed.domains, len(changed.watched)) == (f"{URL}/2", ["repo"], 2)
    run("webhooks", "update", webhook_id, "--watch", "user:local-user", "--domain", "discussion", "--secret", "new")
    changed = api.get_webhook(webhook_id)
    assert (changed.url, changed.domains, len(changed.watched)) == (f"{URL}/2", ["discussion"], 1)


def test_update_with_wrong_options(run, webhook_id):
    ended = run("webhooks", "update", webhook_id)
    assert ended.code == 2
    assert "--url" in ended.error
    assert run("webhooks", "update", webhook_id, "--url", URL, "--job-id", "1").code == 2
    assert run("webhooks", "update", webhook_id, "--watch", "x").code == 2


def test_disable_and_enable(run, webhook_id, api):
    assert run("webhooks", "disable", webhook_id, "-q").out == f"{webhook_id}\n"
    assert api.get_webhook(webhook_id).disabled
    assert run("webhooks", "list").rows[0][-1] == "disabled"
    assert run("webhooks", "enable", webhook_id, terminal=True).out == f"Enabled the webhook {webhook_id}.\n"
    assert not api.get_webhook(webhook_id).disabled


def test_delete_asks_first(run, webhook_id, api):
    ended = run("webhooks", "delete", webhook_id)
    assert ended.code == 2
    assert "--yes" in ended.error
    assert run("webhooks", "delete", webhook_id, typed="\n", terminal=True).code == 1
    assert api.list_webhooks()
    assert run("webhooks", "delete", webhook_id, "--yes", "--json").json() == {"webhook_id": webhook_id}
    assert api.list_webhooks() == []


@pytest.mark.parametrize("command", ["info", "enable", "disable", "update --secret x", "delete --yes"])
def test_a_missing_webhook_or_one_of_another_user(run, webhook_id, local_hub, command):
    name, *options = command.split()
    assert run("webhooks", name, MISSING, *options).code == 3
    assert run("webhooks", name, webhook_id, *options, "--token", local_hub.add_user("other")).code == 3


@pytest.mark.parametrize("command", ["enable", "disable", "update --secret x", "delete --yes"])
def test_changes_with_a_token_that_may_not(run, webhook_id, reader, command):
    name, *options = command.split()
    assert run("webhooks", name, webhook_id, *options, "--token", reader).code == 4


def test_without_a_token_or_a_network(run, webhook_id, logged_out, setenv):
    assert run("webhooks", "list").code == 4
    setenv("HF_HUB_OFFLINE", "1")
    assert run("webhooks", "list").code == 5
