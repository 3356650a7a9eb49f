"""Handlers of papers: search, daily papers, single papers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date as date_type, timedelta

import attrs

from hub_typed.local.community.papers import Paper, all_papers, find_paper, search_papers
from hub_typed.local.errors import HubResponseError, bad_request, invalid_option, not_found
from hub_typed.local.repos.store import RepoType
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import search_repos
from hub_typed_api import models
from hub_typed_api.server.papers import PapersHandlers

__all__ = ["Papers"]

_MAX_QUERY_LENGTH = 250
_MAX_FOUND = 120
_DEFAULT_PAGE_SIZE = 50
_SUBMISSION_PERIOD = timedelta(days=14)
"""Time after its publication in which a paper can be submitted."""
_FIELDS = ("comments", "submissionDeadline")


class Papers(PapersHandlers[Call]):
    """Handlers of the operations in the area ``papers``."""

    def list_papers(self, call: Call, *, query: str | None = None, limit: int | None = None) -> list[models.PaperEntry]:
        if query is not None and len(query) > _MAX_QUERY_LENGTH:
            raise bad_request(f"Invalid value for q: it has more than {_MAX_QUERY_LENGTH} characters")
        found = search_papers(query or "")
        return [_search_entry(one) for one in found[: limit or _MAX_FOUND]]

    def list_daily_papers(
        self,
        call: Call,
        *,
        page: int | None = None,
        limit: int | None = None,
        date: str | None = None,
        week: str | None = None,
        month: str | None = None,
        submitter: str | None = None,
        sort: str | None = None,
    ) -> list[models.PaperEntry]:
        number, size = page or 0, limit or _DEFAULT_PAGE_SIZE
        days = _days(date, week, month)
        found = [
            one
            for one in all_papers()
            if one.proposed_at is not None
            and (days is None or days[0] <= one.proposed_at.date() < days[1])
            and submitter in (None, one.proposer)
        ]
        ordered = _sorted(found, sort)
        return [_daily_entry(one) for one in ordered[number * size : (number + 1) * size]]

    def paper_info(self, call: Call, *, id: str, field: Sequence[str] | None = None) -> models.PaperInfo:
        paper, asked = _get_paper(id), set(field or ())
        if not asked <= set(_FIELDS):
            raise invalid_option("field", _FIELDS)
        info = _paper_info(paper)
        info.linked_models = _linked_repos(call, "model", paper)
        info.num_total_models = len(info.linked_models)
        info.linked_datasets = _linked_repos(call, "dataset", paper)
        info.num_total_datasets = len(info.linked_datasets)
        info.linked_spaces = [models.PaperSpace(id=str(one["id"])) for one in _linked_repos(call, "space", paper)]
        info.num_total_spaces = len(info.linked_spaces)
        if "comments" in asked:
            info.comment_events = []  # papers have no comments here
        if "submissionDeadline" in asked:
            info.submission_deadline = paper.published_at + _SUBMISSION_PERIOD
        return info

    def read_paper(self, call: Call, *, id: str) -> str:
        paper = _get_paper(id)
        if paper.text is None:
            raise not_found("This paper has no text")
        return f"# {paper.title}\n\n{', '.join(paper.authors)}\n\n## Abstract\n\n{paper.summary}\n\n{paper.text}"


def _get_paper(paper_id: str) -> Paper:
    paper = find_paper(paper_id)
    if paper is None:
        raise not_found("Paper not found")
    return paper


def _days(date: str | None, week: str | None, month: str | None) -> tuple[date_type, date_type] | None:
    """Return the first day of a period and the first day after it; ``None`` for all days."""
    if date is not None:
        first = _first_day("date", r"\d{4}-\d\d-\d\d", date, date)
        return first, first + timedelta(days=1)
    if week is not None:
        first = _first_day("week", r"\d{4}-W\d\d", week, f"{week}-1")
        return first, first + timedelta(weeks=1)
    if month is not None:
        first = _first_day("month", r"\d{4}-\d\d", month, f"{month}-01")
        return first, (first + timedelta(days=31)).replace(day=1)
    return None


def _first_day(name: str, pattern: str, text: str, first: str) -> date_type:
    error: HubResponseError = bad_request(f"Invalid value for {name}: {text}")
    if not re.fullmatch(pattern, text):
        raise error
    try:
        return date_type.fromisoformat(first)
    except ValueError:
        raise error from None


def _sorted(papers: list[Paper], sort: str | None) -> list[Paper]:
    if sort is None:
        return papers
    if sort == "publishedAt":
        return sorted(papers, key=lambda one: one.published_at, reverse=True)
    if sort == "trending":
        return sorted(papers, key=lambda one: one.upvotes, reverse=True)
    raise invalid_option("sort", ("publishedAt", "trending"))


def _search_entry(paper: Paper) -> models.PaperEntry:
    """Describe a paper for search results."""
    return models.PaperEntry(
        paper=_paper_info(paper),
        published_at=paper.published_at,
        title=paper.title,
        summary=paper.summary,
        num_comments=0,
        upvoted=False,
        is_author_participating=False,
    )


def _daily_entry(paper: Paper) -> models.PaperEntry:
    """Describe a paper for the daily papers, with its submitter."""
    name = paper.proposer or ""
    proposer = models.Account(
        internal_id=_id(name), name=name, fullname=name, avatar_url=_avatar(name), type="user", is_pro=False
    )
    return attrs.evolve(_search_entry(paper), upvoted=None, submitted_by=proposer)


def _paper_info(paper: Paper) -> models.PaperInfo:
    proposer = None
    if paper.proposer is not None:
        proposer = models.User(
            internal_id=_id(paper.proposer),
            username=paper.proposer,
            fullname=paper.proposer,
            avatar_url=_avatar(paper.proposer),
            type="user",
        )
    return models.PaperInfo(
        id=paper.id,
        author_infos=[
            models.PaperAuthor(internal_id=_id(paper.id, name), name=name, hidden=False) for name in paper.authors
        ],
        title=paper.title,
        summary=paper.summary,
        published_at=paper.published_at,
        submitted_at=paper.proposed_at,
        submitted_by=proposer,
        upvotes=paper.upvotes,
        discussion_id=_id(paper.id),
        ai_keywords=list(paper.keywords),
    )


def _linked_repos(call: Call, repo_type: RepoType, paper: Paper) -> list[dict[str, object]]:
    """Return the repositories with the paper among their tags."""
    tag = [f"arxiv:{paper.id}"]
    found = search_repos(call, repo_type, search=None, author=None, filter=tag, sort=None, direction=None)
    return [{"_id": one.repo.facts.id, "id": one.repo.repo_id, "likes": one.common["likes"]} for one in found]


def _id(*names: str) -> str:
    """Return a stable internal id."""
    return hashlib.sha256("/".join(names).encode()).hexdigest()[:24]


def _avatar(name: str) -> str:
    return f"/avatars/{_id(name)}.svg"
