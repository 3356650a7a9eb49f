"""Papers: search and daily papers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date as date_type
from typing import Literal

import attrs

from hub_typed.flows.argument_checks import check_choice, check_length, check_range
from hub_typed.http.io import Io
from hub_typed.http.pages import page
from hub_typed.http.send import execute
from hub_typed_api.models import Account, PaperEntry, PaperInfo, User
from hub_typed_api.operations import papers as operations

__all__ = ["list_daily_papers", "list_papers"]

LONGEST_QUERY = 250
MOST_FOUND = 120
MOST_ON_A_PAGE = 100
SORTS = ("publishedAt", "trending")
_PERIODS = {
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "", "2024-10-29"),
    "week": (re.compile(r"\d{4}-W\d\d"), "-1", "2024-W44"),
    "month": (re.compile(r"\d{4}-\d\d"), "-01", "2024-10"),
}
"""How each is written, what makes it a date, and an example."""


async def list_papers(io: Io, *, query: str | None = None, limit: int | None = None) -> AsyncIterator[PaperInfo]:
    """Search papers by keywords and by meaning, best match first.

    Args:
        query: What to look for, at most 250 characters.
        limit: How many papers at most, 1 to 120.

    Raises:
        ValueError: The query is too long, or the limit out of bounds.
    """
    check_length("query", query, LONGEST_QUERY)
    check_range("limit", limit, 1, MOST_FOUND)
    for entry in await execute(io, operations.list_papers(query=query or None, limit=limit)):
        yield _paper(entry)


async def list_daily_papers(
    io: Io,
    *,
    date: str | None = None,
    week: str | None = None,
    month: str | None = None,
    submitter: str | None = None,
    sort: Literal["publishedAt", "trending"] | None = None,
    p: int | None = None,
    limit: int | None = None,
) -> AsyncIterator[PaperInfo]:
    """List one page of the daily papers of a day, a week, a month, or of all time.

    Args:
        date: Only those of this day, as ``2024-10-29``.
        week: Only those of this week of the ISO calendar, as ``2024-W44``.
        month: Only those of this month, as ``2024-10``.
        submitter: Only those that this user proposed.
        sort: What the list is sorted by.
        p: Which page, from 0; the first if not given. One that is empty comes after the last.
        limit: How many papers at most, 1 to 100; 50 if not given.

    Raises:
        ValueError: A period is none, or more than one is given; ``sort`` is not known; a number is out of bounds.
    """
    _check_period(date=date, week=week, month=month)
    check_choice("sort", sort, SORTS)
    check_range("p", p, 0)
    check_range("limit", limit, 1, MOST_ON_A_PAGE)
    listed = operations.list_daily_papers(
        page=p, limit=limit, date=date, week=week, month=month, submitter=submitter, sort=sort
    )
    for entry in (await page(io, listed)).items:
        yield _paper(entry)


def _check_period(**periods: str | None) -> None:
    given = {name: text for name, text in periods.items() if text is not None}
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} each name a period: pass one of them.")
    for name, text in given.items():
        pattern, rest, example = _PERIODS[name]
        if not (pattern.fullmatch(text) and _is_date(text + rest)):
            raise ValueError(f"{name}={text!r} is no {name}: write it as {example!r}.")


def _is_date(text: str) -> bool:
    try:
        date_type.fromisoformat(text)
    except ValueError:
        return False
    return True


def _paper(entry: PaperEntry) -> PaperInfo:
    """Build the paper of a list item, with the members of the item."""
    paper = entry.paper
    return attrs.evolve(
        paper,
        comments=entry.num_comments if paper.comments is None else paper.comments,
        submitted_by=paper.submitted_by or _user(entry.submitted_by),
        media_urls=paper.media_urls or entry.media_urls,
        organization=paper.organization or entry.organization,
    )


def _user(account: Account | None) -> User | None:
    """Build a user from an account."""
    if account is None:
        return None
    return User(
        internal_id=account.internal_id,
        username=account.name,
        fullname=account.fullname,
        avatar_url=account.avatar_url,
        is_pro=account.is_pro,
        type=account.type,
    )
