"""Pages of lists."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from hub_typed.local.incoming_request import IncomingRequest
from hub_typed.local.server.responses import JSON, text_response
from hub_typed_api.serve import Answer, Listed

__all__ = ["answer_page"]

_PAGE_SIZES: Final = {
    "collections.list_collections": 10,
    "commits.list_repo_commits": 50,
    "papers.list_recent_papers": 50,
}
"""Default page sizes of operations; that of the Hub for all others."""


def answer_page(
    result: Listed, operation: str, query: Mapping[str, Sequence[str]], incoming: IncomingRequest, page_size: int
) -> Answer:
    """Respond with one page of a list. The cursor is an offset, so concurrent additions can shift the pages.

    Args:
        page_size: Maximum number of items on a page, whatever the request asks for.
    """
    size = min(_number(query, "limit", _PAGE_SIZES.get(operation, page_size)), page_size)
    start = max(_number(query, "cursor", _number(query, "p", 0) * size), 0)
    stop = start + size
    items = [result.unstructure(item) for item in result.items[start:stop]]
    headers = {"x-total-count": str(len(result.items))}
    if stop < len(result.items):
        following = urlencode({**query, "cursor": str(stop)}, doseq=True)
        headers["link"] = f'<{incoming.origin}{incoming.path}?{following}>; rel="next"'
    return text_response(200, json.dumps(items), JSON, headers)


def _number(query: Mapping[str, Sequence[str]], name: str, default: int) -> int:
    return int(query[name][-1]) if query.get(name) else default
