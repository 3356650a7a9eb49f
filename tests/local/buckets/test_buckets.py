"""Buckets: creation, lists, settings, new names, and deletion."""

from __future__ import annotations

import pytest

from hub_typed.local.server.app import Hub
from tests.local.buckets.conftest import BUCKET, added, batch


def names(answer):
    return [one["id"] for one in answer.json()]


def test_a_new_bucket_is_public_and_empty(ada, anyone):
    told = anyone("GET", BUCKET).json()

    assert (told["id"], told["author"], told["repoType"]) == ("ada/b", "ada", "bucket")
    assert (told["private"], told["size"], told["totalFiles"], told["cdnRegions"]) == (False, 0, 0, [])
    assert told["createdAt"] == told["updatedAt"]


def test_me_is_the_caller(ada, bob, anyone):
    made = ada("POST", "/api/buckets/me/mine", {"visibility": "private"})

    assert made.json()["name"] == "ada/mine"
    assert made.json()["url"].endswith("/buckets/ada/mine")
    assert ada("GET", "/api/buckets/me/mine").json()["private"] is True
    assert names(ada("GET", "/api/buckets/me")) == ["ada/b", "ada/mine"]
    assert names(bob("GET", "/api/buckets/me")) == []
    assert anyone("GET", "/api/buckets/me").status == 401


def test_a_bucket_that_exists_is_a_conflict_that_names_it(hub, ada):
    answer = ada("POST", "/api/buckets/ada/B", {})

    assert answer.status == 409
    assert answer.json()["url"].endswith("/buckets/ada/b")
    assert answer.json()["id"] == hub.buckets.find("ada/b").facts.id


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("ada/--", {}, 400),
        ("ada/x", {"region": "mars"}, 400),
        ("ada/x", {"cdn": [{"provider": "gcp", "region": "mars"}]}, 400),
        ("ada/x", {"private": True, "visibility": "public"}, 400),
        ("ada/x", {"visibility": "protected"}, 400),
        ("ada/x", {"resourceGroupId": "0" * 24}, 400),
        ("bob/x", {}, 403),
    ],
)
def test_a_bucket_that_cannot_be_is_refused(ada, path, body, status):
    assert ada("POST", f"/api/buckets/{path}", body).status == status
    assert names(ada("GET", "/api/buckets/ada")) == ["ada/b"]


def test_a_read_token_creates_no_bucket(hub, login):
    assert login(hub, "ada", "read")("POST", "/api/buckets/ada/x", {}).status == 403


def test_lists_show_what_the_caller_may_see_and_search(ada, bob):
    ada("POST", "/api/buckets/ada/logs-1", {"private": True})
    ada("POST", "/api/buckets/ada/logs-2", {})

    assert names(ada("GET", "/api/buckets/ada")) == ["ada/b", "ada/logs-1", "ada/logs-2"]
    assert names(bob("GET", "/api/buckets/ADA")) == ["ada/b", "ada/logs-2"]
    assert names(bob("GET", "/api/buckets/ada?search=LOGS")) == ["ada/logs-2"]
    assert bob("GET", "/api/buckets/nobody").status == 404


def test_lists_have_pages(hub, ada):
    ada("POST", "/api/buckets/ada/c", {})
    hub.page_size = 1

    first = ada("GET", "/api/buckets/ada")
    following = first.headers["link"].partition(">")[0].lstrip("<").removeprefix("http://hub.test")

    assert names(first) == ["ada/b"]
    assert names(ada("GET", following)) == ["ada/c"]


def test_a_private_bucket_and_a_missing_one_look_alike(ada, bob, anyone):
    ada("POST", "/api/buckets/ada/secret", {"private": True})

    for path in ("/api/buckets/ada/secret", "/api/buckets/ada/nope", "/buckets/ada/secret/resolve/x"):
        assert bob("GET", path).error == (404, "RepoNotFound")
        assert anyone("GET", path).error == (401, "RepoNotFound")


