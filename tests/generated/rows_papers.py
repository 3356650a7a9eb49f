"""Rows of the operations about papers."""

from __future__ import annotations

from hub_typed_api.operations import papers
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PAGED", "PLACES"]

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
    becomes(papers.list_recent_papers, "GET /api/papers", "cursor=cursor", "limit=2", cursor="cursor", limit=2),
    becomes(
        papers.index_paper,
        "POST /api/papers/index",
        "content-type: application/json",
        '{"arxivId": "arxiv id"}',
        arxiv_id="arxiv id",
    ),
    becomes(
        papers.update_paper_links,
        "POST /api/papers/id/links",
        "content-type: application/json",
        '{"projectPage": "project page", "githubRepo": "github repo", "organizationId": "organization id"}',
        id="id",
        project_page="project page",
        github_repo="github repo",
        organization_id="organization id",
    ),
    becomes(
        papers.claim_paper,
        "POST /api/settings/papers/claim",
        "content-type: application/json",
        '{"paperId": "2106.09685", "claimAuthorId": "claim author id", "targetUserId": "target user id"}',
        paper_id="2106.09685",
        claim_author_id="claim author id",
        target_user_id="target user id",
    ),
]
LEAST: dict[str, list[str]] = {
    "papers.list_recent_papers": ["GET /api/papers"],
    "papers.update_paper_links": ["POST /api/papers/id/links", "content-type: application/json", "{}"],
    "papers.claim_paper": [
        "POST /api/settings/papers/claim",
        "content-type: application/json",
        '{"paperId": "2106.09685", "claimAuthorId": "claim author id"}',
    ],
}
PLACES = ["id"]
PAGED = [
    "papers.list_daily_papers",
    "papers.list_recent_papers",
]

ONCE = {"papers.claim_paper", "papers.index_paper", "papers.update_paper_links"}
