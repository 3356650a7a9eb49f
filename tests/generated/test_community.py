"""What the models of collections and access requests tell beyond their members, as the reference does."""

from __future__ import annotations

import pytest

from hub_typed_api import models as m
from hub_typed_api.codec.access import structure_access_request
from hub_typed_api.codec.collections import structure_collection, unstructure_collection
from hub_typed_api.codec.webhooks import structure_webhook_info

ANN = {"name": "ann", "fullname": "Ann", "avatarUrl": "/ann.png", "type": "user"}
WHEN = "2024-02-29T12:00:00.000Z"


def test_a_collection_tells_its_owner_and_what_its_items_are_found_by():
    model = {
        "_id": "1",
        "id": "ann/m",
        "type": "model",
        "position": 0,
        "note": {"text": "Good.", "html": "<p>Good.</p>"},
    }
    inner = {"_id": "2", "id": "64f9a55b", "type": "collection", "position": 1, "slug": "bob/best-64f9a55b"}
    sent = {
        "slug": "ann/good-64f9a55b",
        "title": "Good",
        "owner": ANN,
        "items": [model, inner],
        "lastUpdated": WHEN,
        "private": False,
        "theme": "pink",
        "upvotes": 3,
        "gating": False,
    }
    collection = structure_collection(sent)
    assert (collection.owner, collection.gating) == ("ann", False)
    assert [(item.item_object_id, item.item_type, item.item_id, item.note) for item in collection.items] == [
        ("1", "model", "ann/m", "Good."),
        ("2", "collection", "bob/best-64f9a55b", None),
    ]
    assert unstructure_collection(collection) == sent
    gated = structure_collection({**sent, "gating": {"mode": "auto"}})
    assert gated.gating == m.CollectionGating(mode="auto")
    assert unstructure_collection(gated)["gating"] == {"mode": "auto"}


def test_an_access_request_tells_who_asks():
    user = {"user": "bob", "fullname": "Bob", "avatarUrl": "/bob.png", "email": "bob@hub.test"}
    request = structure_access_request({"user": user, "status": "pending", "timestamp": WHEN, "fields": {"Why": "?"}})
    assert (request.username, request.fullname, request.email) == ("bob", "Bob", "bob@hub.test")
    assert request.fields == {"Why": "?"}
    gone = structure_access_request({"status": "accepted", "timestamp": WHEN, "grantedBy": {}})
    assert (gone.username, gone.fullname, gone.email) == ("deleted", "deleted", None)
    assert gone.granted_by == m.AccessGrantor()


@pytest.mark.parametrize("disabled", [True, False, "suspended-after-failure"])
def test_a_webhook_tells_why_it_is_off(disabled):
    sent = {"id": "1", "watched": [], "domains": ["repo"], "disabled": disabled}
    assert structure_webhook_info(sent).disabled is disabled
