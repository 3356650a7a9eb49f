"""Rows of the operations about papers."""

from __future__ import annotations

from hub_typed_api.operations import papers
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "PAGED", "PLACES"]

EVERY = [
    becomes(papers.list_papers, "GET /api/papers/search", "q=a b", "limit=120", query="a b", limit=120),
    becomes(
        papers.list_daily_papers,
        "GET /api/daily_papers",
        "p=2",
        "limit=100",
        "date=2024-10-29",
        "week=2024-W44",
        "month=2024-10",
        "submitter=ann",
        "sort=trending",
        page=2,
        limit=100,
        date="2024-10-29",
        week="2024-W44",
        month="2024-10",
        submitter="ann",
        sort="trending",
    ),
    becomes(
        papers.paper_info,
        "GET /api/papers/2402.17764",
        "field=submissionDeadline",
        "field=comments",
        id="2402.17764",
        field=["submissionDeadline", "comments"],
    ),
    becomes(papers.read_paper, "GET /papers/2402.17764.md", id="2402.17764"),
]
LEAST: dict[str, list[str]] = {}
PLACES = ["id"]
PAGED = ["papers.list_daily_papers"]
