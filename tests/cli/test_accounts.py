"""``hub-typed users`` and ``hub-typed orgs``."""

from __future__ import annotations

import pytest


@pytest.fixture
def people(local_hub, api) -> None:
    local_hub.add_user("ada")
    local_hub.add_organization("acme", members={"ada": "write", "local-user": "admin"})
    for kind in ("model", "dataset"):
        api.create_repo("local-user/liked", repo_type=kind)
        api.like("local-user/liked", repo_type=kind)


def test_the_profile_of_a_user(run, people):
    ended = run("users", "info", "ada")
    assert (ended.code, ended.err) == (0, "")
    assert "user\tada" in ended.lines
    assert "organizations\tacme" in ended.lines
    assert run("users", "info", "ada", "-q").out == "ada\n"
    assert run("users", "info", "ada", "--json").json()["user"] == "ada"
    assert run("users", "info", "nobody").code == 3


def test_followers_of_a_user(run, people):
    assert run("users", "followers", "ada").lines == ["user\tfull name\tpro"]
    assert run("users", "following", "ada", "--json").json() == []
    assert run("users", "followers", "nobody").code == 3


@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_what_a_user_likes(run, people):
    ended = run("users", "likes", "local-user")
    assert ended.rows == [["model", "local-user/liked"], ["dataset", "local-user/liked"]]
    assert run("users", "likes", "-q").lines == ["local-user/liked"] * 2
    assert run("users", "likes", "--limit", "1", "--json").json() == [{"type": "model", "id": "local-user/liked"}]
    assert run("users", "likes", "nobody").code == 3


def test_the_profile_of_an_organization(run, people):
    ended = run("orgs", "info", "acme")
    assert (ended.code, ended.err) == (0, "")
    assert "organization\tacme" in ended.lines
    assert "members\t2" in ended.lines
    assert run("orgs", "info", "acme", "-q").out == "acme\n"
    assert run("orgs", "info", "nobody").code == 3


def test_the_members_of_an_organization(run, people):
    ended = run("orgs", "members", "acme")
    assert ended.lines[0] == "user\tfull name\tpro"
    assert sorted(row[0] for row in ended.rows) == ["ada", "local-user"]
    assert len(run("orgs", "members", "acme", "--limit", "1", "-q").lines) == 1
    assert run("orgs", "followers", "acme", "--json").json() == []
    assert run("orgs", "members", "nobody").code == 3


def test_accounts_without_a_network(run, people, offline):
    assert run("users", "info", "ada").code == 5
    assert run("orgs", "info", "acme").code == 5
