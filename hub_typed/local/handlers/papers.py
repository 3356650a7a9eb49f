"""Handlers of papers: search, lists, single papers, and what their authors change."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date as date_type, timedelta
from typing import Any

import attrs

from hub_typed.local.community.papers import Paper, stable_id
from hub_typed.local.errors import HubResponseError, bad_request, forbidden, invalid_option, not_found
from hub_typed.local.repos.store import RepoType
from hub_typed.local.request.call import Call
from hub_typed.local.request.personal import with_role
from hub_typed.local.views.profiles import describe_user
from hub_typed.local.views.repo_info import search_repos
from hub_typed_api import models
from hub_typed_api.codec.common import unstructure_discussion_comment_event
from hub_typed_api.serve import Given, Route
from hub_typed_api.server.papers import ROUTES, PapersHandlers

__all__ = ["PAPER_ROUTES", "Papers"]

_LINKS = {"projectPage": "project_page", "githubRepo": "github_repo", "organizationId": "organization"}
"""Attribute of each link in a request."""

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
        found = call.community.papers.search(query or "")
        return [_search_entry(call, one) for one in found[: limit or _MAX_FOUND]]

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
            for one in call.community.papers.all()
            if one.proposed_at is not None
            and (days is None or days[0] <= one.proposed_at.date() < days[1])
            and submitter in (None, one.proposer)
        ]
        ordered = _sorted(found, sort)
        return [_daily_entry(call, one) for one in ordered[number * size : (number + 1) * size]]

    def paper_info(self, call: Call, *, id: str, field: Sequence[str] | None = None) -> models.PaperInfo:
        paper, asked = _get_paper(call, id), set(field or ())
        if not asked <= set(_FIELDS):
            raise invalid_option("field", _FIELDS)
        info = _paper_info(call, paper)
        info.linked_models = _linked_repos(call, "model", paper)
        info.num_total_models = len(info.linked_models)
        info.linked_datasets = _linked_repos(call, "dataset", paper)
        info.num_total_datasets = len(info.linked_datasets)
        info.linked_spaces = [models.PaperSpace(id=str(one["id"])) for one in _linked_repos(call, "space", paper)]
        info.num_total_spaces = len(info.linked_spaces)
        if "comments" in asked:
            info.comment_events = [unstructure_discussion_comment_event(one) for one in _comments(call, paper)]
        if "submissionDeadline" in asked:
            info.submission_deadline = paper.published_at + _SUBMISSION_PERIOD
        return info

    def read_paper(self, call: Call, *, id: str) -> str:
        paper = _get_paper(call, id)
        if paper.text is None:
            raise not_found("This paper has no text")
        return f"# {paper.title}\n\n{', '.join(paper.authors)}\n\n## Abstract\n\n{paper.summary}\n\n{paper.text}"

    def list_recent_papers(
        self, call: Call, *, cursor: str | None = None, limit: int | None = None
    ) -> list[models.PaperInfo]:
        papers = sorted(call.community.papers.all(), key=lambda one: (one.published_at, one.id), reverse=True)
        return [_paper_info(call, one) for one in papers]

    def index_paper(self, call: Call, *, arxiv_id: str) -> dict[str, Any]:
        user = with_role(call).user.name
        known = call.community.papers.find(arxiv_id)
        if known is None:
            call.community.papers.add(arxiv_id)
        elif not _is_author(known, user):
            raise forbidden("This paper is indexed already: only its authors can index it again")
        return {}

    def update_paper_links(
        self,
        call: Call,
        *,
        id: str,
        project_page: str | None = None,
        github_repo: str | None = None,
        organization_id: str | None = None,
    ) -> dict[str, Any]:
        links = {"project_page": project_page, "github_repo": github_repo, "organization": organization_id}
        return _change_links(call, id, {name: link for name, link in links.items() if link is not None})

    def claim_paper(
        self, call: Call, *, paper_id: str, claim_author_id: str, target_user_id: str | None = None
    ) -> models.PaperClaim:
        user = with_role(call).user
        paper = _get_paper(call, paper_id)
        name = paper.author_ids.get(claim_author_id)
        if name is None:
            raise not_found("This paper has no such author")
        if target_user_id not in (None, user.id):
            raise forbidden("You can claim a paper only for yourself")
        if paper.claims.get(name, user.name) != user.name:
            raise forbidden(f"Another user is {name} already")
        call.community.papers.store(attrs.evolve(paper, claims={**paper.claims, name: user.name}))
        return models.PaperClaim(ok=True, claimed_paper_id=paper.id)


def _get_paper(call: Call, paper_id: str) -> Paper:
    paper = call.community.papers.find(paper_id)
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


def _search_entry(call: Call, paper: Paper) -> models.PaperEntry:
    """Describe a paper for search results."""
    comments = _comments(call, paper)
    return models.PaperEntry(
        paper=_paper_info(call, paper),
        published_at=paper.published_at,
        title=paper.title,
        summary=paper.summary,
        num_comments=len(comments),
        upvoted=False,
        is_author_participating=any(one.author and one.author.name in paper.claims.values() for one in comments),
    )


def _daily_entry(call: Call, paper: Paper) -> models.PaperEntry:
    """Describe a paper for the daily papers, with its submitter."""
    name = paper.proposer or ""
    proposer = models.Account(
        internal_id=stable_id(name), name=name, fullname=name, avatar_url=_avatar(name), type="user", is_pro=False
    )
    return attrs.evolve(_search_entry(call, paper), upvoted=None, submitted_by=proposer)


def _paper_info(call: Call, paper: Paper) -> models.PaperInfo:
    proposer = None
    if paper.proposer is not None:
        proposer = models.User(
            internal_id=stable_id(paper.proposer),
            username=paper.proposer,
            fullname=paper.proposer,
            avatar_url=_avatar(paper.proposer),
            type="user",
        )
    return models.PaperInfo(
        id=paper.id,
        author_infos=[_author(call, paper, author_id) for author_id in paper.author_ids],
        title=paper.title,
        summary=paper.summary,
        published_at=paper.published_at,
        submitted_at=paper.proposed_at,
        submitted_by=proposer,
        upvotes=paper.upvotes,
        discussion_id=paper.discussion_id,
        project_page=paper.project_page,
        github_repo=paper.github_repo,
        github_repo_added_by="user" if paper.github_repo else None,
        organization=_organization(call, paper),
        ai_keywords=list(paper.keywords),
    )


def _linked_repos(call: Call, repo_type: RepoType, paper: Paper) -> list[dict[str, object]]:
    """Return the repositories with the paper among their tags."""
    tag = [f"arxiv:{paper.id}"]
    found = search_repos(call, repo_type, search=None, author=None, filter=tag, sort=None, direction=None)
    return [{"_id": one.repo.facts.id, "id": one.repo.repo_id, "likes": one.common["likes"]} for one in found]


def _organization(call: Call, paper: Paper) -> models.PaperOrganization | None:
    found = None if paper.organization is None else call.accounts.organization(paper.organization)
    if found is None:
        return None
    return models.PaperOrganization(internal_id=found.id, name=found.name, fullname=found.fullname, avatar=found.avatar)


def _author(call: Call, paper: Paper, author_id: str) -> models.PaperAuthor:
    name = paper.author_ids[author_id]
    user = call.accounts.user(paper.claims.get(name, ""))
    return models.PaperAuthor(
        internal_id=author_id,
        name=name,
        hidden=False,
        user=None if user is None else describe_user(call, user),
        status=None if user is None else "claimed_verified",
    )


def _comments(call: Call, paper: Paper) -> list[models.DiscussionCommentEvent]:
    return call.community.comments.of(f"papers/{paper.id}")


def _is_author(paper: Paper, user: str) -> bool:
    return user in paper.claims.values()


def _change_links(call: Call, paper_id: str, links: Mapping[str, Any]) -> dict[str, Any]:
    """Set links of a paper, by attribute; ``None`` removes one.

    Raises:
        HubResponseError: 403, the caller may not; 400, a link is no text, or there is no such organization.
    """
    user = with_role(call).user.name
    paper, changes = _get_paper(call, paper_id), dict(links)
    if not (_is_author(paper, user) or user in (paper.proposer, call.admin)):
        raise forbidden("Only the authors of a paper and the user who submitted it can change its links")
    for name, link in changes.items():
        if not (link is None or isinstance(link, str)):
            raise bad_request(f"Invalid {name}: it must be a text or null")
    if (organization_id := changes.get("organization")) is not None:
        known = [one.name for one in call.accounts.organizations_of(user) if one.id == organization_id]
        if not known:
            raise bad_request(f"You are not a member of an organization with the id {organization_id!r}")
        changes["organization"] = known[0]
    call.community.papers.store(attrs.evolve(paper, **changes))
    return {}


def _update_links(_handlers: object, call: Call, given: Given) -> object:
    """Change the links of a paper; the generated function makes no difference between a null and an absent member."""
    body = given.json()
    return _change_links(
        call, given.path["paper_id"], {name: body[wire] for wire, name in _LINKS.items() if wire in body}
    )


PAPER_ROUTES: Sequence[Route[Any, Call]] = [
    attrs.evolve(route, bind=_update_links) if route.operation == "papers.update_paper_links" else route
    for route in ROUTES
]


def _avatar(name: str) -> str:
    return f"/avatars/{stable_id(name)}.svg"
