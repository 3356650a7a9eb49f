"""Resource groups of organizations: who sees, changes and creates what is in them."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, HfHubHTTPError, operations
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from hub_typed_api import models

GROUPS = "/api/organizations/lab/resource-groups"


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write", "eve": "read"})


@pytest.fixture
def bob(hub, login):
    return login(hub, "bob")


@pytest.fixture
def eve(hub, login):
    return login(hub, "eve")


def create(ada, **members):
    answer = ada("POST", GROUPS, {"name": "secret", **members})
    assert answer.status == 200, answer.body
    return answer.json()["id"]


def repo(caller, name="m", **members):
    return caller("POST", "/api/repos/create", {"name": name, "organization": "lab", **members})


def test_a_private_repository_in_a_group_is_for_its_members_alone(ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "write"}])
    assert repo(ada, private=True).status == 200
    assert bob("GET", "/api/models/lab/m").status == 200

    assert ada("POST", "/api/models/lab/m/resource-group", {"resourceGroupId": group}).json() == {
        "name": "lab/m",
        "type": "model",
        "private": True,
        "addedBy": "ada",
    }

    assert bob("GET", "/api/models/lab/m").error == (404, "RepoNotFound")
    assert ada("GET", "/api/models/lab/m").status == 200
    eve.put("models/lab/m", "a.txt", b"written with the role in the group")
    assert eve("GET", "/api/models/lab/m/resource-group").json() == {"id": group, "name": "secret", "numUsers": 1}


def test_a_public_repository_in_a_group_is_read_by_all_and_changed_by_members(ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "read"}])
    assert repo(ada, resourceGroupId=group).status == 200

    assert bob("GET", "/api/models/lab/m").status == 200
    assert bob("GET", "/api/models/lab/m/resource-group").status == 403
    assert bob("PUT", "/api/models/lab/m/settings", {"discussionsDisabled": True}).status == 403
    assert eve("PUT", "/api/models/lab/m/settings", {"discussionsDisabled": True}).status == 403


def test_members_create_in_their_groups_whatever_they_may_elsewhere(ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "contributor"}])

    assert repo(eve).status == 403
    assert repo(eve, resourceGroupId=group).status == 200
    assert eve("POST", "/api/buckets/lab/b", {"resourceGroupId": group}).status == 200
    made = eve("POST", "/api/collections", {"title": "C", "namespace": "lab", "resourceGroupId": group})
    assert made.status == 200
    assert repo(bob, "n", resourceGroupId=group).status == 403
    assert repo(ada, "n", resourceGroupId="5" * 24).status == 400

    held = eve("GET", f"{GROUPS}/{group}").json()["resources"]
    assert [(one["type"], one.get("name") or one["slug"]) for one in held] == [
        ("model", "lab/m"),
        ("bucket", "lab/b"),
        ("collection", made.json()["slug"]),
    ]
    assert {one["addedBy"] for one in held} == {"eve"}


def test_a_collection_in_a_group_is_for_its_members_alone(ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "read"}])
    slug = ada("POST", "/api/collections", {"title": "C", "namespace": "lab", "private": True}).json()["slug"]
    path = f"/api/collections/{slug}/resource-group"
    assert bob("GET", path).status == 404

    assert ada("POST", path, {"resourceGroupId": group}).status == 200

    assert bob("GET", f"/api/collections/{slug}").status == 404
    assert eve("GET", path).json()["id"] == group
    assert ada("POST", path, {"resourceGroupId": None}).status == 200
    assert bob("GET", f"/api/collections/{slug}").status == 200


def test_out_of_a_group_the_role_in_the_organization_counts(ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "write"}], repos=[])
    assert repo(eve, private=True, resourceGroupId=group).status == 200

    assert eve("POST", "/api/models/lab/m/resource-group", {"resourceGroupId": None}).status == 403
    assert ada("POST", "/api/models/lab/m/resource-group", {"resourceGroupId": None}).status == 200
    assert bob("GET", "/api/models/lab/m").status == 200
    assert ada("GET", "/api/models/lab/m/resource-group").status == 404

    assert ada("POST", "/api/models/lab/m/resource-group", {"resourceGroupId": group}).status == 200
    assert ada("DELETE", f"{GROUPS}/{group}").json() == {"success": True}
    assert bob("GET", "/api/models/lab/m").status == 200


def test_a_repository_that_goes_to_another_account_leaves_its_group(ada):
    group = create(ada)
    assert repo(ada, resourceGroupId=group).status == 200

    assert ada("POST", "/api/repos/move", {"fromRepo": "lab/m", "toRepo": "ada/n", "type": "model"}).status == 200

    assert ada("GET", "/api/models/ada/n/resource-group").status == 404
    assert ada("GET", f"{GROUPS}/{group}").json()["resources"] == []


def test_an_administrator_of_a_group_manages_its_members(hub, ada, bob, eve):
    group = create(ada, users=[{"user": "eve", "role": "admin"}])
    path = f"{GROUPS}/{group}/users"

    added = eve("POST", path, {"users": [{"user": "bob", "role": "read"}]}).json()["users"]
    assert [(one["name"], one["role"], one["addedBy"]) for one in added] == [
        ("eve", "admin", "ada"),
        ("bob", "read", "eve"),
    ]
    assert bob("PATCH", f"{path}/bob", {"role": "admin"}).status == 403
    assert eve("PATCH", f"{path}/bob", {"role": "write"}).json()["users"][1]["role"] == "write"
    whoami = bob("GET", "/api/whoami-v2").json()["orgs"][0]["resourceGroups"]
    assert whoami == [{"id": group, "name": "secret", "role": "write"}]
    assert ada("GET", "/api/organizations/lab/members").json()[1]["resourceGroups"] == whoami
    assert eve("DELETE", f"{path}/bob").status == 200
    assert bob("GET", GROUPS).json() == []
    assert bob("GET", f"{GROUPS}/{group}").status == 404
    assert eve("POST", path, {"users": [{"user": "stranger", "role": "read"}]}).status == 400
    assert eve("DELETE", f"{path}/bob").status == 404
    assert eve("DELETE", f"{GROUPS}/{group}").status == 403, "all members would see what is in it"


def test_new_members_join_by_themselves_if_the_group_says_so(hub, ada):
    group = create(ada)
    settings = {"autoJoin": {"enabled": True, "role": "read", "scope": "read_plus"}}
    assert ada("POST", f"{GROUPS}/{group}/settings", settings).json()["autoJoin"] == settings["autoJoin"]

    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write", "new": "write", "out": "no_access"})

    assert [one["name"] for one in ada("GET", f"{GROUPS}/{group}").json()["users"]] == ["new"]
    assert ada("POST", f"{GROUPS}/{group}/settings", {"autoJoin": {"enabled": True}}).status == 400


def test_a_role_in_groups_comes_with_the_role_in_the_organization(ada, eve):
    group = create(ada)
    role = {"role": "no_access", "resourceGroups": [{"id": group, "role": "write"}]}

    assert ada("PUT", "/api/organizations/lab/members/eve/role", role).status == 200

    assert repo(eve, private=True, resourceGroupId=group).status == 200
    assert eve("GET", "/api/models/lab/m").status == 200


def test_names_descriptions_and_limits_change(ada):
    group = create(ada, description="before")
    create(ada, name="other")
    path = f"{GROUPS}/{group}"

    assert ada("PATCH", path, {"spendLimits": {"jobs": 100, "total": 500}}).status == 200
    changed = ada("PATCH", path, {"name": "open", "spendLimits": {"jobs": None}}).json()

    assert (changed["name"], changed["description"], changed["spendLimits"]) == ("open", "before", {"total": 500})
    assert ada("PATCH", path, {"name": "other"}).status == 400
    assert ada("PATCH", path, {"name": ""}).status == 400
    assert [one["name"] for one in ada("GET", GROUPS).json()] == ["open", "other"]


def test_groups_survive_a_restart(hub, ada, login, tmp_path):
    group = create(ada, users=[{"user": "eve", "role": "write"}])
    assert repo(ada, private=True, resourceGroupId=group).status == 200

    again = Hub(hub.store._root)

    assert login(again, "bob")("GET", "/api/models/lab/m").status == 404
    assert login(again, "eve")("GET", f"{GROUPS}/{group}").json() == ada("GET", f"{GROUPS}/{group}").json()


def test_the_client_manages_groups():
    with LocalHub() as hub:
        hub.add_organization("lab", {"ada": "admin", "bob": "read"})
        with HfApi(hub.endpoint, hub.add_user("ada")) as ada, HfApi(hub.endpoint, hub.add_user("bob")) as bob:
            made = ada.call(
                operations.resource_groups.create_resource_group(
                    "lab", name="secret", users=[models.NewResourceGroupUser(user="bob", role="write")]
                )
            )
            bob.create_repo("lab/m", private=True, resource_group_id=made.id)
            assert ada.call(operations.repo_tools.get_repo_resource_group("lab/m")).name == "secret"
            ada.call(operations.resource_groups.remove_resource_group_user("lab", made.id, "bob"))
            with pytest.raises(HfHubHTTPError):
                bob.model_info("lab/m")
