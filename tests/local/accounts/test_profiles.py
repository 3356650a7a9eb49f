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
