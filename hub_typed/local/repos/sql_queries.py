"""Saved queries of the SQL console of a dataset."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.errors import not_found
from hub_typed.local.json_files import read_json, write_json

__all__ = ["SqlQueries", "SqlQuery"]


@attrs.frozen(kw_only=True)
class SqlQuery:
    """A saved query.

    Attributes:
        user: Name of its author.
        views: Tables of the query, as JSON.
        created_at: Time of creation, ISO 8601.
    """

    id: str = attrs.field(factory=lambda: secrets.token_hex(12))
    user: str
    sql: str
    title: str
    views: Sequence[Mapping[str, Any]]
    private: bool = False
    created_at: str


class SqlQueries:
    """The queries of one dataset in one file. Writers must hold the lock of the repository."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def get(self, query_id: str) -> SqlQuery:
        """Return the query with this id.

        Raises:
            HubResponseError: 404, there is no such query.
        """
        found = self._all().get(query_id)
        if found is None:
            raise not_found("Query not found")
        return found

    def put(self, query: SqlQuery) -> None:
        """Store a query that is new or was changed."""
        self._save({**self._all(), query.id: query})

    def remove(self, query: SqlQuery) -> None:
        """Delete a query."""
        self._save({id_: one for id_, one in self._all().items() if id_ != query.id})

    def _all(self) -> dict[str, SqlQuery]:
        return {one["id"]: SqlQuery(**one) for one in read_json(self._file, [])}

    def _save(self, queries: Mapping[str, SqlQuery]) -> None:
        write_json(self._file, [attrs.asdict(one) for one in queries.values()])
