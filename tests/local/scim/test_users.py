"""Users that identity providers provision: managed accounts, and invitations."""

from __future__ import annotations

import pytest

from hub_typed import HfApi
from hub_typed.errors import HfHubHTTPError
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from hub_typed_api import models
from hub_typed_api.operations import organizations, scim

USERS = "/api/organizations/lab/scim/v2/Users"
INVITED = "/api/organizations/lab/scim-provisioning/v2/Users"
SID = {
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "sid",
    "externalId": "e-1",
    "emails": [{"value": "sid@lab.org"}],
    "name": {"givenName": "Sid", "familyName": "Doe"},
}


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add("bob")
    hub.accounts.add_organization("lab", {"ada": "admin"})


def invitation(name: str, external_id: str = "e-2") -> dict[str, object]:
    emails = [{"value": f"{name}@lab.org"}]
    return {"schemas": SID["schemas"], "userName": name, "externalId": external_id, "emails": emails}


def patched(ada, user_id: str, *changes: dict[str, object], users: str = USERS):
    return ada("PATCH", f"{users}/{user_id}", {"schemas": [], "Operations": list(changes)})


def members(hub: Hub) -> dict[str, str]:
    found = hub.accounts.organization("lab")
    assert found is not None
    return dict(found.members)


def test_a_managed_user_lives_from_creation_to_deletion():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        hub.add_organization("lab")
        emails = [models.ScimEmailInput(value="sid@lab.org")]
        name = models.ScimUserNameInput(given_name="Sid", family_name="Doe")
        user = api.call(
            scim.scim_create_user("lab", schemas=[], user_name="sid", emails=emails, name=name, external_id="e-1")
        )
        assert (user.user_name, user.name.formatted, user.active) == ("sid", "Sid Doe", True)
        assert user.meta.location == f"{hub.endpoint}{USERS}/{user.id}"
        with HfApi(hub.endpoint, hub.add_user("sid")) as sid:
            me = sid.whoami()
            assert (me.email, [(one.name, one.role_in_org) for one in me.orgs]) == ("sid@lab.org", [("lab", "read")])
            off = [models.ScimUserChange(op="replace", path="active", value=False)]
            user = api.call(scim.scim_patch_user("lab", user.id, schemas=[], operations=off))
            assert user.active is False
            with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
                sid.whoami(cache=False)
            assert "sid" not in [one.username for one in api.call(organizations.list_organization_members("lab"))]
            assert api.call(scim.scim_list_users("lab")).resources == [user]

            user = api.call(
                scim.scim_replace_user(
                    "lab", user.id, schemas=[], user_name="sid", emails=emails, name=name, external_id="e-9"
                )
            )
            assert (user.external_id, user.active, sid.whoami(cache=False).name) == ("e-9", True, "sid")

            api.call(scim.scim_delete_user("lab", user.id))
            with pytest.raises(HfHubHTTPError, match="Invalid credentials"):
                sid.whoami(cache=False)
        assert api.call(scim.scim_list_users("lab")).total_results == 0
        with pytest.raises(HfHubHTTPError, match="not found"):
            api.call(scim.scim_get_user("lab", user.id))


def test_a_disabled_user_has_no_password_and_no_pages(hub, ada):
    user_id = ada("POST", USERS, SID).json()["id"]
    hub.accounts.add_user("sid", password="open sesame")
    token = hub.accounts.log_in("sid", "open sesame")
    cookie = hub.sessions.log_in(token).partition(";")[0]
    assert hub.sessions.identify({"cookie": cookie}) is not None

    patched(ada, user_id, {"op": "replace", "path": "active", "value": False})

    assert hub.sessions.identify({"cookie": cookie}) is None
    assert hub.sessions.log_in(token) is None
    refused = ada("POST", "/api/login", {"username": "sid", "password": "open sesame"})
    assert refused.status == 401


def test_a_deleted_user_is_provisioned_again_with_the_same_account(hub, ada):
    first = ada("POST", USERS, SID).json()
    assert ada("DELETE", f"{USERS}/{first['id']}").status == 204
    again = ada("POST", USERS, SID | {"emails": [{"value": "new@lab.org"}]})
    assert (again.status, again.json()["id"]) == (201, first["id"])
    assert hub.accounts.user("sid").email == "new@lab.org"
    assert members(hub) == {"ada": "admin", "sid": "read"}


