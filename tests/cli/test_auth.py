"""``hub-typed auth``."""

from __future__ import annotations

import pytest

from hub_typed import Settings
from hub_typed.auth.stored_tokens import StoredTokens

pytestmark = pytest.mark.usefixtures("local_hub")


def stored() -> StoredTokens:
    return StoredTokens(Settings.from_environment().token_path)


def test_whoami_says_who(run, local_hub):
    ended = run("auth", "whoami")
    assert (ended.code, ended.err) == (0, "")
    assert dict(line.split("\t") for line in ended.lines) == {
        "user": "local-user",
        "full name": "local-user",
        "organizations": "",
        "token": "local-write",
        "role": "write",
        "endpoint": local_hub.endpoint,
    }
    assert run("auth", "whoami", "-q").out == "local-user\n"
    assert run("auth", "whoami", "--json").json()["auth"]["accessToken"]["role"] == "write"


def test_whoami_with_another_token(run, local_hub):
    assert run("auth", "whoami", "-q", "--token", local_hub.add_user("ada")).out == "ada\n"
    assert run("auth", "whoami", "-q", "--token", "-", typed=local_hub.add_user("ada") + "\n").out == "ada\n"


def test_whoami_without_a_token(run, logged_out):
    ended = run("auth", "whoami")
    assert ended.code == 4
    assert ended.error == "Not logged in: run `hub-typed auth login`, set HF_TOKEN, or pass --token."


def test_whoami_with_a_wrong_token(run):
    ended = run("auth", "whoami", "--token", "hf_wrong")
    assert ended.code == 4
    assert "hf_wrong" not in ended.error
    assert ended.error.endswith("Log in with `hub-typed auth login`, or pass --token.")


def test_whoami_with_a_malformed_token(run):
    ended = run("auth", "whoami", "--token", "hf_a b")
    assert ended.code == 2
    assert "contains a blank" in ended.error


def test_whoami_without_a_network(run, offline):
    assert run("auth", "whoami").code == 5


def test_a_wrong_endpoint(run):
    ended = run("auth", "whoami", "--endpoint", "ftp://hub.test")
    assert ended.code == 2
    assert "--endpoint" in ended.error


def test_login_stores_the_token(run, logged_out, local_hub):
    ended = run("auth", "login", "--token", local_hub.token)
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines == ["user\tlocal-user", "token_name\tlocal-write"]
    assert stored().all() == {"local-write": local_hub.token}
    assert run("auth", "whoami", "-q").out == "local-user\n"


def test_login_reads_a_token_from_a_pipe(run, logged_out, local_hub):
    assert run("auth", "login", "--token", "-", "--json", typed=f"{local_hub.token}\n").json() == {
        "user": "local-user",
        "token_name": "local-write",
    }


def test_login_says_what_it_did(run, logged_out, local_hub):
    ended = run("auth", "login", "--token", local_hub.token, terminal=True)
    assert ended.out == "Logged in as local-user. The default token is now local-write.\n"


def test_login_with_a_wrong_token(run, logged_out):
    ended = run("auth", "login", "--token", "hf_wrong")
    assert ended.code == 4
    assert "does not accept this token" in ended.error
    assert stored().all() == {}


def test_login_does_not_ask_without_a_terminal(run, logged_out):
    ended = run("auth", "login")
    assert ended.code == 2
    assert "no terminal" in ended.error


def test_login_keeps_a_token_unless_it_is_forced(run, logged_out, local_hub):
    run("auth", "login", "--token", local_hub.token)
    ended = run("auth", "login")
    assert ended.code == 1
    assert "--force" in ended.error


def test_a_login_at_a_hub_out_of_reach(run, logged_out, offline):
    assert run("auth", "login", "--token", "hf_any").code == 5


@pytest.fixture
def two_tokens(run, logged_out, local_hub):
    names = {"laptop": local_hub.add_token("ada", "laptop"), "ci": local_hub.add_token("ada", "ci", "read")}
    for token in names.values():
        assert run("auth", "login", "--token", token).code == 0
    return names


def test_list_shows_masked_tokens(run, two_tokens):
    ended = run("auth", "list")
    assert ended.lines[0] == "name\ttoken\tdefault"
    assert [(name, default) for name, _, default in ended.rows] == [("ci", "true"), ("laptop", "false")]
    assert not [token for token in two_tokens.values() if token in ended.out]
    assert run("auth", "ls", "-q").lines == ["ci", "laptop"]
    assert [one["default"] for one in run("auth", "list", "--json").json()] == [True, False]


def test_an_empty_list_is_an_empty_document(run, logged_out):
    assert run("auth", "list", "--json").json() == []
    assert run("auth", "list", terminal=True).err == "Nothing was found.\n"


def test_switch_changes_the_default(run, two_tokens):
    assert run("auth", "switch", "--token-name", "laptop", "-q").out == "laptop\n"
    assert run("auth", "token").out == f"{two_tokens['laptop']}\n"
    assert run("auth", "token", "--json").json() == {"token": two_tokens["laptop"]}


def test_switch_to_an_unknown_token(run, two_tokens):
    ended = run("auth", "switch", "phone")
    assert ended.code == 2
    assert "'phone'" in ended.error
    assert "stored names: ci, laptop" in ended.error


def test_switch_needs_a_name(run, two_tokens):
    ended = run("auth", "switch")
    assert ended.code == 2
    assert "Stored tokens: ci, laptop" in ended.error


def test_logout_of_one_token(run, two_tokens):
    ended = run("auth", "logout", "--token-name", "laptop")
    assert (ended.code, ended.lines) == (0, ["removed\tlaptop"])
    assert list(stored().all()) == ["ci"]


def test_logout_of_all_tokens_asks_first(run, two_tokens):
    assert run("auth", "logout").code == 2
    ended = run("auth", "logout", typed="no\n", terminal=True)
    assert (ended.code, len(stored().all())) == (1, 2)
    assert "Go on? [y/N]" in ended.err
    assert run("auth", "logout", typed="y\n", terminal=True).code == 0
    assert stored().all() == {}


def test_logout_with_yes(run, two_tokens):
    assert run("auth", "logout", "--yes").code == 0
    assert stored().all() == {}


def test_the_token_of_nobody(run, logged_out):
    ended = run("auth", "token")
    assert ended.code == 4
    assert "Not logged in" in ended.error


def test_a_token_of_the_environment_that_hides_the_stored_one_is_named(run, local_hub):
    ended = run("auth", "login", "--token", local_hub.add_user("ada"))
    assert ended.code == 0
    assert ended.err.startswith("Warning: The environment variable HF_TOKEN is set")
