"""Collections of the embedded Hub: permissions, validation and persistence."""

from __future__ import annotations

import threading

import pytest
from hypothesis import given, strategies as st

from hub_typed.local.accounts.identity import Scope
from hub_typed.local.community.collections import Collection, Item
from hub_typed.local.errors import HubResponseError
from hub_typed.local.server.app import Hub

NO_ITEM = "0123456789abcdef01234567"


def made(caller, title="Mine", **more):
    answer = caller("POST", "/api/collections", {"title": title, "namespace": "ada", **more})
    assert answer.status == 200, answer.body
    return answer.json()


def url(collection, *more):
    return "/".join(["/api/collections", collection["slug"], *more])


def paper(number="2401.00000", **more):
    return {"item": {"type": "paper", "id": number}, **more}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"title": "T", "namespace": "bob"}, 403),
        ({"title": "T", "namespace": "nobody"}, 403),
        ({"title": "", "namespace": "ada"}, 400),
        ({"title": 5, "namespace": "ada"}, 400),
        ({"title": "x" * 61, "namespace": "ada"}, 400),
        ({"title": "T", "namespace": "ada", "description": "x" * 151}, 400),
        ({"title": "T", "namespace": "ada", "item": {"type": "model", "id": "ada/no"}}, 404),
        ({"title": "T", "namespace": "ada", "item": {"type": "song", "id": "x"}}, 400),
        ({"title": "T", "namespace": "ada", "item": {"type": "bucket", "id": "ada/b"}}, 404),
        ({"title": "T", "namespace": "ada", "resourceGroupId": NO_ITEM}, 400),
        ({"namespace": "ada"}, 400),
    ],
)
def test_what_cannot_be_a_collection_is_refused(ada, bob, body, status):
    assert ada("POST", "/api/collections", body).status == status
    assert ada("GET", "/api/collections").json() == []


def test_a_collection_can_begin_with_an_item(ada):
    collection = made(ada, item={"type": "model", "id": "ada/m"})

    (item,) = collection["items"]
    assert (item["type"], item["id"], item["author"], item["authorData"]["type"]) == ("model", "ada/m", "ada", "user")
    assert (item["likes"], item["private"], item["repoType"]) == (0, False, "model")


def test_a_title_that_is_taken_tells_the_slug(ada):
    slug = made(ada)["slug"]

    answer = ada("POST", "/api/collections", {"title": "Mine", "namespace": "ada"})

    assert (answer.status, answer.json()["slug"]) == (409, slug)


def test_changes_are_checked(ada):
    collection = made(ada)
    for body, status in (
        ({"theme": "beige"}, 400),
        ({"position": -1}, 400),
        ({"position": "1"}, 400),
        ({"title": ""}, 400),
        ({"description": "x" * 151}, 400),
        ({"gating": {"mode": "auto"}}, 403),
        ({}, 200),
    ):
        assert ada("PATCH", url(collection), body).status == status, body
    added = ada("POST", url(collection, "items"), paper()).json()["items"][0]
    for body in ({"note": "x" * 501}, {"note": 5}, {"position": -1}):
        assert ada("PATCH", url(collection, "items", added["_id"]), body).status == 400, body
    assert ada("POST", url(collection, "items"), paper("2402.00000", note="x" * 501)).status == 400
    assert ada("PATCH", url(collection, "items", NO_ITEM), {"note": "x"}).status == 404
    assert ada("GET", url(collection)).json()["items"] == [added]