def test_a_user_who_exists_is_activated_or_a_conflict(ada):
    first = ada("POST", USERS, SID | {"active": False}).json()
    assert first["active"] is False
    again = ada("POST", USERS, SID | {"externalId": "other"})
    assert (again.status, again.json()) == (201, first | {"active": True})
    refused = ada("POST", USERS, SID)
    assert (refused.status, refused.json()) == (
        409,
        {
            "error": "User sid already exists",
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "status": "409",
            "scimType": "uniqueness",
            "detail": "User sid already exists",
        },
    )


@pytest.mark.parametrize("name", ["bob", "Bob", "lab"])
def test_accounts_of_others_cannot_be_taken_over(hub, ada, name):
    assert ada("POST", USERS, SID | {"userName": name}).status == 409
    assert hub.accounts.user("bob").email is None
    assert "bob" not in members(hub)


def test_the_account_of_the_user_of_the_hub_cannot_be_taken_over_before_it_is_made(hub, ada):
    hub.admin = "local-user"

    assert ada("POST", USERS, SID | {"userName": "Local-User"}).status == 409
    assert hub.accounts.user("local-user") is None


def test_accounts_of_another_organization_cannot_be_taken_over(hub, ada, login):
    ada("POST", USERS, SID)
    hub.accounts.add_organization("rival", {"bob": "admin"})
    assert login(hub, "bob")("POST", USERS.replace("lab", "rival"), SID).status == 409


@pytest.mark.parametrize(
    "wrong",
    [
        {"userName": "s"},
        {"userName": "123"},
        {"userName": "a--b"},
        {"userName": "f" * 24},
        {"userName": "api"},
        {"emails": []},
        {"emails": [{"value": "a@b.org"}, {"value": "c@d.org"}]},
        {"emails": [{"value": "nowhere"}]},
        {"name": {"givenName": "", "familyName": "Doe"}},
    ],
)
def test_invalid_attributes_are_refused(hub, ada, wrong):
    assert ada("POST", USERS, SID | wrong).status == 400
    assert [user.name for user in hub.accounts.users()] == ["ada", "bob"]


def test_an_external_id_is_unique_in_the_organization(ada):
    ada("POST", USERS, SID)
    other = ada("POST", USERS, SID | {"userName": "other", "externalId": "e-2"}).json()
    assert ada("POST", USERS, SID | {"userName": "third"}).status == 409
    change = {"op": "replace", "path": "externalId", "value": "e-1"}
    assert patched(ada, other["id"], change).status == 409
    assert ada("GET", f"{USERS}/{other['id']}").json()["externalId"] == "e-2"


@pytest.mark.parametrize(
    ("change", "member", "value"),
    [
        ({"op": "Replace", "path": "active", "value": "False"}, "active", False),
        ({"op": "replace", "value": {"active": False}}, "active", False),
        ({"op": "add", "path": "externalId", "value": "e-5"}, "externalId", "e-5"),
        ({"op": "remove", "path": "externalId", "value": None}, "externalId", None),
        ({"op": "replace", "path": "name.givenName", "value": "Sidney"}, "displayName", "sid"),
        (
            {"op": "replace", "path": 'emails[type eq "work"].value', "value": "s@lab.org"},
            "emails",
            [{"value": "s@lab.org", "primary": True, "type": "work"}],
        ),
        (
            {"op": "replace", "value": {"emails": [{"value": "s@lab.org"}], "id": "ignored"}},
            "emails",
            [{"value": "s@lab.org", "primary": True, "type": "work"}],
        ),
        (
            {"op": "add", "value": {"name.familyName": "Roe", "name": {"givenName": "Al"}}},
            "name",
            {"givenName": "Al", "familyName": "Roe", "formatted": "Al Roe"},
        ),
        (
            {"op": "add", "path": "urn:ietf:params:scim:schemas:core:2.0:User:name.familyName", "value": "Roe"},
            "name",
            {"givenName": "Sid", "familyName": "Roe", "formatted": "Sid Roe"},
        ),
        ({"op": "replace", "path": "userName", "value": "SID"}, "userName", "sid"),
    ],
)
def test_single_attributes_change_as_identity_providers_ask(ada, change, member, value):
    user_id = ada("POST", USERS, SID).json()["id"]
    answer = patched(ada, user_id, change)
    assert answer.status == 200, answer.body
    assert answer.json().get(member) == value
    assert ada("GET", f"{USERS}/{user_id}").json() == answer.json()