def test_a_bucket_of_an_organization_is_as_private_as_that_wants(hub, ada, bob):
    hub.accounts.add_organization("lab", {"ada": "admin"}, default_visibility="private")
    ada("POST", "/api/buckets/lab/data", {})

    assert ada("GET", "/api/buckets/lab/data").json()["private"] is True
    assert bob("GET", "/api/buckets/lab/data").status == 404


def test_settings_that_are_not_given_stay(ada, bob):
    regions = [{"provider": "aws", "region": "eu"}]

    assert ada("PUT", f"{BUCKET}/settings", {"cdnRegions": regions}).json() == {
        "private": False,
        "cdnRegions": regions,
    }
    assert ada("PUT", f"{BUCKET}/settings", {"private": True}).json() == {"private": True, "cdnRegions": regions}

    told = ada("GET", BUCKET).json()
    assert (told["private"], told["cdnRegions"]) == (True, regions)
    assert told["updatedAt"] > told["createdAt"]
    assert bob("GET", BUCKET).status == 404
    assert ada("PUT", f"{BUCKET}/settings", {"cdnRegions": [{"provider": "x", "region": "eu"}]}).status == 400


def test_the_old_name_of_a_bucket_leads_to_the_new_one(ada, upload):
    batch(ada, added("x", upload(b"content")))
    before = ada("GET", BUCKET).json()

    assert ada("POST", "/api/repos/move", {"fromRepo": "ada/b", "toRepo": "ada/c", "type": "bucket"}).status == 200

    answer = ada("GET", f"{BUCKET}/tree?recursive=false")
    assert (answer.status, answer.headers["location"]) == (307, "/api/buckets/ada/c/tree?recursive=false")
    assert ada("HEAD", "/buckets/ada/b/resolve/x").headers["location"] == "/buckets/ada/c/resolve/x"
    assert ada("GET", "/api/buckets/ada/c").json() == {**before, "id": "ada/c"}
    assert ada("POST", BUCKET, {}).status == 200, "the old name is free again"
    assert ada("GET", f"{BUCKET}/tree").json() == []
    assert [one["path"] for one in ada("GET", "/api/buckets/ada/c/tree").json()] == ["x"]


def test_a_bucket_moves_only_to_a_free_name_and_an_own_account(ada):
    ada("POST", "/api/buckets/ada/c", {})

    for name, status in (("ada/c", 409), ("bob/c", 403), ("c", 400)):
        moved = ada("POST", "/api/repos/move", {"fromRepo": "ada/b", "toRepo": name, "type": "bucket"})
        assert moved.status == status
    missing = ada("POST", "/api/repos/move", {"fromRepo": "ada/nope", "toRepo": "ada/d", "type": "bucket"})
    assert missing.error == (404, "RepoNotFound")


def test_a_bucket_and_a_model_of_one_name_are_different(ada):
    ada("POST", "/api/repos/create", {"name": "b"})

    assert ada("DELETE", BUCKET).status == 200
    assert ada("GET", BUCKET).error == (404, "RepoNotFound")
    assert ada("GET", "/api/models/ada/b").status == 200


def test_a_deleted_bucket_leaves_nothing_to_its_successor(ada, upload):
    name = upload(b"content")
    batch(ada, added("x", name))
    ada("DELETE", BUCKET)
    ada("POST", BUCKET, {})

    assert ada("GET", f"{BUCKET}/tree").json() == []
    assert batch(ada, added("x", name)).status == 422


def test_a_bucket_of_a_user_is_in_no_resource_group(ada):
    assert ada("GET", f"{BUCKET}/resource-group").status == 404
    assert ada("POST", f"{BUCKET}/resource-group", {"resourceGroupId": "0" * 24}).status == 400
    assert ada("POST", f"{BUCKET}/resource-group", {"resourceGroupId": None}).json()["type"] == "bucket"


