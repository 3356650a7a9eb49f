"""Saved queries of the SQL console."""

from __future__ import annotations

import pytest

from hub_typed import HfApi, operations
from hub_typed.errors import HfHubHTTPError
from hub_typed.local import LocalHub
from hub_typed.local.server.app import Hub
from tests.local.conftest import Caller

EMBED = "/api/datasets/ada/d/sql-console/embed"
VIEW = {"key": "default/train", "displayName": "train", "viewName": "train"}
QUERY = {"sql": "SELECT 1", "title": "One row", "views": [VIEW]}


@pytest.fixture(autouse=True)
def _dataset(ada):
    assert ada("POST", "/api/repos/create", {"name": "d", "type": "dataset"}).status == 200


def test_a_query_is_saved_changed_and_deleted(hub, bob):
    made = bob("POST", EMBED, QUERY).json()
    assert (made["sql"], made["views"], made["private"]) == ("SELECT 1", [VIEW], False)
    assert made["userId"] == hub.accounts.user("bob").id
    assert made["slug"].startswith("one-row-")

    again = Caller(Hub(hub._root), bob.token)
    changed = again("PATCH", f"{EMBED}/{made['_id']}", {"title": "Two", "private": True}).json()

    assert changed == {**made, "title": "Two", "private": True, "slug": f"two-{made['_id']}"}
    assert again("DELETE", f"{EMBED}/{made['_id']}").status == 204
    assert again("DELETE", f"{EMBED}/{made['_id']}").status == 404


def test_only_its_author_changes_a_query(ada, bob, anyone):
    url = f"{EMBED}/{bob('POST', EMBED, QUERY).json()['_id']}"
    hidden = f"{EMBED}/{bob('POST', EMBED, {**QUERY, 'private': True}).json()['_id']}"

    assert (ada("PATCH", url, {"sql": "x"}).status, ada("DELETE", url).status) == (403, 403)
    assert ada("PATCH", hidden, {"sql": "x"}).status == 404
    assert anyone("POST", EMBED, QUERY).status == 401
    assert bob("PATCH", url, {"sql": "SELECT 2"}).json()["sql"] == "SELECT 2"


@pytest.mark.parametrize("wrong", [{"title": ""}, {"title": "x" * 201}, {"sql": " "}])
def test_what_makes_no_query_is_refused(ada, wrong):
    assert ada("POST", EMBED, QUERY | wrong).status == 400


def test_the_client_deletes_a_query():
    with LocalHub() as hub, HfApi(hub.endpoint, hub.token) as api:
        repo_id = api.create_repo("d", repo_type="dataset").repo_id
        console = operations.sql_console
        made = api.call(console.create_sql_console_embed(repo_id, sql="SELECT 1", title="Row", views=[]))

        for _ in range(2):  # the connection stays good
            deleted = console.delete_sql_console_embed(repo_id, embed_id=made.internal_id)
            made = api.call(console.create_sql_console_embed(repo_id, sql="SELECT 1", title="Row", views=[]))
            api.call(deleted)

        with pytest.raises(HfHubHTTPError):
            api.call(deleted)
