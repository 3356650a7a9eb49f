"""Users, organizations and tokens, and their permissions."""

from __future__ import annotations

import pytest

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.server.app import Hub
from hub_typed_api.path import HFValidationError
from tests.local.community.discussing import begin


@pytest.fixture
def team(hub, login):
    """An organization with a member of each role; returns the caller of each member."""
    roles = {"rita": "read", "carl": "contributor", "wim": "write", "ann": "admin"}
    hub.accounts.add_organization("team", roles)
    return {role: login(hub, name) for name, role in roles.items()}


def made(caller, name, **more):
    return caller("POST", "/api/repos/create", {"name": name, "organization": "team", **more}).status


@pytest.mark.parametrize(("role", "status"), [("read", 403), ("contributor", 200), ("write", 200), ("admin", 200)])
def test_the_role_decides_who_makes_a_repository_of_an_organization(team, role, status):
    assert made(team[role], "new") == status


def test_nobody_else_makes_one(team, bob):
    assert made(bob, "new") == 403


@pytest.mark.parametrize(("role", "status"), [("read", 403), ("contributor", 403), ("write", 200), ("admin", 200)])
def test_the_role_decides_who_changes_what_others_made(team, role, status):
    made(team["admin"], "m")
    assert team[role].commit("models/team/m", team[role].file("a", b"1")).status == status


def test_a_contributor_changes_what_is_their_own(team):
    made(team["contributor"], "mine")
    assert team["contributor"].commit("models/team/mine", team["contributor"].file("a", b"1")).status == 200
    assert team["contributor"]("DELETE", "/api/repos/delete", {"name": "mine", "organization": "team"}).status == 200


def test_every_member_sees_what_is_private_and_nobody_else_does(team, bob):
    made(team["write"], "secret", private=True)
    assert {role: team[role]("GET", "/api/models/team/secret").status for role in team} == dict.fromkeys(team, 200)
    assert bob("GET", "/api/models/team/secret").error == (404, "RepoNotFound")


def test_a_fine_grained_token_is_good_for_what_it_names(hub, ada, login):
    ada("POST", "/api/repos/create", {"name": "other", "private": True})
    ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada/m", permissions=["repo.write"])])
    assert ada.commit("models/ada/m", ada.file("a", b"1")).status == 200
    assert ada("GET", "/api/models/ada/other").error == (404, "RepoNotFound")
    assert ada("POST", "/api/repos/create", {"name": "new"}).status == 403


def test_a_fine_grained_token_that_reads_changes_nothing(hub, ada):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    ada.token = hub.accounts.add_fine_grained("ada", [Scope(entity="ada", permissions=["repo.content.read"])])
    assert ada("GET", "/api/models/ada/secret").status == 200
    assert ada.commit("models/ada/secret", ada.file("a", b"1")).status == 403


def test_whoami_tells_of_organizations_and_rights(hub, team):
    told = team["write"]("GET", "/api/whoami-v2").json()
    assert [(one["name"], one["roleInOrg"]) for one in told["orgs"]] == [("team", "write")]
    team["write"].token = hub.accounts.add_fine_grained("wim", [Scope(entity="wim", permissions=["repo.write"])])
    token = team["write"]("GET", "/api/whoami-v2").json()["auth"]["accessToken"]
    assert token["role"] == "fineGrained"
    assert token["fineGrained"]["scoped"] == [
        {"entity": {"type": "user", "name": "wim"}, "permissions": ["repo.write"]},
    ]


def test_all_of_it_is_kept(tmp_path):
    before = Hub(tmp_path).accounts
    before.add_organization("team", {"ada": "write"})
    token = before.add_fine_grained("ada", [Scope(entity="ada", permissions=["repo.write"])])
    after = Hub(tmp_path).accounts
    assert after.organization("team") == before.organization("team")
    headers = {"authorization": f"Bearer {token}"}
    assert after.identify(headers) == before.identify(headers)


def test_an_organization_and_a_user_do_not_share_a_name(hub):
    hub.accounts.add("ada")
    with pytest.raises(HFValidationError, match="a user has this name"):
        hub.accounts.add_organization("ada", {})
    hub.accounts.add_organization("team", {})
    with pytest.raises(HFValidationError, match="an organization has this name"):
        hub.accounts.add("team")
    with pytest.raises(HFValidationError, match="contains a '/'"):
        hub.accounts.add_organization("a/b", {})


def test_a_fine_grained_token_speaks_for_its_user_only_where_it_may(hub, ada, bob):
    num = begin(bob, repo="models/ada/m", pull=True)
    strong, content = bob.token, bob.file("a", b"1")
    bob.token = hub.accounts.add_fine_grained(
        "bob", [Scope(entity="bob", permissions=["repo.write", "discussion.write"])]
    )
    assert bob("POST", "/api/models/ada/m/like").status == 403
    assert bob("DELETE", "/api/models/ada/m/like").status == 403
    assert bob.commit("models/ada/m", content, to=f"refs%2Fpr%2F{num}").status == 403
    asked = {"operation": "upload", "objects": [{"oid": "0" * 64, "size": 1}]}
    assert bob("POST", "/ada/m.git/info/lfs/objects/batch", asked).status == 403
    assert bob("GET", "/ada/m.git/info/refs?service=git-receive-pack").status == 403
    bob.token = hub.accounts.add_fine_grained("bob", [Scope(entity="ada/m", permissions=["discussion.write"])])
    assert bob("POST", "/api/models/ada/m/like").status == 200
    assert bob.commit("models/ada/m", content, to=f"refs%2Fpr%2F{num}").status == 200
    assert bob("POST", "/ada/m.git/info/lfs/objects/batch", asked).status == 200
    bob.token = strong


@pytest.mark.parametrize(
    "add",
    [
        lambda accounts, name: accounts.add(name),
        lambda accounts, name: accounts.add_organization(name, {}),
        lambda accounts, name: accounts.add_organization("other", {name: "read"}),
    ],
    ids=["user", "organization", "member"],
)
@pytest.mark.parametrize("name", ["ADA", "lab"])
def test_no_account_differs_from_another_in_letter_case_only(hub, add, name):
    hub.accounts.add("ada")
    hub.accounts.add_organization("Lab", {"ada": "admin"})
    with pytest.raises(HFValidationError, match="letter case"):
        add(hub.accounts, name)


@pytest.mark.parametrize("name", ["datasets", "Spaces", "api"])
def test_no_account_has_the_name_of_a_path(hub, name):
    with pytest.raises(HFValidationError, match="paths of the Hub"):
        hub.accounts.add(name)
    with pytest.raises(HFValidationError, match="paths of the Hub"):
        hub.accounts.add_organization(name, {})


def test_unknown_roles_and_visibilities_are_refused(hub):
    with pytest.raises(HFValidationError, match="allowed are 'read', 'write'"):
        hub.accounts.add_token("ada", role="god")
    with pytest.raises(HFValidationError, match="role of 'ada'"):
        hub.accounts.add_organization("lab", {"ada": "king"})
    with pytest.raises(HFValidationError, match="default_visibility"):
        hub.accounts.add_organization("lab", {"ada": "admin"}, default_visibility="hidden")
    assert hub.accounts.organization("lab") is None