def test_several_items_change_at_once(ada):
    collection = made(ada, item=paper()["item"])
    first, second = ada("POST", url(collection, "items"), paper("2402.00000", note="old")).json()["items"]
    changes = [
        {"action": "update", "_id": second["_id"], "data": {"note": "new", "position": 0}},
        {"action": "update", "_id": first["_id"], "data": {"note": "last"}},
    ]

    assert ada("POST", url(collection, "items", "batch"), changes).status == 200

    items = ada("GET", url(collection)).json()["items"]
    assert [(item["_id"], item["note"]["text"]) for item in items] == [(second["_id"], "new"), (first["_id"], "last")]


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"action": "update"}, 400),
        (["update"], 400),
        ([{"action": "update", "_id": NO_ITEM}], 400),
        ([{"action": "delete", "_id": NO_ITEM, "data": {}}], 400),
        ([{"action": "update", "_id": NO_ITEM, "data": {"gallery": []}}], 400),
        ([{"action": "update", "_id": NO_ITEM, "data": {"note": "x" * 501}}], 400),
        ([{"action": "update", "_id": NO_ITEM, "data": {"position": -1}}], 400),
        ([{"action": "update", "_id": NO_ITEM, "data": {}}], 404),
        ([], 200),
    ],
)
def test_changes_of_several_items_are_checked_and_made_together(ada, changes, status):
    collection = made(ada, item=paper()["item"])
    before = ada("GET", url(collection)).json()["items"]
    good = {"action": "update", "_id": before[0]["_id"], "data": {"note": "new"}}
    sent = [good, *changes] if changes and isinstance(changes, list) else changes

    assert ada("POST", url(collection, "items", "batch"), sent).status == status
    assert ada("GET", url(collection)).json()["items"] == before


def test_only_who_may_write_for_the_owner_changes_a_collection(hub, ada, bob, anyone, login):
    hub.accounts.add_organization("lab", {"ada": "contributor", "eve": "read"})
    eve, reader = login(hub, "eve"), login(hub, "ada", "read")
    body = {"title": "T", "namespace": "lab", "private": True}
    assert (eve("POST", "/api/collections", body).status, bob("POST", "/api/collections", body).status) == (403, 403)
    collection = ada("POST", "/api/collections", body).json()

    assert eve("GET", url(collection)).status == 200
    assert (bob("GET", url(collection)).status, anyone("GET", url(collection)).status) == (404, 401)
    assert eve("PATCH", url(collection), {"title": "E"}).status == 403
    assert reader("DELETE", url(collection)).status == 403
    assert bob("DELETE", url(collection)).status == 404
    ada("PATCH", url(collection), {"private": False})
    assert bob("DELETE", url(collection)).status == 403
    assert anyone("DELETE", url(collection)).status == 401
    assert ada("DELETE", url(collection)).status == 200


def test_a_fine_grained_token_needs_the_right(hub, ada):
    collection = made(ada)

    def holding(permission):
        return type(ada)(hub, hub.accounts.add_fine_grained("ada", [Scope(entity="ada", permissions=[permission])]))

    good, other = holding("collection.write"), holding("repo.write")

    assert other("POST", "/api/collections", {"title": "T", "namespace": "ada"}).status == 403
    assert other("PATCH", url(collection), {"title": "T"}).status == 403
    assert good("PATCH", url(collection), {"title": "T"}).status == 200


def test_lists_refuse_what_they_do_not_know(ada):
    for query in ("sort=title", "limit=0", "limit=10001", "limit=x", "item=gpt2"):
        assert ada("GET", f"/api/collections?{query}").status == 400, query


def test_lists_tell_four_items_and_no_place(ada):
    for number in ("2401", "2402", "2403", "2404", "2405"):
        collection = made(ada, number)
        ada("POST", url(collection, "items"), paper(f"{number}.00000"))
    outer = made(ada, "Outer")
    for inner in ada("GET", "/api/collections?q=240").json():
        assert ada("POST", url(outer, "items"), {"item": {"type": "collection", "id": inner["slug"]}}).status == 200

    (found,) = ada("GET", "/api/collections?q=outer").json()

    assert (len(found["items"]), "position" in found) == (4, False)
    assert len(ada("GET", url(outer)).json()["items"]) == 5
    assert ada("GET", "/api/collections?limit=2").headers["link"].endswith('cursor=2>; rel="next"')


