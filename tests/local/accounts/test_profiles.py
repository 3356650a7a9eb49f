"""Likes, follows and organizations of the embedded Hub: validation and persistence."""

from __future__ import annotations

import pytest

from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from hub_typed_api.path import HFValidationError

LARGE = b"large\0" * 100


def test_likes_move_with_the_repository_and_stay(hub, ada, bob, login):
    assert bob("POST", "/api/models/ada/m/like").status == 200
    hub.store.move(hub.store.find("model", "ada/m"), "ada/n")
    again = login(Hub(hub.store._root), "bob")

    assert [like["repo"]["name"] for like in again("GET", "/api/users/bob/likes").json()] == ["ada/n"]
    assert [user["user"] for user in again("GET", "/api/models/ada/n/likers").json()] == ["bob"]
    assert again("GET", "/api/models/ada/n?expand=likes").json()["likes"] == 1


def test_a_like_needs_a_token_that_may_write(hub, ada, anyone, login):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    reader = login(hub, "eve", "read")
    for method in ("POST", "DELETE"):
        assert anyone(method, "/api/models/ada/m/like").status == 401
        assert reader(method, "/api/models/ada/m/like").status == 403
        assert login(hub, "eve")(method, "/api/models/ada/secret/like").error == (404, "RepoNotFound")
        assert ada(method, "/api/datasets/ada/m/like").error == (404, "RepoNotFound")
    assert anyone("GET", "/api/models/ada/secret/likers").status == 401
    assert ada("GET", "/api/models/ada/m/likers").json() == []


def test_a_like_of_what_became_private_is_not_told(ada):
    ada("POST", "/api/models/ada/m/like")
    first = ada("GET", "/api/users/ada/likes").json()
    ada.hub.store.find("model", "ada/m").change(private=True)

    assert [like["repo"] for like in first] == [{"name": "ada/m", "type": "model"}]
    assert ada("GET", "/api/users/ada/likes").json() == []


def test_who_follows_whom_stays(hub, ada, bob, login):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    for followed in ("ada", "lab", "ada"):
        hub.accounts.follow("bob", followed)
    again = login(Hub(hub.store._root), "bob")

    assert [user["user"] for user in again("GET", "/api/users/ada/followers").json()] == ["bob"]
    assert [user["user"] for user in again("GET", "/api/users/bob/following").json()] == ["ada"]
    assert [user["user"] for user in again("GET", "/api/organizations/lab/followers").json()] == ["bob"]
    overview = again("GET", "/api/users/bob/overview").json()
    assert (overview["numFollowing"], overview["numFollowingOrgs"]) == (2, 1)


@pytest.mark.parametrize(("name", "followed"), [("ada", "ada"), ("ada", "nobody"), ("nobody", "ada"), ("lab", "ada")])
def test_only_users_follow_and_only_others_that_are_there(hub, ada, name, followed):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    with pytest.raises(HFValidationError, match="cannot follow"):
        hub.accounts.follow(name, followed)


def test_a_local_hub_arranges_who_follows_whom():
    with LocalHub() as local:
        for name in ("ada", local.user):
            local.add_user(name)
        local.follow("ada", local.user)
        assert local.hub.accounts.followers_of(local.user) == ["ada"]


def test_whoever_is_not_there_is_not_found(ada):
    for path in ("overview", "followers", "following", "likes"):
        assert ada("GET", f"/api/users/nobody/{path}").status == 404
    for path in ("overview", "followers", "members", "settings/repositories"):
        assert ada("GET", f"/api/organizations/ada/{path}").status == 404


def test_members_are_searched_and_tell_their_roles(hub, ada, anyone):
    hub.accounts.add_organization("lab", {"ada": "admin", "alan": "read", "bob": "write"})

    def members(query=""):
        return [(one["user"], one["role"]) for one in anyone("GET", f"/api/organizations/lab/members{query}").json()]

    assert members() == [("ada", "admin"), ("alan", "read"), ("bob", "write")]
    assert members("?search=A") == [("ada", "admin"), ("alan", "read")]
    assert members("?email=ada@example.org") == []
    for limit in ("9", "10001"):
        assert anyone("GET", f"/api/organizations/lab/members?limit={limit}").status == 400


