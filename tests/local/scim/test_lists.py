"""Filters and pages of SCIM lists, and the documents of the server."""

from __future__ import annotations

from urllib.parse import quote

import pytest

SERVER = "/api/organizations/lab/scim/v2"


@pytest.fixture(autouse=True)
def _lab(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    for number, name in enumerate(("ann", "ben", "cy")):
        ada(
            "POST",
            f"{SERVER}/Users",
            {
                "schemas": [],
                "userName": name,
                "externalId": f"Ext {number}",
                "emails": [{"value": f"{name}@lab.org"}],
                "name": {"givenName": name, "familyName": "Doe"},
            },
        )
        ada("POST", f"{SERVER}/Groups", {"displayName": f"Team {name}", "externalId": name, "members": []})


@pytest.mark.parametrize(
    ("expression", "names"),
    [
        ("", "ann ben cy"),
        ('userName eq "ben"', "ben"),
        ('username EQ "BEN"', "ben"),
        ("userName eq ben", "ben"),
        ('emails eq "cy@lab.org"', "cy"),
        ('emails.value eq "cy@lab.org"', "cy"),
        ('externalId eq "Ext 1"', "ben"),
        ('externalId eq "ext 1"', ""),
        (r'externalId eq "\u0045xt 1"', "ben"),
        ('displayName eq "ann"', "ann"),
        ('userName eq "nobody"', ""),
    ],
)
def test_a_filter_selects_users(ada, expression, names):
    told = ada("GET", f"{SERVER}/Users?filter={quote(expression)}").json()
    assert [user["userName"] for user in told["Resources"]] == names.split()
    assert told["totalResults"] == len(names.split())


@pytest.mark.parametrize(
    ("expression", "names"),
    [('displayName eq "team BEN"', ["Team ben"]), ('externalId eq "cy"', ["Team cy"]), ('id eq "none"', [])],
)
def test_a_filter_selects_groups(ada, expression, names):
    told = ada("GET", f"{SERVER}/Groups?filter={quote(expression)}&excludedAttributes=members").json()
    assert [group["displayName"] for group in told["Resources"]] == names
    assert all("members" not in group for group in told["Resources"])


@pytest.mark.parametrize(
    "expression", ["userName", 'userName co "a"', 'title eq "Dr."', 'userName eq "a" and active eq true', 'id eq "\\x"']
)
@pytest.mark.parametrize("kind", ["Users", "Groups"])
def test_other_filters_are_refused(ada, expression, kind):
    answer = ada("GET", f"{SERVER}/{kind}?filter={quote(expression)}")
    assert (answer.status, answer.json()["scimType"]) == (400, "invalidFilter")


@pytest.mark.parametrize(
    ("query", "names", "start"),
    [
        ("", "ann ben cy", 1),
        ("count=2", "ann ben", 1),
        ("startIndex=2", "ben cy", 2),
        ("startIndex=2&count=1", "ben", 2),
        ("startIndex=9", "", 9),
    ],
)
def test_pages_have_a_start_and_a_size(ada, query, names, start):
    users, groups = (ada("GET", f"{SERVER}/{kind}?{query}").json() for kind in ("Users", "Groups"))
    assert [user["userName"] for user in users["Resources"]] == names.split()
    assert [group["externalId"] for group in groups["Resources"]] == names.split()
    for told in (users, groups):
        assert (told["totalResults"], told["startIndex"], told["itemsPerPage"]) == (3, start, len(names.split()))


@pytest.mark.parametrize("query", ["count=0", "count=1001", "startIndex=0", "startIndex=x"])
def test_pages_out_of_bounds_are_refused(ada, query):
    assert ada("GET", f"{SERVER}/Users?{query}").status == 400


def test_the_server_describes_itself(ada):
    config = ada("GET", f"{SERVER}/ServiceProviderConfig").json()
    assert (config["patch"], config["bulk"]["supported"]) == ({"supported": True}, False)
    for kind in ada("GET", f"{SERVER}/ResourceTypes").json():
        assert ada("GET", SERVER + kind["endpoint"]).status == 200
        schema = ada("GET", f"{SERVER}/Schemas/{kind['schema']}").json()
        assert schema in ada("GET", f"{SERVER}/Schemas").json()
        named = {attribute["name"] for attribute in schema["attributes"]}
        resource = ada("GET", SERVER + kind["endpoint"]).json()["Resources"][0]
        assert resource.keys() - {"schemas", "id", "externalId", "meta"} == named
    assert ada("GET", f"{SERVER}/Schemas/urn:other").status == 404
