"""Collections, with both clients and both transports."""

from __future__ import annotations

import json
import pickle

import pytest

from hub_typed import Collection, CollectionItem, HfHubHTTPError, HFValidationError
from hub_typed_api.serve import Answer

MISSING = "owner/title-0123456789abcdef01234567"
PAPER = "2401.00000"


async def listed(collections):
    return [found.title async for found in collections]


def test_a_collection_comes_and_goes(play):
    async def scenario(side):
        api = side.api
        made = await api.create_collection("Recent models, 2026!", description="What is new")
        assert isinstance(made, Collection)
        assert made.slug.startswith(f"{side.hub.user}/recent-models-2026-")
        assert made.url == f"{api.endpoint}/collections/{made.slug}"
        assert (made.title, made.description, made.owner) == ("Recent models, 2026!", "What is new", side.hub.user)
        assert (made.items, made.private, made.position, made.upvotes) == ([], False, 0, 0)
        assert await api.get_collection(made.slug) == made
        await api.delete_collection(made.slug)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.get_collection(made.slug)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.delete_collection(made.slug)
        await api.delete_collection(made.slug, missing_ok=True)

    play(scenario)


def test_a_title_is_taken_once_in_a_namespace(play):
    async def scenario(side):
        api, hub = side.api, side.hub
        hub.add_organization("lab")
        mine = await api.create_collection("Same", private=True)
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.create_collection("Same")
        assert await api.create_collection("Same", exists_ok=True) == mine
        theirs = await api.create_collection("Same", namespace="lab")
        assert (theirs.owner, theirs.owner_info.type) == ("lab", "org")
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.create_collection("Same", namespace="somebody")
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.create_collection("Same", namespace="somebody", exists_ok=True)
        with pytest.raises(HfHubHTTPError, match="role read"):
            await api.create_collection("Other", token=hub.read_token)
        with pytest.raises(HfHubHTTPError, match="401"):
            await api.create_collection("Other", namespace="lab", token=False)

    play(scenario)


def test_a_hub_that_does_not_tell_the_slug_is_asked_for_the_list(play):
    async def scenario(side):
        api, hub = side.api, side.hub.hub
        made = await api.create_collection("Known")
        silent = Answer(
            status=409, headers={"content-type": "application/json"}, body=json.dumps({"error": "taken"}).encode()
        )
        hub.intercept = lambda incoming: silent if incoming.method == "POST" else None
        assert await api.create_collection("Known", exists_ok=True) == made
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.create_collection("Unknown", exists_ok=True)

    play(scenario)


def test_metadata_changes_as_far_as_it_is_given(play):
    async def scenario(side):
        api = side.api
        first = await api.create_collection("First", description="d")
        await api.create_collection("Second")
        changed = await api.update_collection_metadata(first.slug, title="New name", theme="pink", private=True)
        assert changed.slug == f"{side.hub.user}/new-name-{first.slug[-24:]}"
        assert (changed.title, changed.theme, changed.private, changed.description) == ("New name", "pink", True, "d")
        assert changed.last_updated >= first.last_updated
        assert (await api.get_collection(first.slug)).slug == changed.slug, "the old slug leads there"
        moved = await api.update_collection_metadata(changed.slug, position=1)
        assert (moved.position, moved.title) == (1, "New name")
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.update_collection_metadata(MISSING, title="x")
        stranger = side.hub.add_user("stranger")
        await api.update_collection_metadata(changed.slug, private=False)
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.update_collection_metadata(changed.slug, title="Mine", token=stranger)
        with pytest.raises(HfHubHTTPError, match="403"):
            await api.delete_collection(changed.slug, missing_ok=True, token=stranger)

    play(scenario)


