"""Service accounts of organizations, and what their tokens are good for."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, HfHubHTTPError, operations
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

ACCOUNTS = "/api/organizations/lab/service-accounts"


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write"})
    for name in ("m", "n"):
        made = {"name": name, "organization": "lab", "private": True}
        assert ada("POST", "/api/repos/create", made).status == 200


@pytest.fixture
def account(ada):
    return ada("POST", ACCOUNTS, {"name": "Nightly runs", "description": "Trains"}).json()["_id"]


def new_token(ada, account, **members):
    answer = ada("POST", f"{ACCOUNTS}/{account}/tokens", members)
    assert answer.status == 201, answer.body
    return answer.json()["token"], answer.json()["tokenInfo"]["_id"]


def test_a_token_acts_for_the_service_account_with_its_permissions(hub, ada, account):
    value, _ = new_token(ada, account, permissions=["repo.write"])
    robot = Caller(hub, value)

    name = robot("GET", "/api/whoami-v2").json()["name"]
    assert name.startswith("nightly-runs-")
    robot.put("models/lab/m", "a.txt", b"a")
    assert ada("GET", "/api/models/lab/m/commits/main").json()[0]["authors"][0]["user"] == name
    assert robot("POST", "/api/repos/create", {"name": "o", "organization": "lab"}).status == 200
    assert robot("PUT", "/api/organizations/lab/members/bob/role", {"role": "read"}).status == 403
    assert robot("POST", ACCOUNTS, {"name": "Another"}).status == 403
    assert robot("POST", "/api/repos/create", {"name": "o", "organization": "ada"}).status == 403


def test_a_token_for_one_repository_is_for_no_other(hub, ada, account):
    repo_id = ada("GET", "/api/models/lab/m").json()["_id"]
    value, _ = new_token(ada, account, repoIds=[repo_id], repoPermissions=["repo.content.read"])
    robot = Caller(hub, value)

    assert robot("GET", "/api/models/lab/m").status == 200
    assert robot("GET", "/api/models/lab/n").status == 404
    assert robot("PUT", "/api/models/lab/m/settings", {"private": False}).status == 403
    assert ada("POST", "/api/repos/move", {"fromRepo": "lab/m", "toRepo": "lab/moved"}).status == 200
    assert robot("GET", "/api/models/lab/moved").status == 200


def test_a_rotated_token_works_in_place_of_the_old_one(hub, ada, account):
    old, token_id = new_token(ada, account, displayName="CI", permissions=["org.read", "repo.content.read"])

    answer = ada("POST", f"{ACCOUNTS}/{account}/tokens/{token_id}/rotate")

    assert answer.status == 200
    new, info = answer.json()["token"], answer.json()["tokenInfo"]
    assert (info["displayName"], info["permissions"]) == ("CI", ["org.read", "repo.content.read"])
    assert info["last4"] == new[-4:]
    assert Caller(hub, old)("GET", "/api/models/lab/m").status == 401
    assert Caller(hub, new)("GET", "/api/models/lab/m").status == 200


def test_permissions_of_a_token_change(hub, ada, account):
    value, token_id = new_token(ada, account, permissions=["repo.content.read"], endpointPatterns=["a-*"])
    path = f"{ACCOUNTS}/{account}/tokens/{token_id}"

    changed = ada("PATCH", path, {"permissions": ["repo.write"], "skipNetworkSecurity": True})

    assert changed.status == 200
    assert changed.json() == {
        **changed.json(),
        "displayName": "API Token",
        "permissions": ["repo.write"],
        "endpointPatterns": ["a-*"],
        "skipNetworkSecurity": True,
    }
    Caller(hub, value).put("models/lab/m", "a.txt", b"a")
    assert ada("DELETE", path).status == 204
    assert Caller(hub, value)("GET", "/api/models/lab/m").status == 401
    assert ada("DELETE", path).status == 404


def test_a_deleted_account_has_no_tokens(hub, ada, account):
    value, _ = new_token(ada, account, permissions=["repo.write"])
    assert [one["name"] for one in ada("GET", ACCOUNTS).json()] == ["Nightly runs"]

    assert ada("DELETE", f"{ACCOUNTS}/{account}").status == 204

    assert Caller(hub, value)("GET", "/api/models/lab/m").status == 401
    assert ada("GET", ACCOUNTS).json() == []
    assert ada("GET", f"{ACCOUNTS}/{account}").status == 404


@pytest.mark.parametrize(
    "token", [{"permissions": ["repo.everything"]}, {"repoIds": ["0" * 24]}, {"displayName": ""}], ids=str
)
def test_tokens_that_cannot_be_are_refused(ada, account, token):
    assert ada("POST", f"{ACCOUNTS}/{account}/tokens", token).status == 400


def test_only_administrators_manage_service_accounts(hub, ada, login, account):
    bob = login(hub, "bob")

    assert bob("GET", ACCOUNTS).status == 403
    assert bob("POST", ACCOUNTS, {"name": "Mine"}).status == 403
    value, _ = new_token(ada, account, permissions=["org.serviceAccounts.write"])
    assert Caller(hub, value)("POST", f"{ACCOUNTS}/{account}/tokens", {}).status == 201


@pytest.mark.parametrize("lacking", [{"permissions": ["org.write"]}, {"repoPermissions": ["repo.write"]}], ids=str)
def test_a_token_gives_no_permission_that_it_lacks(hub, ada, account, lacking):
    repo_id = ada("GET", "/api/models/lab/m").json()["_id"]
    wanted = {"repoIds": [repo_id], **lacking}
    value, own_id = new_token(ada, account, permissions=["org.serviceAccounts.write", "repo.content.read"])
    _, other_id = new_token(ada, account, **wanted)
    robot, tokens = Caller(hub, value), f"{ACCOUNTS}/{account}/tokens"

    assert robot("POST", tokens, wanted).status == 403
    assert robot("PATCH", f"{tokens}/{own_id}", wanted).status == 403
    assert robot("POST", f"{tokens}/{other_id}/rotate").status == 403
    assert robot("POST", tokens, {"repoIds": [repo_id], "repoPermissions": ["repo.content.read"]}).status == 201
    assert robot("POST", f"{tokens}/{own_id}/rotate").status == 200


def test_service_accounts_survive_a_restart(hub, ada, account):
    value, _ = new_token(ada, account, permissions=["repo.write"], endpointPatterns=["a-*"])
    told = ada("GET", f"{ACCOUNTS}/{account}").json()
    assert told["accessTokens"][0]["endpointPatterns"] == ["a-*"]

    again = Hub(hub.store._root)

    assert Caller(again, ada.token)("GET", f"{ACCOUNTS}/{account}").json() == told
    assert Caller(again, value)("GET", "/api/models/lab/m").status == 200


def test_the_client_uses_the_token_of_a_service_account():
    with LocalHub() as hub:
        hub.add_organization("lab", {"ada": "admin"})
        with HfApi(hub.endpoint, hub.add_user("ada")) as ada:
            made = ada.call(operations.service_accounts.create_service_account("lab", name="CI"))
            token = ada.call(
                operations.service_accounts.create_service_account_token(
                    "lab", made.internal_id, permissions=["repo.write"]
                )
            )
            with HfApi(hub.endpoint, token.token_value) as robot:
                robot.create_repo("lab/m", private=True)
                robot.upload_file(path_or_fileobj=b"a", path_in_repo="a.txt", repo_id="lab/m")
                assert token.token_info is not None
                ada.call(
                    operations.service_accounts.rotate_service_account_token(
                        "lab", made.internal_id, token.token_info.internal_id
                    )
                )
                with pytest.raises(HfHubHTTPError) as caught:
                    robot.whoami()
                assert caught.value.response.status_code == 401
            assert ada.model_info("lab/m").private
