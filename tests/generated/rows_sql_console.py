"""The operations of the area sql console as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import sql_console
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        sql_console.create_sql_console_embed,
        "POST /api/datasets/ann/set/sql-console/embed",
        "content-type: application/json",
        '{"sql": "sql", "title": "title", "views": [{"key": "key", "displayName": "display name",'
        ' "viewName": "view name"}], "private": true}',
        repo_id="ann/set",
        sql="sql",
        title="title",
        views=[m.SqlView(key="key", display_name="display name", view_name="view name")],
        private=True,
    ),
    becomes(
        sql_console.update_sql_console_embed,
        "PATCH /api/datasets/ann/set/sql-console/embed/embed%20id",
        "content-type: application/json",
        '{"title": "title", "private": true, "sql": "sql"}',
        repo_id="ann/set",
        embed_id="embed id",
        title="title",
        private=True,
        sql="sql",
    ),
    becomes(
        sql_console.delete_sql_console_embed,
        "DELETE /api/datasets/ann/set/sql-console/embed/embed%20id",
        repo_id="ann/set",
        embed_id="embed id",
    ),
]
LEAST: dict[str, list[str]] = {
    "sql_console.create_sql_console_embed": [
        "POST /api/datasets/ann/set/sql-console/embed",
        "content-type: application/json",
        (
            '{"sql": "sql", "title": "title", "views": [{"key": "key", "displayName": "display name",'
            ' "viewName": "view name"}]}'
        ),
    ],
    "sql_console.update_sql_console_embed": [
        "PATCH /api/datasets/ann/set/sql-console/embed/embed%20id",
        "content-type: application/json",
        "{}",
    ],
}
ONCE = {"sql_console.create_sql_console_embed", "sql_console.update_sql_console_embed"}
PLACES = ("embed_id",)
