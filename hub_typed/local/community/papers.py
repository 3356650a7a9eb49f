"""Papers: a few invented ones, with numbers that arXiv never assigns, and those that users add."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.json_files import read_json, write_json

__all__ = ["Paper", "Papers", "stable_id"]

_ARXIV_ID = re.compile(r"(\d\d)(0[1-9]|1[0-2])\.\d{4,5}")


def stable_id(*names: str) -> str:
    """Return an internal id that is always the same for these names."""
    return hashlib.sha256("/".join(names).encode()).hexdigest()[:24]


def _date(given: str | datetime) -> datetime:
    return given if isinstance(given, datetime) else datetime.fromisoformat(given)


@attrs.frozen(kw_only=True)
class Paper:
    """A paper.

    Attributes:
        proposed_at: Time of its proposal for the daily papers; ``None`` if it was not proposed.
        proposer: Name of the user who proposed it.
        text: Text after the abstract, in Markdown; ``None`` if the Hub has only the abstract.
        claims: Name of the user who is an author, by the name of the author.
        organization: Name of the organization that submitted it.
    """

    id: str
    title: str
    summary: str
    authors: Sequence[str]
    published_at: datetime = attrs.field(converter=_date)
    proposed_at: datetime | None = attrs.field(default=None, converter=attrs.converters.optional(_date))
    proposer: str | None = None
    upvotes: int = 0
    keywords: Sequence[str] = ()
    text: str | None = None
    claims: Mapping[str, str] = attrs.field(factory=dict[str, str])
    project_page: str | None = None
    github_repo: str | None = None
    organization: str | None = None

    @property
    def internal_id(self) -> str:
        """Internal id of the paper."""
        return stable_id("papers", self.id)

    @property
    def discussion_id(self) -> str:
        """Internal id of its discussion."""
        return stable_id(self.id)

    @property
    def author_ids(self) -> dict[str, str]:
        """Name of each author by internal id."""
        return {stable_id(self.id, name): name for name in self.authors}


class Papers:
    """All papers: the invented ones, and in a file those that were added or changed."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        invented = json.loads(files("hub_typed.local").joinpath("papers.json").read_text(encoding="utf-8"))
        self._invented = {one["id"]: Paper(**one) for one in invented}
        self._stored = {one["id"]: Paper(**one) for one in read_json(file, [])}

    def all(self) -> list[Paper]:
        """List all papers by time of their proposal, or else of their publication, newest first."""
        papers = (self._invented | self._stored).values()
        return sorted(papers, key=lambda one: (one.proposed_at or one.published_at, one.id), reverse=True)

    def find(self, paper_id: str) -> Paper | None:
        """Return the paper with this number, or ``None``."""
        return self._stored.get(paper_id) or self._invented.get(paper_id)

    def search(self, query: str) -> list[Paper]:
        """Find papers that contain all words of a query; those with more of them in the title come first."""
        words = query.lower().split()

        def in_title(paper: Paper) -> int:
            return sum(word in paper.title.lower() for word in words)

        found = [one for one in self.all() if all(word in _searchable_text(one) for word in words)]
        return sorted(found, key=in_title, reverse=True)

    def add(self, arxiv_id: str) -> Paper:
        """Add a paper of arXiv, of which only the number and the month are known: this Hub does not ask arXiv.

        Raises:
            HubResponseError: 400, arXiv has no such numbers.
        """
        found = _ARXIV_ID.fullmatch(arxiv_id)
        if found is None:
            raise bad_request(f"Invalid arxivId: {arxiv_id!r}, it must look like 2106.09685")
        published = datetime(2000 + int(found[1]), int(found[2]), 1, tzinfo=UTC)
        made = Paper(id=arxiv_id, title=f"arXiv:{arxiv_id}", summary="", authors=(), published_at=published)
        self.store(made)
        return made

    def store(self, paper: Paper) -> None:
        """Store a paper that was added or changed."""
        with self._lock:
            self._stored = {**self._stored, paper.id: paper}
            write_json(self._file, [attrs.asdict(one, value_serializer=_to_json) for one in self._stored.values()])


def _to_json(_owner: object, _attribute: object, value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _searchable_text(paper: Paper) -> str:
    return " ".join([paper.id, paper.title, paper.summary, *paper.authors, *paper.keywords]).lower()
