"""Tokens of the embedded Hub: named, listed, refreshed, deleted, and revoked by an organization."""

from __future__ import annotations

import json

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller


def whoami(hub, token):
    return Caller(hub, token)("GET", "/api/whoami-v2")


def test_a_token_has_a_name_and_a_role(hub):
    token = hub.accounts.add_token("ada", "read", "laptop")
    told = whoami(hub, token.token).json()["auth"]["accessToken"]
    assert (told["displayName"], told["role"]) == ("laptop", "read")
    assert hub.accounts.add_token("ada", "read", "laptop") == token
    assert hub.accounts.add_token("ada", "write", "laptop") != token
    assert token.token not in repr(token)


def test_tokens_are_listed_without_those_of_logins(hub):
    hub.accounts.add("ada", password="secret")
    hub.accounts.add_token("ada", "read", "laptop")
    hub.accounts.log_in("ada", "secret")
    hub.accounts.add_fine_grained("ada", [Scope(entity="ada/m", permissions=["repo.write"])])
    hub.accounts.add("bob")
    names = [(one.name, one.role) for one in hub.accounts.tokens_of("ada")]
    assert names == [("local-write", "write"), ("laptop", "read"), ("local-fine-grained", "write")]


def test_a_refreshed_token_keeps_all_but_its_value(hub, tmp_path):
    old = hub.accounts.add_token("ada", "read", "laptop")
    new = hub.accounts.refresh_token(old.token)
    assert whoami(hub, old.token).status == 401
    again = Hub(tmp_path / "hub")
    (kept,) = again.accounts.tokens_of("ada")
    assert (kept.id, kept.name, kept.role, kept.token) == (old.id, "laptop", "read", new)
    assert whoami(again, new).status == 200


def test_a_deleted_token_is_refused(hub):
    token = hub.accounts.add("ada")
    hub.accounts.delete_token(token)
    hub.accounts.delete_token(token)
    assert whoami(hub, token).status == 401
    assert hub.accounts.add("ada") != token


def test_a_missing_token_is_not_shown_in_the_error(hub):
    for change in (hub.accounts.refresh_token, lambda token: hub.accounts.revoke_token(token, "lab")):
        with pytest.raises(KeyError, match="There is no such token") as caught:
            change("hf_missing")
        assert "hf_missing" not in str(caught.value)


def test_tokens_of_an_unknown_user_are_an_error():
    with LocalHub() as local, pytest.raises(KeyError, match="There is no user named 'nobody'"):
        local.list_tokens("nobody")


def test_a_local_hub_lists_refreshes_and_deletes_tokens():
    with LocalHub() as local:
        first = local.add_token("ada", "laptop", "read")
        second = local.refresh_token(first)
        assert [(one.name, one.token) for one in local.list_tokens("ada")] == [("laptop", second)]
        local.delete_token(second)
        assert local.list_tokens("ada") == []


def test_tokens_of_older_versions_stay_valid(hub, tmp_path):
    token = hub.accounts.add("ada")
    file = next((tmp_path / "hub").glob("*account*.json"))
    stored = json.loads(file.read_text())
    for one in stored["tokens"]:
        del one["id"], one["name"], one["revoked_by"]
    for one in stored["users"]:
        del one["fullname"], one["email"], one["created_at"]
    file.write_text(json.dumps(stored))
    again = Hub(tmp_path / "hub")
    assert whoami(again, token).json()["fullname"] == "ada"
    assert again.accounts.add("ada") == token
    (one,) = again.accounts.tokens_of("ada")
    assert len(one.id) == 24


@pytest.fixture
def lab(hub, ada):
    """An organization with a private model; bob reads it with a token."""
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write"})
    body = {"name": "m", "organization": "lab", "private": True}
    assert ada("POST", "/api/repos/create", body).status == 200
    return hub.accounts.add_token("bob", "write", "leaked")


@pytest.mark.parametrize("how", ["value", "id"])
def test_an_organization_revokes_a_token_which_works_elsewhere(hub, ada, lab, how):
    leaked, other = Caller(hub, lab.token), Caller(hub, hub.accounts.add("bob"))
    assert leaked("GET", "/api/models/lab/m").status == 200
    url = "/api/organizations/lab/settings/tokens"
    if how == "value":
        assert ada("POST", f"{url}/revoke", {"token": lab.token}).status == 200
    else:
        assert ada("POST", f"{url}/{lab.id}/revoke").status == 200
    assert leaked("GET", "/api/models/lab/m").error == (404, "RepoNotFound")
    assert leaked("POST", "/api/repos/create", {"name": "n", "organization": "lab"}).status == 403
    assert leaked("POST", "/api/repos/create", {"name": "own"}).status == 200
    assert leaked("GET", "/api/whoami-v2").json()["orgs"][0]["securityRestrictions"] == ["token-revoked"]
    assert other("GET", "/api/models/lab/m").status == 200
    assert whoami(Hub(hub.store._root), lab.token).json()["orgs"][0]["securityRestrictions"] == ["token-revoked"]


def test_only_administrators_revoke_and_only_tokens_of_members(hub, ada, lab, anyone):
    url, stranger = "/api/organizations/lab/settings/tokens/revoke", hub.accounts.add("eve")
    assert Caller(hub, lab.token)("POST", url, {"token": lab.token}).status == 403
    assert Caller(hub, hub.accounts.add("ada", "read"))("POST", url, {"token": lab.token}).status == 403
    assert anyone("POST", url, {"token": lab.token}).status == 401
    for token in (stranger, "hf_missing"):
        assert ada("POST", url, {"token": token}).status == 404
    assert ada("POST", "/api/organizations/none/settings/tokens/revoke", {"token": lab.token}).status == 404
    assert ada("POST", "/api/organizations/lab/settings/tokens/none/revoke").status == 404


def test_whoever_knows_leaked_tokens_may_revoke_them(hub, anyone, login):
    bob, eve = login(hub, "bob"), login(hub, "eve")

    assert anyone("POST", "/api/credentials/revoke", {"credentials": [bob.token, "hf_unknown"]}).status == 202

    assert bob("GET", "/api/whoami-v2").status == 401
    assert eve("GET", "/api/whoami-v2").status == 200
    assert anyone("POST", "/api/credentials/revoke", {"credentials": []}).status == 400
