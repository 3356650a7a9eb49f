"""Filters and sort keys shared by the lists of models, datasets and Spaces."""

from __future__ import annotations

from collections.abc import Iterable

__all__: list[str] = []

SORT_KEYS = {"last_modified": "lastModified", "trending_score": "trendingScore", "created_at": "createdAt"}


def merge_values(*given: str | Iterable[str] | None) -> list[str] | None:
    """Return all given values in one list, in order; ``None`` if there are none."""
    values: list[str] = []
    for value in given:
        if isinstance(value, str):
            values += [value] if value else []
        elif value is not None:
            values += value
    return values or None


def prefixed_tags(kind: str, given: str | Iterable[str] | None) -> list[str]:
    """Return values as tags with a prefix, such as ``language:en``; values that already have the prefix are kept."""
    return [value if value.startswith(f"{kind}:") else f"{kind}:{value}" for value in merge_values(given) or ()]


def sort_key(sort: str | None) -> str | None:
    """Return the name of a sort key in the API of the Hub."""
    return SORT_KEYS.get(sort, sort) if sort else None


def refuse_with_expand(expand: Iterable[str] | None, **others: object) -> None:
    """Check that ``expand`` is not combined with other parameters that select fields.

    Raises:
        ValueError: It is; the message names the parameters.
    """
    conflicting = [name for name, value in others.items() if value]
    if expand and conflicting:
        raise ValueError(
            f"expand selects the fields to return, so it cannot be combined with {', '.join(conflicting)}: "
            "pass only one of them."
        )