def test_storage_counts_each_version_of_a_file_once(hub, ada, anyone):
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset", "private": True})
    empty = {one["id"]: one["storage"] for one in ada("GET", "/api/settings/repositories").json()}
    ada.commit("models/ada/m", ada.large("w.bin", ada.upload(LARGE)), ada.file("x", b"12345"))
    ada.commit("models/ada/m", ada.file("x", b"123"), ada.file("same", b"12345"))

    found = {one["id"]: one for one in ada("GET", "/api/settings/repositories").json()}

    assert found["ada/m"]["storage"] == empty["ada/m"] + len(LARGE) + 5 + 3
    assert found["ada/d"]["storage"] == empty["ada/d"]
    assert sum(one["storagePercent"] for one in found.values()) == pytest.approx(100)
    assert [(one["type"], one["visibility"]) for one in found.values()] in (
        [("model", "public"), ("dataset", "private")],
        [("dataset", "private"), ("model", "public")],
    )
    assert anyone("GET", "/api/settings/repositories").status == 401


def test_storage_is_searched_and_sorted(hub, ada, bob):
    hub.accounts.add_organization("lab", {"ada": "read", "carl": "write"})
    carl = type(ada)(hub, hub.accounts.add("carl"))
    for name, size in (("small", 10), ("big", 1000)):
        carl("POST", "/api/repos/create", {"name": name, "organization": "lab", "type": "dataset"})
        carl.put(f"datasets/lab/{name}", "x", b"x" * size)

    def names(query=""):
        return [one["id"] for one in ada("GET", f"/api/organizations/lab/settings/repositories{query}").json()]

    assert names("?sort=storage") == ["lab/big", "lab/small"]
    assert names("?sort=storage&direction=asc") == ["lab/small", "lab/big"]
    assert sorted(names()) == ["lab/big", "lab/small"]
    assert names("?search=SMALL") == ["lab/small"]
    assert (names("?type=model"), len(names("?type=dataset"))) == ([], 2)
    for query in ("?sort=name", "?direction=up"):
        assert ada("GET", f"/api/organizations/lab/settings/repositories{query}").status == 400
    assert bob("GET", "/api/organizations/lab/settings/repositories").status == 403


# --- names, counts and defaults of accounts


def test_accounts_have_full_names_and_keep_them(hub, ada):
    hub.accounts.add("ada", fullname="Ada Lovelace", email="ada@example.org")
    hub.accounts.add_organization("lab", {"ada": "admin"}, fullname="The Lab")
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "read"})
    again = type(ada)(Hub(hub.store._root), ada.token)

    me = again("GET", "/api/whoami-v2").json()
    assert (me["fullname"], me["email"], me["orgs"][0]["fullname"]) == ("Ada Lovelace", "ada@example.org", "The Lab")
    assert again("GET", "/api/users/ada/overview").json()["fullname"] == "Ada Lovelace"
    assert again("GET", "/api/organizations/lab/overview").json()["fullname"] == "The Lab"
    assert again("POST", "/api/models/ada/m/discussions", {"title": "One", "description": "two"}).status == 200
    assert again("GET", "/api/models/ada/m/discussions/1").json()["author"]["fullname"] == "Ada Lovelace"
    (found,) = again("GET", "/api/organizations/lab/members?search=lovelace").json()
    assert found["user"] == "ada"
    assert "email" not in again("GET", "/api/users/ada/overview").json()


def test_only_administrators_find_members_by_their_addresses(hub, ada, anyone, bob):
    hub.accounts.add("ada", email="ada@example.org")
    hub.accounts.add_organization("lab", {"ada": "admin", "bob": "write"})
    url = "/api/organizations/lab/members?email=ada@example.org"
    assert [one["user"] for one in ada("GET", url).json()] == ["ada"]
    assert (bob("GET", url).json(), anyone("GET", url).json()) == ([], [])


def test_a_request_for_access_shares_the_address(hub, ada, bob):
    hub.accounts.add("bob", fullname="Bob B.", email="bob@example.org")
    assert ada("PUT", "/api/models/ada/m/settings", {"gated": "manual"}).status == 200
    assert bob("POST", "/ada/m/ask-access", {}).status == 303
    (asked,) = ada("GET", "/api/models/ada/m/user-access-request/pending").json()
    assert (asked["user"]["email"], asked["user"]["fullname"]) == ("bob@example.org", "Bob B.")


