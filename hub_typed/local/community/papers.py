"""Papers: a few invented ones, with numbers that arXiv does not assign."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from importlib.resources import files

import attrs

__all__ = ["Paper", "all_papers", "find_paper", "search_papers"]


def _date(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else _date(text)


@attrs.frozen(kw_only=True)
class Paper:
    """A paper.

    Attributes:
        proposed_at: When somebody proposed it for the daily papers; ``None`` if nobody did.
        proposer: Name of who did.
        text: What follows the abstract, in Markdown; ``None`` if the Hub has no more than that.
    """

    id: str
    title: str
    summary: str
    authors: Sequence[str]
    published_at: datetime = attrs.field(converter=_date)
    proposed_at: datetime | None = attrs.field(converter=_moment)
    proposer: str | None
    upvotes: int
    keywords: Sequence[str]
    text: str | None


@cache
def all_papers() -> tuple[Paper, ...]:
    """List all papers: proposed ones first, newest first."""
    kept = json.loads(files("hub_typed.local").joinpath("papers.json").read_text(encoding="utf-8"))
    papers = [Paper(**one) for one in kept]
    return tuple(sorted(papers, key=lambda one: (one.proposed_at or one.published_at, one.id), reverse=True))


def find_paper(paper_id: str) -> Paper | None:
    """Find the paper with this number."""
    return next((one for one in all_papers() if one.id == paper_id), None)


def search_papers(query: str) -> list[Paper]:
    """Find papers that contain all words, those with most of them in the title first."""
    words = query.lower().split()

    def in_title(paper: Paper) -> int:
        return sum(word in paper.title.lower() for word in words)

    found = [one for one in all_papers() if all(word in _searched(one) for word in words)]
    return sorted(found, key=in_title, reverse=True)


def _searched(paper: Paper) -> str:
    return " ".join([paper.id, paper.title, paper.summary, *paper.authors, *paper.keywords]).lower()
