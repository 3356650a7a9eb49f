"""Audit logs of organizations, and the settings of their networks."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

LOG = "/api/organizations/lab/audit-log/export"
NETWORK = "/api/organizations/lab/settings/network-security"


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write"})


def kinds(ada, query=""):
    return [one["type"] for one in ada("GET", LOG + query).json()][::-1]


def test_what_happens_to_repositories_is_recorded(ada, bob):
    assert bob("POST", "/api/repos/create", {"name": "m", "organization": "lab"}).status == 200
    assert bob("PUT", "/api/models/lab/m/settings", {"private": True}).status == 200
    assert ada("POST", "/api/repos/move", {"fromRepo": "lab/m", "toRepo": "lab/n", "type": "model"}).status == 200
    assert ada("DELETE", "/api/repos/delete", {"name": "n", "organization": "lab"}).status == 200
    assert ada("POST", "/api/buckets/lab/b", {}).status == 200

    events = ada("GET", LOG).json()

    assert [one["message"] for one in reversed(events)] == [
        "Created model lab/m",
        "Changed visibility of model lab/m to private",
        "Moved model lab/m to lab/n",
        "Deleted model lab/n",
        "Created bucket lab/b",
    ]
    assert kinds(ada) == ["repo.create", "repo.update_settings", "repo.move", "repo.delete", "repo.create"]
    assert [one["author"]["user"] for one in events] == ["ada", "ada", "ada", "bob", "bob"]
    assert {one["token"]["last4"] for one in events} == {ada.token[-4:], bob.token[-4:]}
    assert bob.token not in ada("GET", LOG).body.decode()


def test_what_happens_to_members_tokens_and_groups_is_recorded(hub, ada):
    lost = hub.accounts.add_token("bob", "read", "lost")
    groups = "/api/organizations/lab/resource-groups"
    assert ada("PUT", "/api/organizations/lab/members/bob/role", {"role": "read"}).status == 200
    assert ada("POST", "/api/organizations/lab/settings/tokens/revoke", {"token": lost.token}).status == 200
    group = ada("POST", groups, {"name": "g"}).json()["id"]
    assert ada("POST", f"{groups}/{group}/users", {"users": [{"user": "bob", "role": "read"}]}).status == 200
    assert ada("DELETE", f"{groups}/{group}").status == 200
    account = ada("POST", "/api/organizations/lab/service-accounts", {"name": "CI"}).json()["_id"]
    assert ada("POST", f"/api/organizations/lab/service-accounts/{account}/tokens", {}).status == 201

    assert kinds(ada) == [
        "org.change_role",
        "org.token_approval.authorization_request.revoked",
        "resource_group.create",
        "resource_group.add_users",
        "resource_group.delete",
        "org.service_account.create",
        "org.service_account.token.create",
    ]
    assert lost.token not in ada("GET", LOG).body.decode()


def test_a_refused_request_is_no_event(ada, bob):
    assert bob("PUT", "/api/organizations/lab/members/ada/role", {"role": "read"}).status == 403
    assert bob("POST", "/api/repos/create", {"name": "p"}).status == 200  # in a namespace without a log

    assert kinds(ada) == []


def test_the_log_is_searched_by_words(ada, bob):
    for name, caller in (("one", ada), ("two", bob)):
        assert caller("POST", "/api/repos/create", {"name": name, "organization": "lab"}).status == 200

    assert [one["message"] for one in ada("GET", f"{LOG}?q=created+bob").json()] == ["Created model lab/two"]
    assert kinds(ada, "?q=delete") == []


def test_only_administrators_export_the_log(bob):
    assert bob("GET", LOG).status == 403
    assert bob("GET", NETWORK).status == 403


def test_the_log_and_the_settings_of_the_network_survive_a_restart(hub, ada):
    assert ada("POST", "/api/repos/create", {"name": "m", "organization": "lab"}).status == 200
    assert ada("PATCH", NETWORK, {"enforceAuth": True}).status == 200
    again = Caller(Hub(hub.store._root), ada.token)

    assert again("GET", LOG).json() == ada("GET", LOG).json() != []
    assert again("GET", NETWORK).json()["enforceAuth"] is True


def test_settings_of_the_network_change_one_by_one(ada):
    assert (
        ada("PATCH", NETWORK, {"ipRanges": ["10.0.0.0/8", "2001:db8::/32"], "enforceIpRestriction": True}).status == 200
    )
    changed = ada("PATCH", NETWORK, {"blockedContents": [{"resource": "model", "scope": "*"}]}).json()

    assert changed == {
        "enforceAuth": False,
        "enforceIpRestriction": True,
        "highRateLimits": False,
        "ipRanges": ["10.0.0.0/8", "2001:db8::/32"],
        "blockedContents": [{"resource": "model", "scope": "*"}],
        "allowedContents": [],
        "keepReposMetadataVisible": False,
    }
    assert ada("GET", NETWORK).json() == changed
    assert ada("PATCH", NETWORK, {"ipRanges": ["everywhere"]}).status == 400


def test_the_client_reads_the_log():
    with LocalHub() as hub:
        hub.add_organization("lab", {"ada": "admin"})
        with HfApi(hub.endpoint, hub.add_user("ada")) as ada:
            ada.create_repo("lab/m")
            (event,) = ada.call(operations.organizations.export_audit_log("lab"))

            assert (event.type, event.message) == ("repo.create", "Created model lab/m")
            assert event.author is not None
            assert event.author.user == "ada"
            assert event.created_at is not None
            changed = ada.call(operations.organizations.update_network_security("lab", ip_ranges=["10.0.0.0/8"]))
            assert changed.ip_ranges == ["10.0.0.0/8"]