def test_an_overview_counts_what_its_reader_may_see(hub, ada, bob, anyone):
    ada("POST", "/api/repos/create", {"name": "secret", "private": True})
    ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"})
    ada("POST", "/api/repos/create", {"name": "s", "type": "space", "sdk": "static"})
    for repo in ("models/ada/m", "models/ada/secret", "datasets/ada/d"):
        assert ada("POST", f"/api/{repo}/discussions", {"title": "One", "description": "two"}).status == 200
    assert bob("POST", "/api/models/ada/m/discussions", {"title": "Two", "description": "x"}).status == 200
    bob("POST", "/api/models/ada/m/like")
    hub.accounts.follow("bob", "ada")

    names = ("numModels", "numDatasets", "numSpaces", "numDiscussions", "numPapers", "numUpvotes", "numLikes")
    names = (*names, "numFollowing", "numFollowers", "numBuckets", "numKernels")
    seen = {who: caller("GET", "/api/users/ada/overview").json() for who, caller in (("ada", ada), ("no", anyone))}
    assert [seen["ada"][name] for name in names] == [2, 1, 1, 3, 0, 0, 0, 0, 1, 0, 0]
    assert [seen["no"][name] for name in names] == [1, 1, 1, 2, 0, 0, 0, 0, 1, 0, 0]
    assert "createdAt" in seen["no"]
    other = anyone("GET", "/api/users/bob/overview").json()
    assert [other[name] for name in ("numDiscussions", "numLikes", "numFollowing")] == [1, 1, 1]


def test_new_repositories_have_the_default_visibility_of_the_organization(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"}, default_visibility="private")

    def private(name, kind="models", **body):
        answer = ada("POST", "/api/repos/create", {"name": name, "organization": "lab", **body})
        assert answer.status == 200, answer.body
        return ada("GET", f"/api/{kind}/lab/{name}").json()["private"]

    assert private("a") is True
    assert private("b", private=False) is False
    assert private("c", visibility="public") is False
    assert private("d", "spaces", type="space", sdk="static") is True
    assert private("e", "datasets", type="dataset", visibility="private") is True
    assert ada("POST", "/api/models/ada/m/duplicate", {"repository": "lab/copy"}).status == 200
    assert ada("GET", "/api/models/lab/copy").json()["private"] is True
    ada("POST", "/api/repos/create", {"name": "own"})
    assert ada("GET", "/api/models/ada/own").json()["private"] is False


@pytest.mark.parametrize(
    "body", [{"visibility": "hidden"}, {"visibility": "protected"}, {"visibility": "private", "private": True}]
)
def test_a_visibility_that_makes_no_sense_is_refused_at_creation(ada, body):
    assert ada("POST", "/api/repos/create", {"name": "n", **body}).status == 400
    assert ada("GET", "/api/models/ada/n").status == 404


GROUP = "0123456789abcdef01234567"


def test_resource_groups_that_do_not_exist_are_refused_wherever_they_are_named(hub, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    slug = ada("POST", "/api/collections", {"title": "Ours", "namespace": "lab"}).json()["slug"]
    requests = {
        "/api/repos/create": {"name": "n", "organization": "lab", "resourceGroupId": GROUP},
        "/api/models/ada/m/duplicate": {"repository": "lab/copy", "resourceGroupId": GROUP},
        "/api/collections": {"title": "More", "namespace": "lab", "resourceGroupId": GROUP},
        f"/api/collections/{slug}/resource-group": {"resourceGroupId": GROUP},
    }
    for url, body in requests.items():
        answer = ada("POST", url, body)
        assert (answer.status, "no resource group" in answer.json()["error"]) == (400, True), url
    assert [one["id"] for one in ada("GET", "/api/models").json()] == ["ada/m"]

    answer = ada("POST", f"/api/collections/{slug}/resource-group", {"resourceGroupId": None})
    assert (answer.status, answer.json()["slug"]) == (200, slug)
    assert ada("POST", "/api/repos/create", {"name": "n", "resourceGroupId": None}).status == 200


def test_pictures_and_names_elsewhere_of_accounts(hub, anyone, ada):
    hub.accounts.add_organization("lab", {"ada": "admin"})
    picture = anyone("GET", "/api/users/ada/avatar").json()["avatarUrl"]

    assert anyone("GET", "/api/avatars/ada").headers["location"] == picture
    assert anyone("GET", "/api/organizations/lab/avatar").json()["avatarUrl"] != picture
    assert anyone("GET", "/api/users/ada/socials").json()["socialHandles"] == {}
    assert anyone("GET", "/api/organizations/lab/socials").json()["org"] == "lab"
    assert anyone("GET", "/api/avatars/nobody").status == 404