@pytest.mark.parametrize(
    ("change", "status", "kind"),
    [
        ({"op": "move", "path": "active", "value": True}, 400, "invalidValue"),
        ({"op": "replace", "path": "active", "value": "maybe"}, 400, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": "nowhere"}, 400, "invalidValue"),
        ({"op": "replace", "path": "emails", "value": []}, 400, "invalidValue"),
        ({"op": "replace", "value": True}, 400, "invalidValue"),
        ({"op": "replace", "path": "title", "value": "Dr."}, 400, "invalidPath"),
        ({"op": "remove", "path": "emails", "value": None}, 400, "mutability"),
        ({"op": "replace", "path": "userName", "value": "renamed"}, 400, "mutability"),
        ({"op": "replace", "path": "userName", "value": "bob"}, 409, "uniqueness"),
    ],
)
def test_changes_that_cannot_be_are_refused_as_a_whole(ada, change, status, kind):
    user = ada("POST", USERS, SID).json()
    answer = patched(ada, user["id"], {"op": "replace", "path": "name.givenName", "value": "Al"}, change)
    assert (answer.status, answer.json()["scimType"]) == (status, kind)
    assert ada("GET", f"{USERS}/{user['id']}").json() == user


def test_an_invited_user_is_a_member_once_the_invitation_is_accepted(hub, ada, login):
    ada("POST", "/api/repos/create", {"name": "m", "organization": "lab", "private": True})
    bob = login(hub, "bob")
    user = ada("POST", INVITED, invitation("bob")).json()
    assert (user["userName"], user["active"], user["name"]) == ("bob", True, {"formatted": "bob"})
    assert bob("GET", "/api/models/lab/m").status == 404
    invitations = hub.directories.of("lab", managed=False)

    invitations.accept_invitation("bob")
    assert bob("GET", "/api/models/lab/m").status == 200
    with pytest.raises(KeyError, match="no open invitation"):
        invitations.accept_invitation("bob")

    off = {"op": "replace", "path": "active", "value": False}
    assert patched(ada, user["id"], off, users=INVITED).json()["active"] is False
    assert bob("GET", "/api/models/lab/m").status == 404
    assert bob("GET", "/api/whoami-v2").status == 200  # the account is their own
    with pytest.raises(KeyError, match="no open invitation"):
        invitations.accept_invitation("bob")

    body = {"schemas": SID["schemas"], "externalId": "e-3"}
    assert ada("PUT", f"{INVITED}/{user['id']}", body).json()["externalId"] == "e-3"
    invitations.accept_invitation("bob")
    assert ada("DELETE", f"{INVITED}/{user['id']}").status == 204
    assert members(hub) == {"ada": "admin"}
    assert ada("GET", f"{INVITED}/{user['id']}").status == 404


def test_only_users_with_an_account_are_invited_and_their_profiles_stay(hub, ada):
    assert ada("POST", INVITED, invitation("nobody")).status == 404
    user = ada("POST", INVITED, invitation("bob")).json()
    for path in ("externalId", "userName", "emails", "name.givenName"):
        change = {"op": "replace", "path": path, "value": "x@y.org"}
        assert patched(ada, user["id"], change, users=INVITED).json()["scimType"] == "mutability"
    assert hub.accounts.user("bob").email is None


def test_each_server_has_its_own_users(ada):
    user_id = ada("POST", USERS, SID).json()["id"]
    assert ada("GET", INVITED).json()["totalResults"] == 0
    assert ada("GET", f"{INVITED}/{user_id}").status == 404


def test_the_only_administrator_stays(hub, ada):
    user_id = ada("POST", INVITED, invitation("ada")).json()["id"]
    assert ada("DELETE", f"{INVITED}/{user_id}").status == 400
    assert patched(ada, user_id, {"op": "replace", "path": "active", "value": False}, users=INVITED).status == 400
    assert members(hub) == {"ada": "admin"}
    assert ada("GET", f"{INVITED}/{user_id}").json()["active"] is True


def test_provisioned_users_survive_a_restart(tmp_path, login):
    before = Hub(tmp_path / "kept")
    before.accounts.add_organization("lab", {"ada": "admin"})
    ada = login(before, "ada")
    user = ada("POST", USERS, SID).json()
    patched(ada, user["id"], {"op": "replace", "path": "active", "value": False})
    token = before.accounts.add("sid")
    gone = ada("POST", USERS, SID | {"userName": "gone", "externalId": "e-3"}).json()
    ada("DELETE", f"{USERS}/{gone['id']}")

    after = Hub(tmp_path / "kept")
    ada = login(after, "ada")
    assert ada("GET", USERS).json()["Resources"] == [user | {"active": False}]
    assert after.accounts.find_token(token=token) is None
    assert ada("POST", USERS, SID | {"userName": "gone", "externalId": "e-3"}).json()["id"] == gone["id"]
