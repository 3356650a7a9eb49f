"""The operations of the area documentation as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import documentation
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST"]

EVERY = [
    becomes(documentation.list_docs, "GET /api/docs"),
    becomes(
        documentation.search_docs,
        "GET /api/docs/search",
        "q=query",
        "product=product",
        "limit=2",
        query="query",
        product="product",
        limit=2,
    ),
    becomes(
        documentation.search_docs_full_text,
        "GET /api/docs/search/full-text",
        "q=query",
        "limit=2",
        "domain=domain",
        query="query",
        limit=2,
        domain="domain",
    ),
]
LEAST: dict[str, list[str]] = {
    "documentation.search_docs": ["GET /api/docs/search", "q=query"],
    "documentation.search_docs_full_text": ["GET /api/docs/search/full-text", "q=query"],
}