def test_a_hub_that_is_started_again_has_its_buckets(hub, ada, upload, tmp_path, login):
    batch(ada, added("x", upload(b"one", b"two"), mtime=1, contentType="text/plain"))
    ada("POST", "/api/repos/move", {"fromRepo": "ada/b", "toRepo": "ada/c", "type": "bucket"})
    before = [ada("GET", path).body for path in ("/api/buckets/ada/c", "/api/buckets/ada/c/tree")]
    hub.stop()

    again = login(Hub(tmp_path / "hub", xet=True), "ada")

    assert [again("GET", path).body for path in ("/api/buckets/ada/c", "/api/buckets/ada/c/tree")] == before
    assert again("GET", BUCKET).status == 307
    location = again("GET", "/buckets/ada/c/resolve/x").headers["location"]
    assert again("GET", location).body == b"onetwo"


def test_a_saved_state_has_its_buckets(hub, ada, upload):
    batch(ada, added("x", upload(b"content")))
    state, before = hub.save(), ada("GET", f"{BUCKET}/tree").body
    batch(ada, added("y", upload(b"more")), {"type": "deleteFile", "path": "x"})
    ada("POST", "/api/buckets/ada/c", {})

    hub.restore(state)

    assert ada("GET", f"{BUCKET}/tree").body == before
    assert names(ada("GET", "/api/buckets/ada")) == ["ada/b"]


def test_profiles_and_storage_usage_count_buckets(ada, bob, upload):
    batch(ada, added("x", upload(b"content")))
    ada("POST", "/api/buckets/ada/secret", {"private": True})

    assert [who("GET", "/api/users/ada/overview").json()["numBuckets"] for who in (ada, bob)] == [2, 1]
    used = ada("GET", "/api/settings/repositories?type=bucket").json()
    assert sorted((one["id"], one["storage"], one["visibility"]) for one in used) == [
        ("ada/b", 7, "public"),
        ("ada/secret", 0, "private"),
    ]


def test_a_collection_holds_buckets_under_their_current_names(ada, anyone, upload):
    batch(ada, added("x", upload(b"content")))
    slug = ada("POST", "/api/collections", {"title": "t", "namespace": "ada"}).json()["slug"]

    assert ada("POST", f"/api/collections/{slug}/items", {"item": {"type": "bucket", "id": "ada/b"}}).status == 200
    assert ada("POST", f"/api/collections/{slug}/items", {"item": {"type": "bucket", "id": "ada/x"}}).status == 404
    ada("POST", "/api/repos/move", {"fromRepo": "ada/b", "toRepo": "ada/c", "type": "bucket"})
    (item,) = anyone("GET", f"/api/collections/{slug}").json()["items"]
    assert (item["type"], item["id"], item["size"], item["totalFiles"]) == ("bucket", "ada/c", 7, 1)

    ada("PUT", "/api/buckets/ada/c/settings", {"private": True})
    assert anyone("GET", f"/api/collections/{slug}").json()["items"] == []


def test_webhooks_watch_buckets(hub, ada, upload):
    hook = {"url": "http://127.0.0.1:9/", "domains": ["repo"], "watched": [{"type": "bucket", "name": "ada/b"}]}
    assert ada("POST", "/api/settings/webhooks", hook).status == 200
    missing = {**hook, "watched": [{"type": "bucket", "name": "ada/nope"}]}
    assert ada("POST", "/api/settings/webhooks", missing).status == 404

    batch(ada, added("x", upload(b"content")))
    batch(ada, added("x", "1" * 64))
    ada("PUT", f"{BUCKET}/settings", {"private": True})
    ada("POST", "/api/buckets/ada/c", {})
    ada("DELETE", BUCKET)

    events = [(one.payload["event"]["action"], one.payload["event"]["scope"]) for one in hub.webhooks.deliveries]
    assert events == [("update", "repo.content"), ("update", "repo.config"), ("delete", "repo")]
    assert {one.payload["repo"]["type"] for one in hub.webhooks.deliveries} == {"bucket"}
