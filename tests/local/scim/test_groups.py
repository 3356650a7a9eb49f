"""Groups that identity providers provision."""

from __future__ import annotations

import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from hub_typed_api import models
from hub_typed_api.operations import scim, scim_groups

SERVERS = ["scim", "scim-provisioning"]


@pytest.fixture(params=SERVERS)
def server(request):
    return f"/api/organizations/lab/{request.param}/v2"


@pytest.fixture
def users(hub, ada, server):
    """The ids of three users."""
    hub.accounts.add_organization("lab", {"ada": "admin"})
    found = []
    for name in ("ann", "ben", "cy"):
        body = {"schemas": [], "userName": name, "externalId": name, "emails": [{"value": f"{name}@lab.org"}]}
        if "provisioning" in server:
            hub.accounts.add(name)
        else:
            body["name"] = {"givenName": name, "familyName": "Doe"}
        found.append(ada("POST", f"{server}/Users", body).json()["id"])
    return found


def refs(*users: str) -> list[dict[str, str]]:
    return [{"value": user} for user in users]


def patched(ada, url: str, *changes: dict[str, object]):
    return ada("PATCH", url, {"schemas": [], "Operations": list(changes)})


@pytest.mark.parametrize("managed", [True, False])
def test_a_group_lives_from_creation_to_deletion(managed):
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        hub.add_organization("lab")
        hub.add_user("bob")
        family = "scim" if managed else "scim_provisioning"
        emails = [models.ScimEmailInput(value="b@lab.org")]
        if managed:
            name = models.ScimUserNameInput(given_name="S", family_name="D")
            user = api.call(
                scim.scim_create_user("lab", schemas=[], user_name="sid", emails=emails, name=name, external_id="1")
            )
        else:
            user = api.call(
                scim.scim_provisioning_create_user("lab", schemas=[], user_name="bob", emails=emails, external_id="1")
            )
        create, get, replace, patch, delete, listed = (
            getattr(scim_groups, f"{family}_{verb}")
            for verb in ("create_group", "get_group", "replace_group", "patch_group", "delete_group", "list_groups")
        )
        members = [models.ScimMember(value=user.id)]
        group = api.call(create("lab", display_name="readers", external_id="g-1", members=members))
        assert (group.display_name, group.external_id, group.members) == ("readers", "g-1", members)
        assert group.meta.location.startswith(f"{hub.endpoint}/api/organizations/lab/{family.replace('_', '-')}/v2/")
        assert api.call(get("lab", group.id)) == group
        assert api.call(get("lab", group.id, excluded_attributes="members")).members is None

        group = api.call(replace("lab", group.id, schemas=[], display_name="writers", members=[]))
        assert (group.display_name, group.external_id, group.members) == ("writers", None, [])
        change = models.ScimGroupChange(op="add", path="members", value=[{"value": user.id}])
        group = api.call(patch("lab", group.id, schemas=[], operations=[change]))
        assert group.members == members
        assert api.call(listed("lab")).resources == [group]

        api.call(delete("lab", group.id))
        assert api.call(listed("lab")).total_results == 0


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"op": "add", "path": "members", "value": "CY"}, "ann ben cy"),
        ({"op": "Add", "path": "members", "value": "ANN"}, "ann ben"),
        ({"op": "replace", "path": "members", "value": "CY"}, "cy"),
        ({"op": "replace", "value": {"members": "CY"}}, "cy"),
        ({"op": "remove", "path": "members", "value": "ANN"}, "ben"),
        ({"op": "remove", "path": 'members[value eq "ANN"]'}, "ben"),
        ({"op": "remove", "path": "members", "value": []}, "ann ben"),
        ({"op": "remove", "path": "members"}, ""),
    ],
)
def test_members_come_and_go(ada, server, users, change, left):
    ids = dict(zip(("ann", "ben", "cy"), users, strict=True))
    url = f"{server}/Groups"
    url += "/" + ada("POST", url, {"displayName": "all", "members": refs(*users[:2])}).json()["id"]

    def named(value):
        if isinstance(value, dict):
            return {name: named(inner) for name, inner in value.items()}
        if not isinstance(value, str):
            return value
        return refs(ids[value.lower()]) if value.lower() in ids else value.replace("ANN", ids["ann"])

    answer = patched(ada, url, named(change))
    assert answer.status == 200, answer.body
    assert answer.json()["members"] == refs(*(ids[name] for name in left.split()))
    assert ada("GET", url).json() == answer.json()


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"op": "add", "path": "members", "value": [{"value": "0" * 24}]}, "invalidValue"),
        ({"op": "add", "path": "members", "value": None}, "invalidValue"),
        ({"op": "add", "path": "members", "value": ["text"]}, "invalidValue"),
        ({"op": "replace", "path": "displayName", "value": ""}, "invalidValue"),
        ({"op": "remove", "path": "displayName"}, "mutability"),
        ({"op": "replace", "path": "owner", "value": "x"}, "invalidPath"),
    ],
)
def test_changes_that_cannot_be_are_refused_as_a_whole(ada, server, users, change, kind):
    group = ada("POST", f"{server}/Groups", {"displayName": "all", "members": refs(*users)}).json()
    url = f"{server}/Groups/{group['id']}"
    answer = patched(ada, url, {"op": "replace", "path": "displayName", "value": "other"}, change)
    assert (answer.status, answer.json()["scimType"]) == (400, kind)
    assert ada("GET", url).json() == group


def test_names_of_groups_are_unique(ada, server, users):
    first = {"displayName": "one", "members": []}
    assert ada("POST", f"{server}/Groups", first).status == 201
    assert ada("POST", f"{server}/Groups", first).json()["scimType"] == "uniqueness"
    second = ada("POST", f"{server}/Groups", first | {"displayName": "two"}).json()["id"]
    assert ada("PUT", f"{server}/Groups/{second}", first | {"schemas": []}).status == 409
    change = {"op": "replace", "value": {"id": second, "displayName": "one"}}
    assert patched(ada, f"{server}/Groups/{second}", change).status == 409


def test_a_deleted_user_leaves_the_groups(ada, server, users):
    group = ada("POST", f"{server}/Groups", {"displayName": "all", "members": refs(*users)}).json()
    assert ada("DELETE", f"{server}/Users/{users[0]}").status == 204
    assert ada("GET", f"{server}/Groups/{group['id']}").json()["members"] == refs(*users[1:])


def test_groups_survive_a_restart(tmp_path, login):
    before = Hub(tmp_path / "kept")
    before.accounts.add_organization("lab", {"ada": "admin"})
    made = {"displayName": "all", "externalId": "g", "members": []}
    group = login(before, "ada")("POST", "/api/organizations/lab/scim/v2/Groups", made).json()
    url = f"/api/organizations/lab/scim/v2/Groups/{group['id']}"
    assert login(Hub(tmp_path / "kept"), "ada")("GET", url).json() == group
