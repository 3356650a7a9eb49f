"""Names of accounts that differ only in letter case mean the same account, in every parameter."""

from __future__ import annotations

import pytest


@pytest.fixture
def world(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    hub.accounts.follow("ada", "lab")
    assert ada("POST", "/api/repos/create", {"name": "m", "organization": "LAB"}).status == 200
    made = ada("POST", "/api/collections", {"title": "Mine", "namespace": "LAB"})
    assert (made.status, made.json()["owner"]["name"]) == (200, "lab")
    return ada


@pytest.mark.parametrize(
    ("path", "other"),
    [
        ("models?author=lab", "models?author=LAB"),
        ("datasets?author=ada", "datasets?author=ADA"),
        ("collections?owner=lab", "collections?owner=Lab"),
        ("organizations/lab/overview", "organizations/LAB/overview"),
        ("organizations/lab/members", "organizations/Lab/members"),
        ("organizations/lab/followers", "organizations/Lab/followers"),
        ("users/ada/overview", "users/Ada/overview"),
        ("users/ada/following", "users/ADA/following"),
        ("users/ada/likes", "users/ADA/likes"),
        ("models/ada/m/discussions?author=ada", "models/ada/m/discussions?author=ADA"),
    ],
)
def test_names_in_other_letter_case_give_the_same_answer(world, path, other):
    first, second = world("GET", f"/api/{path}"), world("GET", f"/api/{other}")
    assert (first.status, second.status) == (200, 200)
    assert first.json() == second.json()


def test_the_owner_in_the_slug_of_a_collection_may_have_other_letters(world):
    (found,) = world("GET", "/api/collections?owner=lab").json()
    slug = found["slug"].replace("lab/", "LAB/")
    assert world("GET", f"/api/collections/{slug}").json()["slug"] == found["slug"]
