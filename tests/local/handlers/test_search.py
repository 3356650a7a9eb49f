"""The search of everything, and what is trending."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.local import LocalHub

CARD = b"---\nlanguage: fr\nlibrary_name: keras\npipeline_tag: translation\n---\n"


def found(caller, query, kind="models"):
    answer = caller("GET", f"/api/quicksearch?{query}")
    assert answer.status == 200, answer.body
    return [one["id"] for one in answer.json()[kind]]


@pytest.fixture(autouse=True)
def _furnished(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"}, fullname="The Laboratory")
    for body in (
        {"name": "small-bird", "organization": "lab"},
        {"name": "bird-secret", "private": True},
        {"name": "bird-songs", "type": "dataset"},
        {"name": "bird-page", "type": "space", "sdk": "static"},
        {"name": "bird-kernel", "type": "kernel"},
    ):
        assert ada("POST", "/api/repos/create", body).status == 200
    ada.put("models/lab/small-bird", "README.md", CARD)


def test_everything_with_a_name_is_found(hub, ada, anyone):
    assert ada("POST", "/api/collections", {"title": "Bird models", "namespace": "ada"}).status == 200
    hub.accounts.add("birdie")

    told = anyone("GET", "/api/quicksearch?q=bird").json()

    ids = {kind: [one["id"] for one in told[kind]] for kind in ("models", "datasets", "spaces", "kernels")}
    assert ids == {
        "models": ["lab/small-bird"],
        "datasets": ["ada/bird-songs"],
        "spaces": ["ada/bird-page"],
        "kernels": ["ada/bird-kernel"],
    }
    assert [one["title"] for one in told["collections"]] == ["Bird models"]
    assert [one["user"] for one in told["users"]] == ["birdie"]
    assert told["orgs"] == []
    assert (told["q"], told["modelsCount"], told["bucketsCount"]) == ("bird", 1, 0)
    assert anyone("GET", "/api/quicksearch?q=laboratory").json()["orgs"][0]["name"] == "lab"
    assert anyone("GET", "/api/quicksearch?q=tidetable").json()["papers"] == [{"id": "2402.00000"}]


def test_private_repositories_are_found_by_those_who_may_see_them(ada, bob):
    assert found(ada, "q=bird") == ["ada/bird-secret", "lab/small-bird"]
    assert found(bob, "q=bird") == ["lab/small-bird"]


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("q=bird&limit=1", ["ada/bird-secret"]),
        ("q=bird&namespace=lab", ["lab/small-bird"]),
        ("lang=fr", ["lab/small-bird"]),
        ("library=keras", ["lab/small-bird"]),
        ("pipelines=translation&pipelines=fill-mask", ["lab/small-bird"]),
        ("pipelines=fill-mask", []),
        ("q=bird&exclude=models/lab/small-bird", ["ada/bird-secret"]),
        ("q=bird&reposFilter=own_orgs", ["lab/small-bird"]),
        ("q=bird&reposFilter=own", ["ada/bird-secret"]),
        ("q=bird&reposFilter=granted_access", []),
        ("q=bird&reposFilter=own&reposFilter=own_orgs", ["ada/bird-secret", "lab/small-bird"]),
    ],
)
def test_filters(ada, query, ids):
    assert found(ada, query) == ids


def test_gated_repositories_may_be_left_out(ada, bob):
    assert ada("PUT", "/api/models/lab/small-bird/settings", {"gated": "auto"}).status == 200
    assert found(bob, "q=bird&reposFilter=skip_gated") == []
    assert bob("POST", "/lab/small-bird/ask-access", {}).status < 400
    assert found(bob, "q=bird&reposFilter=granted_access") == ["lab/small-bird"]


def test_organizations_that_the_caller_is_in_or_does_not_watch(hub, ada, bob):
    for caller, own, unwatched in ((ada, ["lab"], []), (bob, [], ["lab"])):
        for name, names in (("own", own), ("unwatched", unwatched)):
            told = caller("GET", f"/api/quicksearch?type=org&orgsFilter={name}").json()
            assert [one["name"] for one in told["orgs"]] == names
            assert "models" not in told


def test_a_search_by_body_is_the_same(ada):
    asked = {"q": "bird", "type": ["model"], "limit": 1}
    assert (
        ada("POST", "/api/quicksearch", asked).json() == ada("GET", "/api/quicksearch?q=bird&type=model&limit=1").json()
    )
    for wrong in ({"limit": 21}, {"limit": 0}, {"type": ["job"]}, {"reposFilter": ["mine"]}):
        assert ada("POST", "/api/quicksearch", wrong).status == 400


def test_what_has_new_likes_is_trending(ada, bob, anyone):
    assert bob("POST", "/api/datasets/ada/bird-songs/like").status == 200

    told = bob("GET", "/api/trending").json()["recentlyTrending"]

    first = told[0]["repoData"]
    assert (told[0]["repoType"], first["id"], first["likes"], first["isLikedByUser"]) == (
        "dataset",
        "ada/bird-songs",
        1,
        True,
    )
    assert "ada/bird-secret" not in [
        one["repoData"]["id"] for one in ada("GET", "/api/trending").json()["recentlyTrending"]
    ]
    kinds = {one["repoType"] for one in anyone("GET", "/api/trending?type=space").json()["recentlyTrending"]}
    assert kinds == {"space"}
    assert len(anyone("GET", "/api/trending?limit=2").json()["recentlyTrending"]) == 2
    for wrong in ("type=bucket", "limit=21"):
        assert anyone("GET", f"/api/trending?{wrong}").status == 400


def test_the_client_searches():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        repo_id = api.create_repo("m").repo_id

        found = api.call(operations.search.quicksearch(q="m", type=["model"]))
        trending = api.call(operations.search.get_trending())

        assert [one.id for one in found.models or ()] == [repo_id]
        assert [one.repo_data.id for one in trending.recently_trending if one.repo_data] == [repo_id]
