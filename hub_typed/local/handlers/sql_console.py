"""Handlers of saved queries of the SQL console."""

from __future__ import annotations

import re
from datetime import datetime

import attrs

from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.repos.sql_queries import SqlQuery
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed_api import models
from hub_typed_api.codec.sql_console import structure_sql_view, unstructure_sql_view
from hub_typed_api.server.sql_console import SqlConsoleHandlers

__all__ = ["SqlConsole"]

_MAX_TITLE_LENGTH = 200


class SqlConsole(SqlConsoleHandlers[Call]):
    """Handlers of the operations in the area ``sql_console``."""

    def create_sql_console_embed(
        self,
        call: Call,
        *,
        repo_id: str,
        sql: str,
        title: str,
        views: list[models.SqlView],
        private: bool | None = None,
    ) -> models.SqlEmbed:
        repo = call.interactive("dataset", repo_id)
        made = SqlQuery(
            user=call.user().user.name,
            sql=_checked_sql(sql),
            title=_checked_title(title),
            views=[unstructure_sql_view(view) for view in views],
            private=bool(private),
            created_at=call.now().isoformat(),
        )
        with repo.writing():
            repo.sql_queries.put(made)
        return _described(call, repo, made)

    def update_sql_console_embed(
        self,
        call: Call,
        *,
        repo_id: str,
        embed_id: str,
        title: str | None = None,
        private: bool | None = None,
        sql: str | None = None,
    ) -> models.SqlEmbed:
        repo = call.interactive("dataset", repo_id)
        with repo.writing():
            query = _own(call, repo, embed_id)
            changed = attrs.evolve(
                query,
                title=query.title if title is None else _checked_title(title),
                private=query.private if private is None else private,
                sql=query.sql if sql is None else _checked_sql(sql),
            )
            repo.sql_queries.put(changed)
        return _described(call, repo, changed)

    def delete_sql_console_embed(self, call: Call, *, repo_id: str, embed_id: str) -> None:
        repo = call.interactive("dataset", repo_id)
        with repo.writing():
            repo.sql_queries.remove(_own(call, repo, embed_id))


def _own(call: Call, repo: Repo, query_id: str) -> SqlQuery:
    """Return a query that the caller may change.

    Raises:
        HubResponseError: 404, there is none, or it is a private one of another user; 403, it is of another user.
    """
    found = repo.sql_queries.get(query_id)
    if found.user != call.user().user.name:
        raise not_found("Query not found") if found.private else forbidden("Only its author can change a query")
    return found


def _checked_title(title: str) -> str:
    if not 1 <= len(title.strip()) <= _MAX_TITLE_LENGTH:
        raise bad_request(f"A title must have 1 to {_MAX_TITLE_LENGTH} characters")
    return title


def _checked_sql(sql: str) -> str:
    if not sql.strip():
        raise bad_request("Invalid sql: the query is empty")
    return sql


def _described(call: Call, repo: Repo, query: SqlQuery) -> models.SqlEmbed:
    user = call.accounts.user(query.user)
    words = re.findall(r"[a-z0-9]+", query.title.lower())
    return models.SqlEmbed(
        internal_id=query.id,
        repo_id=repo.facts.id,
        views=[structure_sql_view(view) for view in query.views],
        sql=query.sql,
        title=query.title,
        user_id=None if user is None else user.id,
        created_at=datetime.fromisoformat(query.created_at),
        slug="-".join([*words, query.id]),
        private=query.private,
    )
