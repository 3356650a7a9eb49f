"""Filters and sort orders shared by the lists of models, datasets and Spaces."""

from __future__ import annotations

from collections.abc import Iterable

__all__: list[str] = []

SORTED_BY = {"last_modified": "lastModified", "trending_score": "trendingScore", "created_at": "createdAt"}


def words(*given: str | Iterable[str] | None) -> list[str] | None:
    """Collect all given words in order; ``None`` if there are none."""
    found: list[str] = []
    for value in given:
        if isinstance(value, str):
            found += [value] if value else []
        elif value is not None:
            found += value
    return found or None


def tagged(kind: str, given: str | Iterable[str] | None) -> list[str]:
    """Convert words to tags with a prefix, as ``language:en``; existing tags of that prefix are kept."""
    return [word if word.startswith(f"{kind}:") else f"{kind}:{word}" for word in words(given) or ()]


def sorted_by(sort: str | None) -> str | None:
    """Return the Hub's name of a sort key."""
    return SORTED_BY.get(sort, sort) if sort else None


def refuse_with_expand(expand: Iterable[str] | None, **others: object) -> None:
    """Check that ``expand`` is not combined with other parameters that select members.

    Raises:
        ValueError: Something does; the message names it.
    """
    clashing = [name for name, value in others.items() if value]
    if expand and clashing:
        raise ValueError(f"expand names the members to answer, so it cannot go with {', '.join(clashing)}: pass one.")
