"""Where the pages of a repository are, and which part of a list is shown."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Generic, TypeVar

import attrs

from hub_typed.local.errors import HubResponseError
from hub_typed.local.repos.store import Repo
from hub_typed.local.request.call import Call
from hub_typed_api.serve import Given

__all__ = ["Located", "Part", "part_of"]

T = TypeVar("T")


@attrs.frozen(kw_only=True)
class Located:
    """A repository as its pages show it.

    Attributes:
        page: Path of its first page.
        private: Whether only members see it.
        gated: How access to its files is granted; false if it needs none.
        refusal: Why the caller may not read its files; ``None`` if they may.
        has_discussions: Whether its owner allows discussions.
    """

    repo: Repo
    page: str
    private: bool
    gated: str | bool
    refusal: HubResponseError | None
    has_discussions: bool

    @classmethod
    def of(cls, call: Call, repo: Repo) -> Located:
        """Locate a repository that the caller may see."""
        facts = repo.facts
        return cls(
            repo=repo,
            page=call.web_url(repo.repo_type, repo.repo_id).removeprefix(call.request.origin),
            private=facts.private,
            gated=facts.gated,
            refusal=call.access_refusal(repo),
            has_discussions=not facts.discussions_disabled,
        )

    @classmethod
    def given(cls, call: Call, given: Given) -> Located:
        """Locate the repository that a path names.

        Raises:
            HubResponseError: Errors of `Call.readable`.
        """
        return cls.of(call, call.readable(given.path.get("repo_type", "model"), given.path["repo_id"]))


@attrs.frozen
class Part(Generic[T]):
    """Part of a long list.

    Attributes:
        number: Number of this part, from 0.
        has_more: Whether there is another one.
    """

    items: list[T]
    number: int
    has_more: bool


def part_of(items: Iterable[T], given: Given, size: int) -> Part[T]:
    """Return the part of a list that the query parameter ``p`` asks for."""
    number = min(max(given.integer("p") or 0, 0), 1_000_000)
    found = list(islice(items, number * size, (number + 1) * size + 1))
    return Part(found[:size], number, len(found) > size)
