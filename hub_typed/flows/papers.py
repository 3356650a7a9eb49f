"""Papers: search and daily papers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date as date_type
from typing import Literal

from hub_typed.flows.argument_checks import check_choice, check_length, check_range
from hub_typed.http.io import Io
from hub_typed.http.pages import pages
from hub_typed.http.send import execute
from hub_typed_api.models import Account, PaperEntry, PaperInfo, User
from hub_typed_api.operations import papers as operations

__all__ = ["list_daily_papers", "list_papers"]

MAX_QUERY_LENGTH = 250
MAX_RESULTS = 120
MAX_PAGE_SIZE = 100
DEFAULT_TOTAL = 50
SORTS = ("publishedAt", "trending")
_PERIODS = {
    "date": (re.compile(r"\d{4}-\d\d-\d\d"), "", "2024-10-29"),
    "week": (re.compile(r"\d{4}-W\d\d"), "-1", "2024-W44"),
    "month": (re.compile(r"\d{4}-\d\d"), "-01", "2024-10"),
}
"""Pattern of each period, suffix that completes it to an ISO date, and an example."""


async def list_papers(io: Io, *, query: str | None = None, limit: int | None = None) -> AsyncIterator[PaperInfo]:
    """Search papers by keywords and by meaning, best matches first.

    Args:
        query: Search text, at most 250 characters.
        limit: Maximum number of papers; the Hub returns at most 120.

    Raises:
        ValueError: The query is too long, or the limit is negative.
    """
    check_length("query", query, MAX_QUERY_LENGTH)
    check_range("limit", limit, 0)
    if limit == 0:
        return
    most = None if limit is None else min(limit, MAX_RESULTS)
    for entry in (await execute(io, operations.list_papers(query=query or None, limit=most)))[:limit]:
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
    """List the daily papers of a day, a week, a month, or of all time.

    Args:
        date: Only papers of this day, for example ``2024-10-29``.
        week: Only papers of this ISO week, for example ``2024-W44``.
        month: Only papers of this month, for example ``2024-10``.
        submitter: Only papers that this user submitted.
        sort: Sort key.
        p: Number of the group of ``limit`` papers, from 0; the first one if not given. Those after the last are empty.
        limit: Maximum number of papers; 50 if not given.

    Raises:
        ValueError: A period is invalid, several periods are given, ``sort`` is unknown, or a number is out of range.
    """
    _check_period(date=date, week=week, month=month)
    check_choice("sort", sort, SORTS)
    check_range("p", p, 0)
    check_range("limit", limit, 0)
    total = DEFAULT_TOTAL if limit is None else limit
    size = min(total, MAX_PAGE_SIZE)
    if size == 0:
        return
    number, skipped = divmod((p or 0) * total, size)
    listed = operations.list_daily_papers(
        page=None if p is None else number,
        limit=None if limit is None else size,
        date=date,
        week=week,
        month=month,
        submitter=submitter,
        sort=sort,
    )
    stop = skipped + total
    seen = 0
    async for got in pages(io, listed):
        for entry in got.items[max(0, skipped - seen) : stop - seen]:
            yield _paper(entry)
        seen += len(got.items)
        if seen >= stop or len(got.items) < size:
            return


def _check_period(**periods: str | None) -> None:
    given = {name: text for name, text in periods.items() if text is not None}
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)} each select a period: pass only one of them.")
    for name, text in given.items():
        pattern, suffix, example = _PERIODS[name]
        if not (pattern.fullmatch(text) and _is_date(text + suffix)):
            raise ValueError(f"{name}={text!r} is not a valid {name}: pass it in the form {example!r}.")


def _is_date(text: str) -> bool:
    try:
        date_type.fromisoformat(text)
    except ValueError:
        return False
    return True


def _paper(entry: PaperEntry) -> PaperInfo:
    """Return the paper of a list item, completed with the fields of the item."""
    paper = entry.paper
    paper.comments = entry.num_comments if paper.comments is None else paper.comments
    paper.submitted_by = paper.submitted_by or _user(entry.submitted_by)
    paper.media_urls = paper.media_urls or entry.media_urls
    paper.organization = paper.organization or entry.organization
    return paper


def _user(account: Account | None) -> User | None:
    """Return an account as a user."""
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
