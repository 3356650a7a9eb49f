"""The operations on collections as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import collections
from tests.generated.rows import becomes

JSON = "content-type: application/json"
SLUG = "ann/good-models-64f9a55bb3115b4f513ec026"
ITEM = "6561329c2c671784e2b2ccb6"

EVERY = [
    becomes(
        collections.list_collections,
        "GET /api/collections",
        "owner=ann",
        "owner=bob",
        "item=models/ann/m",
        "item=papers/2311.12983",
        "q=good",
        "sort=upvotes",
        "limit=20",
        "cursor=Zm9v==",
        owner=["ann", "bob"],
        item=["models/ann/m", "papers/2311.12983"],
        search="good",
        sort="upvotes",
        limit=20,
        cursor="Zm9v==",
    ),
    becomes(
        collections.create_collection,
        "POST /api/collections",
        JSON,
        '{"title": "Good models", "namespace": "ann", "description": "Tried.", "private": true,'
        ' "resourceGroupId": "0123456789abcdef01234567", "item": {"type": "model", "id": "ann/m"}}',
        title="Good models",
        namespace="ann",
        description="Tried.",
        private=True,
        resource_group_id="0123456789abcdef01234567",
        item=m.CollectionItemInput(type="model", id="ann/m"),
    ),
    becomes(collections.get_collection, f"GET /api/collections/{SLUG}", collection_slug=SLUG),
    becomes(
        collections.update_collection_metadata,
        f"PATCH /api/collections/{SLUG}",
        JSON,
        '{"title": "Best", "description": "Tried.", "position": 0, "private": false, "theme": "pink",'
        ' "gating": {"mode": "manual", "notifications": {"mode": "bulk", "email": "ann@hub.test"}}}',
        collection_slug=SLUG,
        title="Best",
        description="Tried.",
        position=0,
        private=False,
        theme="pink",
        gating=m.CollectionGating(
            mode="manual", notifications=m.CollectionNotifications(mode="bulk", email="ann@hub.test")
        ),
    ),
    becomes(collections.delete_collection, f"DELETE /api/collections/{SLUG}", collection_slug=SLUG),
    becomes(
        collections.add_collection_item,
        f"POST /api/collections/{SLUG}/items",
        JSON,
        '{"item": {"type": "paper", "id": "2311.12983"}, "note": "Read it."}',
        collection_slug=SLUG,
        item=m.CollectionItemInput(type="paper", id="2311.12983"),
        note="Read it.",
    ),
    becomes(
        collections.update_collection_item,
        f"PATCH /api/collections/{SLUG}/items/{ITEM}",
        JSON,
        '{"note": "", "position": 0}',
        collection_slug=SLUG,
        item_object_id=ITEM,
        note="",
        position=0,
    ),
    becomes(
        collections.update_collection_items,
        f"POST /api/collections/{SLUG}/items/batch",
        JSON,
        f'[{{"action": "update", "_id": "{ITEM}", "data": {{"note": "", "position": 0, "gallery": ["https://a.test/b"]}}}}]',
        collection_slug=SLUG,
        items=[
            m.CollectionItemAction(
                action="update",
                item_object_id=ITEM,
                data=m.CollectionItemChange(note="", position=0, gallery=["https://a.test/b"]),
            )
        ],
    ),
    becomes(
        collections.delete_collection_item,
        f"DELETE /api/collections/{SLUG}/items/{ITEM}",
        collection_slug=SLUG,
        item_object_id=ITEM,
    ),
    becomes(
        collections.update_collection_resource_group,
        f"POST /api/collections/{SLUG}/resource-group",
        JSON,
        '{"resourceGroupId": null}',
        collection_slug=SLUG,
        resource_group_id=None,
    ),
    becomes(
        collections.get_collection_resource_group,
        "GET /api/collections/ann/title-64f9a55bb3115b4f513ec026/resource-group",
        collection_slug="ann/title-64f9a55bb3115b4f513ec026",
    ),
]
LEAST = {
    "collections.list_collections": ["GET /api/collections"],
    "collections.create_collection": [
        "POST /api/collections",
        JSON,
        '{"title": "Good models", "namespace": "ann"}',
    ],
    "collections.update_collection_metadata": [f"PATCH /api/collections/{SLUG}", JSON, "{}"],
    "collections.add_collection_item": [
        f"POST /api/collections/{SLUG}/items",
        JSON,
        '{"item": {"type": "paper", "id": "2311.12983"}}',
    ],
    "collections.update_collection_item": [f"PATCH /api/collections/{SLUG}/items/{ITEM}", JSON, "{}"],
}
PLACES = ["collection_slug", "item_object_id"]
PAGED = ["collections.list_collections"]
POSITIONAL = {"collections.update_collection_resource_group": ["collection_slug", "resource_group_id"]}
