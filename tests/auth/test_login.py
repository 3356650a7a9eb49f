"""Login and stored tokens: files shared with the official client, git's credential store, and prompts."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
import traceback
import warnings
from pathlib import Path

import pytest

import hub_typed
from hub_typed import HfHubHTTPError, InvalidTokenError, LocalTokenNotFoundError
from hub_typed.auth import git_credentials
from hub_typed.auth.stored_tokens import StoredTokens
from hub_typed.flows import users
from hub_typed.local import LocalHub


@pytest.fixture
def hub():
    """An embedded Hub."""
    with LocalHub() as hub:
        yield hub


@pytest.fixture
def home(tmp_path, monkeypatch, hub):
    """The cache folder of a user who is not logged in, with a git configuration of its own."""
    home = tmp_path / "hf"
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    return home


def helper(tmp_path):
    store = tmp_path / "credentials"
    subprocess.run(["git", "config", "--global", "credential.helper", f"store --file={store}"], check=True)
    return store


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_a_token_is_kept_under_its_name_and_sent_from_now_on(home, hub):
    assert hub_typed.get_token() is None
    hub_typed.login(f" {hub.token}\n")
    assert hub_typed.get_token() == hub.token
    assert hub_typed.whoami()["name"] == hub.user
    assert (home / "token").read_text() == hub.token
    assert StoredTokens(home / "token").all() == {"local-write": hub.token}
    assert [mode(home / name) for name in ("token", "stored_tokens")] == [0o600, 0o600]
    assert mode(home) == 0o700
    assert sorted(path.name for path in home.iterdir()) == ["stored_tokens", "stored_tokens.lock", "token"]


def test_tokens_are_switched_listed_and_forgotten(home, hub, capsys, caplog):
    hub_typed.login(hub.token)
    hub_typed.login(hub.read_token)
    assert hub_typed.get_token() == hub.read_token
    hub_typed.auth_list()
    shown = capsys.readouterr().out
    assert [line[:13] for line in shown.splitlines()] == ["  name       ", "* local-read ", "  local-write"]
    assert hub.token not in shown
    assert f"hf_****{hub.token[-4:]}" in shown

    hub_typed.auth_switch("local-write")
    assert hub_typed.get_token() == hub.token
    for refused in (hub_typed.auth_switch, hub_typed.logout):
        with pytest.raises(ValueError, match="stored names: local-read, local-write"):
            refused("other")

    hub_typed.logout("local-read")
    assert hub_typed.get_token() == hub.token
    hub_typed.logout("local-write")
    assert hub_typed.get_token() is None
    assert "no token is sent by default any more" in caplog.text
    hub_typed.auth_list()
    assert "No tokens" in capsys.readouterr().out


def test_login_logout_and_switching_discard_cached_accounts(home, hub):
    for change in (
        lambda: hub_typed.login(hub.token),
        lambda: hub_typed.auth_switch("local-write"),
        hub_typed.logout,
    ):
        assert hub_typed.whoami(hub.token, cache=True).name == hub.user
        assert users._cached
        change()
        assert not users._cached


def test_all_tokens_are_forgotten_at_once(home, hub, caplog):
    hub_typed.login(hub.token)
    hub_typed.login(hub.read_token)
    hub_typed.logout()
    assert [path.name for path in home.iterdir()] == ["stored_tokens.lock"]
    hub_typed.logout()
    assert "Not logged in" in caplog.text


def test_a_token_that_is_none_is_refused_and_nothing_is_kept(home, hub, monkeypatch):
    with pytest.raises(ValueError, match="does not accept this token") as caught:
        hub_typed.login("hf_wrongwrongwrong")
    assert "wrongwrong" not in str(caught.value)
    with pytest.raises(ValueError, match="organization"):
        hub_typed.login("api_org_xxxxxxxx")
    with pytest.raises(ValueError, match="empty"):
        hub_typed.login(" ")
    assert not home.exists()


def test_another_trouble_of_the_hub_is_told_as_it_is(home, hub):
    from hub_typed_api.serve import Answer

    hub.hub.intercept = lambda request: Answer(status=418, body=b"")
    with pytest.raises(HfHubHTTPError, match=r"^418"):
        hub_typed.login(hub.token)
    assert not home.exists()


@pytest.mark.parametrize("name", ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"])
def test_a_variable_that_wins_is_told(home, hub, monkeypatch, name):
    hub_typed.login(hub.token)
    monkeypatch.setenv(name, "hf_of_the_variable")
    for change in (
        lambda: hub_typed.login(hub.read_token),
        lambda: hub_typed.auth_switch("local-write"),
        hub_typed.auth_list,
        hub_typed.logout,
    ):
        with pytest.warns(UserWarning, match=name):
            change()
    monkeypatch.setenv(name, hub.token)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        hub_typed.login(hub.token)


def test_git_keeps_a_token_only_where_it_is_asked_to(home, hub, tmp_path):
    store = helper(tmp_path)
    hub_typed.login(hub.token)
    assert not store.exists()
    hub_typed.login(hub.token, add_to_git_credential=True)
    assert f"hf_user:{hub.token}@" in store.read_text()
    hub_typed.login(hub.read_token)
    hub_typed.auth_switch("local-read", add_to_git_credential=True)
    assert hub.read_token in store.read_text()
    hub_typed.logout()
    assert store.read_text() == ""


def test_git_without_a_helper_keeps_nothing_and_it_is_told(home, hub):
    with pytest.warns(UserWarning, match="no credential helper"):
        hub_typed.login(hub.token, add_to_git_credential=True)
    assert hub_typed.get_token() == hub.token


def test_without_git_one_can_still_log_out(home, hub, monkeypatch, tmp_path):
    hub_typed.login(hub.token)
    monkeypatch.setenv("PATH", str(tmp_path))
    hub_typed.logout()
    assert hub_typed.get_token() is None


def test_whoever_sits_at_a_terminal_is_asked(home, hub, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: hub.token)
    hub_typed.login()
    assert hub_typed.get_token() == hub.token
    monkeypatch.setattr("getpass.getpass", lambda prompt: hub.read_token)
    hub_typed.login()
    assert hub_typed.get_token() == hub.token  # skipped
    hub_typed.interpreter_login(skip_if_logged_in=False)
    assert hub_typed.get_token() == hub.read_token
    monkeypatch.setattr("getpass.getpass", lambda prompt: hub.token)
    with pytest.warns(FutureWarning, match="new_session"):
        hub_typed.notebook_login(new_session=True)
    assert hub_typed.get_token() == hub.token
    with pytest.warns(FutureWarning, match="write_permission"):
        hub_typed.login(write_permission=True)


def test_a_notebook_asks_by_itself(home, hub, monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", object())
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    monkeypatch.setattr("getpass.getpass", lambda prompt: hub.token)
    hub_typed.login()
    assert hub_typed.get_token() == hub.token


def test_nobody_is_asked_where_there_is_no_terminal(home, monkeypatch):
    monkeypatch.setattr(sys.stdin, "isatty", lambda: False, raising=False)
    for ask in (hub_typed.login, hub_typed.interpreter_login):
        with pytest.raises(LocalTokenNotFoundError, match="login\\(token="):
            ask()


def test_a_token_path_of_ones_own_has_its_tokens_beside_it(home, hub, monkeypatch, tmp_path):
    monkeypatch.setenv("HF_TOKEN_PATH", str(tmp_path / "elsewhere" / "mine"))
    hub_typed.login(hub.token)
    assert (tmp_path / "elsewhere" / "mine").read_text() == hub.token
    assert "local-write" in (tmp_path / "elsewhere" / "stored_tokens").read_text()


def test_the_module_does_not_hide_the_function():
    import hub_typed.auth.login

    assert hub_typed.login is hub_typed.auth.login.login


def test_what_others_keep_with_a_token_stays(tmp_path):
    stored = StoredTokens(tmp_path / "token")
    stored.path.write_text("[oauth-me]\nhf_token = hf_a\nrefresh_token = r%x\nexpires_at = 17\n")
    stored.store("mine", "hf_b")
    text = stored.path.read_text()
    assert "refresh_token = r%x" in text
    assert "expires_at = 17" in text
    assert stored.all() == {"mine": "hf_b", "oauth-me": "hf_a"}


@pytest.mark.parametrize("name", ["DEFAULT", "späte [Dinge] %s", "a]b", "; no comment", "two words"])
def test_a_token_may_have_any_name(tmp_path, name):
    stored = StoredTokens(tmp_path / "token")
    stored.store(name, "hf_x%y")
    assert StoredTokens(tmp_path / "token").all() == {name: "hf_x%y"}
    assert stored.activate(name) == "hf_x%y"
    assert stored.remove(name) == "hf_x%y"
    assert stored.all() == {}


def test_a_name_of_two_lines_becomes_one(tmp_path):
    stored = StoredTokens(tmp_path / "token")
    stored.store("a\n[b]", "hf_x")
    assert list(stored.all()) == ["a [b]"]


@pytest.mark.parametrize("end", "\n\r\x0b\x0c\x1c\x85\u2028\u2029\x00\x1b\u202e")
def test_whatever_ends_a_line_ends_none_in_the_file_of_the_tokens(tmp_path, end):
    stored = StoredTokens(tmp_path / "token")
    stored.store(f"{end}a{end}[b]{end}hf_token = hf_planted{end}", "hf_x")
    (name,) = stored.all()
    assert name.isprintable()
    assert stored.all()[name] == "hf_x"
    assert len(stored.path.read_text().splitlines()) == 3
    with pytest.raises(InvalidTokenError) as caught:
        stored.store("c", f"hf_sec{end}[d]")
    assert "hf_sec" not in str(caught.value)
    assert list(stored.all()) == [name]


def test_a_name_without_anything_printable_has_a_name_nevertheless(tmp_path):
    stored = StoredTokens(tmp_path / "token")
    stored.store("\x1b\n", "hf_x")
    assert stored.all() == {"unnamed": "hf_x"}


def test_odd_names_and_tokens_that_are_stored_already_are_listed_and_forgotten(home, capsys, monkeypatch):
    home.mkdir()
    stored = StoredTokens(home / "token")
    stored.path.write_text("[a\x1b[2J\u202e]\nhf_token = hf_first_token\n\tof_two_lines\n[b]\nhf_token = hf_x\n")
    stored.active_path.write_text("hf_no token")
    hub_typed.auth_list()
    shown = capsys.readouterr().out
    assert "a\\x1b[2J\\u202e" in shown
    assert not set(shown) & set("\x1b\u202e")
    assert len(shown.splitlines()) == 3
    with pytest.raises(InvalidTokenError) as caught:
        hub_typed.auth_switch("a\x1b[2J\u202e")
    assert "hf_first" not in str(caught.value)
    with pytest.raises(InvalidTokenError, match="token"):
        hub_typed.get_token()
    hub_typed.logout("a\x1b[2J\u202e")
    assert list(stored.all()) == ["b"]


def test_a_damaged_file_of_tokens_is_not_quoted(tmp_path):
    stored = StoredTokens(tmp_path / "token")
    stored.path.write_text("hf_secretsecret\n")
    with pytest.raises(ValueError, match="repair or delete") as caught:
        stored.all()
    assert "secretsecret" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n", "\x00", "\x85", "\u2028"])
def test_a_token_writes_no_second_line_for_git(home, hub, tmp_path, end):
    store = helper(tmp_path)
    planted = f"hf_abcdefgh{end}url=https://elsewhere.test{end}username=me{end}password=planted"
    with pytest.raises(InvalidTokenError) as caught:
        hub_typed.login(planted, add_to_git_credential=True)
    assert "abcdefgh" not in str(caught.value)
    assert not home.exists()
    for tell in (git_credentials.approve, git_credentials.reject):
        with pytest.raises(InvalidTokenError):
            tell(hub.endpoint, planted)
    assert not store.exists()


@pytest.mark.parametrize(
    "endpoint",
    [
        "https://hub.test\nhost=elsewhere.test",
        "https://hub.test/a\rb",
        "https://hub.test/%0ahost=elsewhere.test",
        "https://hub.test\\@elsewhere.test",
        "https://hub.test\x00",
        "https://hub test",
        "https://user@@hub.test",
        "https://hub.test?x=y",
        "ftp://hub.test",
        "--global",
        "hub.test",
        "",
    ],
)
def test_an_odd_endpoint_is_not_told_to_git(tmp_path, home, endpoint):
    store = helper(tmp_path)
    for tell in (
        git_credentials.has_helper,
        lambda endpoint: git_credentials.approve(endpoint, "hf_x"),
        lambda endpoint: git_credentials.reject(endpoint, "hf_x"),
    ):
        with pytest.raises(ValueError, match="git cannot store a token"):
            tell(endpoint)
    assert not store.exists()


@pytest.mark.parametrize("endpoint", ["https://hub.test", "HTTPS://me:password@hub.test:8443/hf", "http://[::1]:80"])
def test_git_keeps_a_token_for_a_host_and_forgets_it(tmp_path, home, endpoint):
    store = helper(tmp_path)
    assert git_credentials.has_helper(endpoint)
    git_credentials.approve(endpoint, "hf_x")
    assert "hf_user:hf_x@" in store.read_text()
    assert "password" not in store.read_text()
    assert len(store.read_text().splitlines()) == 1
    git_credentials.reject(endpoint, "hf_x")
    assert store.read_text() == ""


@pytest.mark.parametrize("content", [b"no ini", b"[a]\n[a]\n", b"\xff\xfe"])
def test_a_file_that_is_none_of_ours_is_left_as_it_is(tmp_path, content):
    stored = StoredTokens(tmp_path / "token")
    stored.path.write_bytes(content)
    with pytest.raises(ValueError, match="repair or delete"):
        stored.store("a", "hf_a")
    assert stored.path.read_bytes() == content
    assert stored.remove_all() == set()
    assert not stored.path.exists()


def test_many_may_log_in_at_once(tmp_path):
    def keep(number):
        StoredTokens(tmp_path / "token").store(f"name-{number}", f"hf_{number}")

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(StoredTokens(tmp_path / "token").all()) == 8
    assert sorted(os.listdir(tmp_path)) == ["stored_tokens", "stored_tokens.lock", "token"]


def test_a_file_that_others_could_read_is_closed_again(tmp_path):
    path = Path(tmp_path / "token")
    path.write_text("hf_old")
    path.chmod(0o644)
    StoredTokens(path).store("a", "hf_new")
    assert mode(path) == 0o600
