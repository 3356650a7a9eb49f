"""Papers: a few invented ones, with numbers that arXiv never assigns."""

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


def _optional_date(text: str | None) -> datetime | None:
    return None if text is None else _date(text)


@attrs.frozen(kw_only=True)
class Paper:
    """A paper.

    Attributes:
        proposed_at: Time of its proposal for the daily papers; ``None`` if it was not proposed.
        proposer: Name of the user who proposed it.
        text: Text after the abstract, in Markdown; ``None`` if the Hub has only the abstract.
    """

    id: str
    title: str
    summary: str
    authors: Sequence[str]
    published_at: datetime = attrs.field(converter=_date)
    proposed_at: datetime | None = attrs.field(converter=_optional_date)
    proposer: str | None
    upvotes: int
    keywords: Sequence[str]
    text: str | None


@cache
def all_papers() -> tuple[Paper, ...]:
    """List all papers by time of their proposal, or else of their publication, newest first."""
    stored = json.loads(files("hub_typed.local").joinpath("papers.json").read_text(encoding="utf-8"))
    papers = [Paper(**one) for one in stored]
    return tuple(sorted(papers, key=lambda one: (one.proposed_at or one.published_at, one.id), reverse=True))


def find_paper(paper_id: str) -> Paper | None:
    """Return the paper with this number, or ``None``."""
    return next((one for one in all_papers() if one.id == paper_id), None)


def search_papers(query: str) -> list[Paper]:
    """Find papers that contain all words of a query; those with more of them in the title come first."""
    words = query.lower().split()

    def in_title(paper: Paper) -> int:
        return sum(word in paper.title.lower() for word in words)

    found = [one for one in all_papers() if all(word in _searchable_text(one) for word in words)]
    return sorted(found, key=in_title, reverse=True)


def _searchable_text(paper: Paper) -> str:
    return " ".join([paper.id, paper.title, paper.summary, *paper.authors, *paper.keywords]).lower()
