"""Roles of members of organizations."""

from __future__ import annotations

import pytest

ROLE = "/api/organizations/lab/members/{}/role"


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add("bob")
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "read"})


def test_a_new_role_of_a_member_gives_its_rights(hub, ada, login):
    bob = login(hub, "bob")
    assert bob("POST", "/api/repos/create", {"name": "m", "organization": "lab"}).status == 403

    assert ada("PUT", ROLE.format("bob"), {"role": "write"}).status == 200

    assert bob("POST", "/api/repos/create", {"name": "m", "organization": "lab"}).status == 200


def test_a_member_without_access_has_the_rights_of_strangers(hub, ada, login):
    assert ada("POST", "/api/repos/create", {"name": "m", "organization": "lab", "private": True}).status == 200
    bob = login(hub, "bob")
    assert bob("GET", "/api/models/lab/m").status == 200

    assert ada("PUT", ROLE.format("bob"), {"role": "no_access"}).status == 200

    assert bob("GET", "/api/models/lab/m").error == (404, "RepoNotFound")
    assert ada("GET", "/api/organizations/lab/members").json()[1]["role"] == "no_access"


@pytest.mark.parametrize(
    ("member", "role", "status"), [("bob", "king", 400), ("eve", "read", 404), ("ada", "read", 400)]
)
def test_a_role_that_cannot_be_given_is_refused(ada, member, role, status):
    assert ada("PUT", ROLE.format(member), {"role": role}).status == status
    assert ada("GET", "/api/organizations/lab/members").json()[0]["role"] == "admin"


def test_only_an_administrator_sets_roles(hub, login):
    assert login(hub, "bob")("PUT", ROLE.format("bob"), {"role": "admin"}).status == 403
