"""Handlers of papers: search, daily papers, single papers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date as date_type
from datetime import timedelta

import attrs

from hub_typed.local.community.papers import Paper, all_papers, find_paper, search_papers
from hub_typed.local.errors import HubFault, bad_request, not_found
from hub_typed.local.repos.store import RepoType
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import listed
from hub_typed_api import models
from hub_typed_api.server.papers import PapersHandlers

__all__ = ["Papers"]

_LONGEST_QUERY = 250
_MOST_FOUND = 120
_MOST_ON_A_PAGE = 100
_USUAL_PAGE = 50
_OPEN = timedelta(days=14)
"""For how long after its publication a paper can be proposed."""
_FIELDS = ("comments", "submissionDeadline")


class Papers(PapersHandlers[Call]):
    """Handlers of the area papers."""

    def list_papers(self, call: Call, *, query: str | None = None, limit: int | None = None) -> list[models.PaperEntry]:
        if query is not None and len(query) > _LONGEST_QUERY:
            raise bad_request(f"Invalid value for q: it has more than {_LONGEST_QUERY} characters")
        found = search_papers(query or "")
        return [_found(one) for one in found[: _checked("limit", limit, 1, _MOST_FOUND, _MOST_FOUND)]]

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
        number = _checked("p", page, 0, None, 0)
        size = _checked("limit", limit, 1, _MOST_ON_A_PAGE, _USUAL_PAGE)
        days = _days(date, week, month)
        found = [
            one
            for one in all_papers()
            if one.proposed_at is not None
            and (days is None or days[0] <= one.proposed_at.date() < days[1])
            and submitter in (None, one.proposer)
        ]
        ordered = _sorted(found, sort)
        return [_daily(one) for one in ordered[number * size : (number + 1) * size]]

    def paper_info(self, call: Call, *, id: str, field: Sequence[str] | None = None) -> models.PaperInfo:
        paper, asked = _known(id), set(field or ())
        if not asked <= set(_FIELDS):
            raise bad_request(f"Invalid value for field: {', '.join(sorted(asked - set(_FIELDS)))}")
        info = _told(paper)
        info.linked_models = _linked(call, "model", paper)
        info.num_total_models = len(info.linked_models)
        info.linked_datasets = _linked(call, "dataset", paper)
        info.num_total_datasets = len(info.linked_datasets)
        info.linked_spaces = [models.PaperSpace(id=str(one["id"])) for one in _linked(call, "space", paper)]
        info.num_total_spaces = len(info.linked_spaces)
        if "comments" in asked:
            info.comment_events = []  # nobody can comment here
        if "submissionDeadline" in asked:
            info.submission_deadline = paper.published_at + _OPEN
        return info

    def read_paper(self, call: Call, *, id: str) -> str:
        paper = _known(id)
        if paper.text is None:
            raise not_found("This paper has no text")
        return f"# {paper.title}\n\n{', '.join(paper.authors)}\n\n## Abstract\n\n{paper.summary}\n\n{paper.text}"


def _known(paper_id: str) -> Paper:
    paper = find_paper(paper_id)
    if paper is None:
        raise not_found("Paper not found")
    return paper


def _checked(name: str, number: int | None, least: int, most: int | None, usual: int) -> int:
    if number is None:
        return usual
    if number < least or (most is not None and number > most):
        raise bad_request(f"Invalid value for {name}: {number}")
    return number


def _days(date: str | None, week: str | None, month: str | None) -> tuple[date_type, date_type] | None:
    """First day of a period and first day after it; ``None`` for all days."""
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
    refused: HubFault = bad_request(f"Invalid value for {name}: {text}")
    if not re.fullmatch(pattern, text):
        raise refused
    try:
        return date_type.fromisoformat(first)
    except ValueError:
        raise refused from None


def _sorted(papers: list[Paper], sort: str | None) -> list[Paper]:
    if sort is None:
        return papers
    if sort == "publishedAt":
        return sorted(papers, key=lambda one: one.published_at, reverse=True)
    if sort == "trending":
        return sorted(papers, key=lambda one: one.upvotes, reverse=True)
    raise bad_request(f"Invalid value for sort: {sort}")


def _found(paper: Paper) -> models.PaperEntry:
    """Describe a paper for a search."""
    return models.PaperEntry(
        paper=_told(paper),
        published_at=paper.published_at,
        title=paper.title,
        summary=paper.summary,
        num_comments=0,
        upvoted=False,
        is_author_participating=False,
    )


def _daily(paper: Paper) -> models.PaperEntry:
    """Describe a paper for the daily papers, with its submitter."""
    name = paper.proposer or ""
    proposer = models.Account(
        internal_id=_id(name), name=name, fullname=name, avatar_url=_avatar(name), type="user", is_pro=False
    )
    return attrs.evolve(_found(paper), upvoted=None, submitted_by=proposer)


def _told(paper: Paper) -> models.PaperInfo:
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


def _linked(call: Call, repo_type: RepoType, paper: Paper) -> list[dict[str, object]]:
    """Repositories that have the paper among their tags."""
    tag = [f"arxiv:{paper.id}"]
    found = listed(call, repo_type, search=None, author=None, filter=tag, sort=None, direction=None)
    return [{"_id": one.repo.facts.id, "id": one.repo.repo_id, "likes": one.common["likes"]} for one in found]


def _id(*names: str) -> str:
    """A stable internal id."""
    return hashlib.sha256("/".join(names).encode()).hexdigest()[:24]


def _avatar(name: str) -> str:
    return f"/avatars/{_id(name)}.svg"