def test_a_repository_is_found_under_its_new_name(hub, ada):
    collection = made(ada, item={"type": "model", "id": "ada/m"})
    hub.store.move(hub.store.find("model", "ada/m"), "ada/n")

    assert [item["id"] for item in ada("GET", url(collection)).json()["items"]] == ["ada/n"]


def test_an_inner_collection_that_is_deleted_vanishes(ada):
    inner, outer = made(ada, "Inner"), made(ada, "Outer")
    ada("POST", url(outer, "items"), {"item": {"type": "collection", "id": inner["slug"]}})
    ada("DELETE", url(inner))

    assert ada("GET", url(outer)).json()["items"] == []


def test_what_was_deleted_a_moment_ago_is_not_found(hub, ada):
    made(ada)
    (gone,) = hub.collections.all()
    hub.collections.delete(gone)

    for late in (
        lambda: hub.collections.position(gone),
        lambda: hub.collections.delete(gone),
        lambda: hub.collections.move(gone, 0),
        lambda: hub.collections.edit(gone, lambda now: now),
    ):
        with pytest.raises(HubResponseError, match="Collection not found"):
            late()


def test_places_are_those_among_the_collections_of_the_owner(hub, ada, bob):
    first, second = made(ada, "1"), made(ada, "2")
    bob("POST", "/api/collections", {"title": "Between", "namespace": "bob"})
    third = made(ada, "3")

    assert ada("PATCH", url(first), {"position": 99}).json()["data"]["position"] == 2
    assert [ada("GET", url(one)).json()["position"] for one in (first, second, third)] == [2, 0, 1]
    assert ada("PATCH", url(third), {"position": 0}).json()["data"]["position"] == 0
    assert [ada("GET", url(one)).json()["position"] for one in (first, second, third)] == [2, 1, 0]


def test_a_slug_is_of_one_owner(ada, bob):
    slug = made(ada)["slug"]
    for other in (f"bob/{slug.partition('/')[2]}", "ada/mine", f"ada/mine-{NO_ITEM}", "ada/"):
        assert ada("GET", f"/api/collections/{other}").status == 404, other
    assert ada("GET", f"/api/collections/ada/{slug[-24:]}").status == 200


def test_collections_are_there_when_the_hub_is_started_again(hub, ada, login):
    collection = made(ada, private=True)
    ada("POST", url(collection, "items"), paper(note="why"))
    before = ada("GET", url(collection)).json()
    again = login(Hub(hub.store._root), "ada")

    assert again("GET", url(collection)).json() == before


def test_many_may_add_to_one_collection_at_once(hub, ada):
    collection = made(ada)
    numbers = ["2401.00000", "2402.00000", "2403.00000", "2404.00000", "2405.00000", "2405.99999"]
    threads = [
        threading.Thread(target=ada, args=("POST", url(collection, "items"), paper(number))) for number in numbers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(item["id"] for item in ada("GET", url(collection)).json()["items"]) == numbers


@given(st.integers(1, 6), st.integers(0, 5), st.integers(0, 9), st.none() | st.text(max_size=3))
def test_moving_an_item_keeps_the_others_in_order(number, which, position, note):
    items = [Item(id=str(n), type="paper", target=str(n)) for n in range(number)]
    moved = items[which % number]
    before = Collection(id="c", owner="o", title="t", last_updated="", items=items)

    after = before.with_changed_item(moved.id, note=note, position=position)

    ids = [item.id for item in after.items]
    assert ids.index(moved.id) == min(position, number - 1)
    assert [one for one in ids if one != moved.id] == [item.id for item in items if item is not moved]
    assert after.items[ids.index(moved.id)].note == (note or None)


@pytest.mark.parametrize(
    ("title", "slug"),
    [("Recent models", "recent-models-c"), ("  A  (b)_C ", "a-b-c-c"), ("日本語", "c"), ("GPT-2's", "gpt-2-s-c")],
)
def test_a_slug_is_made_of_the_words_of_the_title(title, slug):
    assert Collection(id="c", owner="o", title=title, last_updated="").slug == f"o/{slug}"