def test_items_of_every_type_come_change_and_go(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        await api.create_repo(repo, repo_type="dataset")
        await api.create_repo(repo, repo_type="space", space_sdk="static")
        inner = await api.create_collection("Inner")
        outer = await api.create_collection("Outer")
        await api.add_collection_item(outer.slug, repo, "model", note="The *best*")
        await api.add_collection_item(outer.slug, repo, "dataset")
        await api.add_collection_item(outer.slug, repo, item_type="space")
        await api.add_collection_item(outer.slug, PAPER, "paper")
        full = await api.add_collection_item(outer.slug, inner.slug, "collection")
        assert all(isinstance(item, CollectionItem) for item in full.items)
        assert [(item.item_type, item.item_id, item.position, item.note) for item in full.items] == [
            ("model", repo, 0, "The *best*"),
            ("dataset", repo, 1, None),
            ("space", repo, 2, None),
            ("paper", PAPER, 3, None),
            ("collection", inner.slug, 4, None),
        ]
        last = full.items[-1]
        await api.update_collection_item(outer.slug, last.item_object_id, note="Look inside", position=0)
        await api.update_collection_item(outer.slug, full.items[0].item_object_id, note="")
        now = (await api.get_collection(outer.slug)).items
        assert [item.item_type for item in now] == ["collection", "model", "dataset", "space", "paper"]
        assert [item.note for item in now] == ["Look inside", None, None, None, None]
        await api.delete_collection_item(outer.slug, last.item_object_id)
        assert len((await api.get_collection(outer.slug)).items) == 4
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.delete_collection_item(outer.slug, last.item_object_id)
        await api.delete_collection_item(outer.slug, last.item_object_id, missing_ok=True)
        await api.delete_collection_item(MISSING, last.item_object_id, missing_ok=True)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.update_collection_item(outer.slug, last.item_object_id, note="gone")

    play(scenario)


def test_an_item_is_there_and_there_once(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        await api.create_repo(repo)
        slug = (await api.create_collection("Once")).slug
        with_it = await api.add_collection_item(slug, repo, "model", note="first")
        with pytest.raises(HfHubHTTPError, match="409"):
            await api.add_collection_item(slug, repo, "model", note="second")
        assert await api.add_collection_item(slug, repo, "model", note="second", exists_ok=True) == with_it
        for item_id, item_type in (
            (f"{repo}-no", "model"),
            (repo, "dataset"),
            ("2401.99998", "paper"),
            (MISSING, "collection"),
        ):
            with pytest.raises(HfHubHTTPError, match="404"):
                await api.add_collection_item(slug, item_id, item_type, exists_ok=True)
        with pytest.raises(HfHubHTTPError, match="404"):
            await api.add_collection_item(MISSING, repo, "model")
        with pytest.raises(HfHubHTTPError, match="400"):
            await api.add_collection_item(slug, slug, "collection")
        stranger = side.hub.add_user("stranger")
        for change in (
            api.add_collection_item(slug, PAPER, "paper", token=stranger),
            api.update_collection_item(slug, with_it.items[0].item_object_id, note="x", token=stranger),
            api.delete_collection_item(slug, with_it.items[0].item_object_id, missing_ok=True, token=stranger),
        ):
            with pytest.raises(HfHubHTTPError, match="403"):
                await change

    play(scenario)


def test_what_is_private_or_gone_is_not_shown(play):
    async def scenario(side):
        api, repo, stranger = side.api, side.repo, side.hub.add_user("stranger")
        await api.create_repo(repo, private=True)
        await api.create_repo(f"{repo}-2")
        hidden = await api.create_collection("Hidden", private=True)
        shown = (await api.create_collection("Shown")).slug
        await api.add_collection_item(shown, repo, "model")
        await api.add_collection_item(shown, f"{repo}-2", "model")
        await api.add_collection_item(shown, hidden.slug, "collection")
        for token, status in ((stranger, "404"), (False, "401")):
            with pytest.raises(HfHubHTTPError, match=status):
                await api.get_collection(hidden.slug, token=token)
            assert [item.item_id for item in (await api.get_collection(shown, token=token)).items] == [f"{repo}-2"]
            assert await listed(api.list_collections(token=token)) == ["Shown"]
        assert await listed(api.list_collections()) == ["Shown", "Hidden"]
        await api.delete_repo(f"{repo}-2")
        assert [item.item_id for item in (await api.get_collection(shown)).items] == [repo, hidden.slug]

    play(scenario)


def test_lists_are_filtered_sorted_and_short_of_items(play):
    async def scenario(side):
        api, repo = side.api, side.repo
        side.hub.add_organization("lab")
        await api.create_repo(repo)
        old = (await api.create_collection("Old and red")).slug
        await api.create_collection("New and blue", namespace="lab")
        for paper in ("2401.00000", "2402.00000", "2403.00000", "2404.00000"):
            await api.add_collection_item(old, paper, "paper")
        await api.add_collection_item(old, repo, "model")
        (found,) = [one async for one in api.list_collections(owner=side.hub.user)]
        assert (len(found.items), found.slug, found.url) == (4, old, f"{api.endpoint}/collections/{old}")
        assert await listed(api.list_collections()) == ["New and blue", "Old and red"]
        assert await listed(api.list_collections(sort="lastModified")) == ["Old and red", "New and blue"]
        assert [one.position async for one in api.list_collections(sort="lastModified")] == [0, 1]
        assert await listed(api.list_collections(owner=["lab", side.hub.user], limit=1)) == ["New and blue"]
        assert await listed(api.list_collections(item=f"models/{repo}")) == ["Old and red"]
        assert await listed(api.list_collections(item=["papers/2402.00000", "datasets/a/b"])) == ["Old and red"]
        assert await listed(api.list_collections(item="datasets/a/b")) == []
        assert await listed(api.list_collections(search="BLUE new")) == ["New and blue"]
        assert await listed(api.list_collections(owner="nobody")) == []

    play(scenario)


def test_lists_come_in_pages(play):
    async def scenario(side):
        for number in range(12):
            await side.api.create_collection(f"Number {number}")
        assert len(await listed(side.api.list_collections())) == 12
        assert [one.operation for one in side.hub.hub.requests][-2:] == ["collections.list_collections"] * 2
        assert len(await listed(side.api.list_collections(limit=11))) == 11

    play(scenario)


def test_what_the_hub_would_refuse_is_refused_before_any_request(play):
    async def scenario(side):
        api = side.api
        create = api.create_collection
        for call, arguments, message in (
            (create, {"title": ""}, "1 to 60 characters"),
            (create, {"title": "x" * 61}, "title has 61 characters, but the Hub accepts at most 60"),
            (create, {"title": "x", "description": "x" * 151}, "description has 151"),
            (api.update_collection_metadata, {"title": " "}, "1 to 60"),
            (api.update_collection_metadata, {"title": "x" * 61}, "title has 61"),
            (api.update_collection_metadata, {"description": "x" * 151}, "description has 151"),
            (api.update_collection_metadata, {"position": -1}, "at least 0"),
            (api.update_collection_metadata, {"theme": "beige"}, "'orange', 'blue'"),
            (api.add_collection_item, {"item_id": "a/b", "item_type": "modl"}, "'model', 'dataset'"),
            (api.add_collection_item, {"item_id": "a/b", "item_type": "model", "note": "x" * 501}, "at most 500"),
            (api.update_collection_item, {"item_object_id": "i", "note": "x" * 501}, "note has 501"),
            (api.update_collection_item, {"item_object_id": "i", "position": -1}, "at least 0"),
        ):
            slug = () if call is create else (MISSING,)
            with pytest.raises(ValueError, match=message):
                await call(*slug, **arguments)
        assert not side.hub.hub.requests

    play(scenario)


def test_what_is_no_slug_is_refused_before_any_request(play):
    async def scenario(side):
        api = side.api
        for slug in ("", "title", "a/b/c", "owner/", "/title", "../x"):
            for call, *more in (
                (api.get_collection,),
                (api.update_collection_metadata,),
                (api.delete_collection,),
                (api.add_collection_item, "a/b", "model"),
                (api.update_collection_item, "i"),
                (api.delete_collection_item, "i"),
            ):
                with pytest.raises(HFValidationError, match="Invalid slug"):
                    await call(slug, *more)
        assert not side.hub.hub.requests

    play(scenario)


def test_an_unknown_order_is_refused(play):
    async def scenario(side):
        with pytest.raises(ValueError, match="'lastModified', 'trending', 'upvotes'"):
            await listed(side.api.list_collections(sort="title"))

    play(scenario)


def test_a_collection_can_be_pickled(play):
    async def scenario(side):
        made = await side.api.create_collection("Kept")
        assert pickle.loads(pickle.dumps(made)) == made

    play(scenario)


def test_a_collection_without_a_resource_group_stays_without(play):
    async def scenario(side):
        side.hub.add_organization("lab")
        made = await side.api.create_collection("Models", namespace="lab")
        moved = await side.api.update_collection_resource_group(made.slug, None)
        assert (moved.slug, moved.title) == (made.slug, "Models")
        with pytest.raises(HfHubHTTPError, match="404"):
            await side.api.update_collection_resource_group(MISSING, None)

    play(scenario)
