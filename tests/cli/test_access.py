"""``hub-typed access``: requests for gated repositories."""

from __future__ import annotations

import pytest

REPO = "local-user/gated"
DECISIONS = [("accept", REPO, "ada"), ("reject", REPO, "ada"), ("cancel", REPO, "ada"), ("grant", REPO, "ada")]
COMMANDS = [*DECISIONS, ("list", REPO), ("ask", REPO), ("withdraw", REPO)]


@pytest.fixture
def gated(api) -> str:
    api.create_repo(REPO)
    api.update_repo_settings(REPO, gated="manual")
    return REPO


@pytest.fixture
def ada(local_hub) -> str:
    """A token of an account that owns nothing."""
    return local_hub.add_user("ada", email="ada@hub.test")


def requests(run, status: str) -> list[str]:
    return run("access", "list", REPO, "--status", status, "-q").lines


def test_a_request_is_asked_for_and_accepted(run, gated, ada):
    ended = run("access", "ask", gated, "--token", ada)
    assert (ended.code, ended.lines) == (0, [f"repo_id\t{gated}", "access\tfalse"])
    ended = run("access", "list", gated)
    assert ended.lines[0] == "user\tfull name\temail\tstatus\trequested\tfields"
    assert ended.rows[0][:4] == ["ada", "ada", "ada@hub.test", "pending"]
    ended = run("access", "accept", gated, "ada", "--json")
    assert ended.json() == {"repo_id": gated, "user": "ada", "status": "accepted"}
    assert run("access", "ls", gated, "--status", "accepted", "--json").json()[0]["status"] == "accepted"
    assert run("access", "ask", gated, "--token", ada, terminal=True).out == f"You have access to {gated}.\n"


def test_a_request_is_rejected_and_the_decision_cancelled(run, gated, ada):
    run("access", "ask", gated, "--token", ada)
    assert run("access", "reject", gated, "ada", "--reason", "no", "-q").out == "ada\n"
    assert requests(run, "rejected") == ["ada"]
    assert run("access", "cancel", gated, "ada", "-q").out == "ada\n"
    assert requests(run, "pending") == ["ada"]
    assert run("access", "reject", gated, "ada", "--reason", "x" * 201).code in (1, 2)


def test_access_without_a_request(run, gated, ada):
    assert run("access", "grant", gated, "ada", terminal=True).out == f"ada has access to {gated}.\n"
    assert requests(run, "accepted") == ["ada"]
    ended = run("access", "grant", gated, "ada")
    assert ended.code == 1
    assert "400" in ended.error


def test_a_request_is_withdrawn(run, gated, ada):
    run("access", "ask", gated, "--token", ada)
    assert run("access", "withdraw", gated, "--token", ada, "--json").json() == {"repo_id": gated}
    assert requests(run, "pending") == []
    assert run("access", "withdraw", gated, "--token", ada).code == 3


def test_automatic_access(run, api, gated, ada):
    api.update_repo_settings(gated, gated="auto")
    assert run("access", "ask", gated, "--token", ada, "--json").json()["access"] is True


def test_the_form_of_a_repository(run, api, gated, ada):
    card = b"---\nextra_gated_fields:\n  Your company: text\n---\n"
    api.upload_file(path_or_fileobj=card, path_in_repo="README.md", repo_id=gated)
    assert run("access", "ask", gated, "--token", ada, "--field", "Your company=A=B").code == 0
    assert run("access", "list", gated).rows[0][5] == "Your company: A=B"


@pytest.mark.parametrize(
    "arguments",
    [
        ("accept", REPO),
        ("ask",),
        ("ask", REPO, "--field", "answer"),
        ("list", REPO, "--status", "open"),
        ("list", "a/b/c"),
    ],
    ids=" ".join,
)
def test_wrong_arguments(run, local_hub, arguments):
    assert run("access", *arguments).code == 2


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_repository_that_does_not_exist(run, local_hub, ada, command):
    ended = run("access", *command)
    assert ended.code == 3
    assert REPO in ended.error


@pytest.mark.parametrize("command", [*DECISIONS, ("list", REPO)], ids=" ".join)
def test_only_who_may_write_decides(run, gated, ada, command):
    ended = run("access", *command, "--token", ada)
    assert ended.code == 4
    assert ada not in ended.error


@pytest.mark.parametrize("command", [one for one in DECISIONS if one[0] != "grant"], ids=" ".join)
def test_nobody_has_asked(run, gated, ada, command):
    assert run("access", *command).code == 3


@pytest.mark.parametrize("command", DECISIONS, ids=" ".join)
def test_an_account_that_does_not_exist(run, gated, command):
    assert run("access", *command).code == 3


def test_a_repository_that_is_not_gated(run, api, ada):
    api.create_repo(REPO)
    assert run("access", "grant", REPO, "ada").code == 1
    assert run("access", "ask", REPO, "--token", ada).code == 1


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_without_a_network(run, local_hub, offline, command):
    assert run("access", *command).code == 5
