"""Bounds of the query parameters of lists: ``limit`` and ``p``, in SCIM ``count`` and ``startIndex``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from hub_typed.local.errors import bad_request

__all__ = ["check_limits"]

_LIMITS: Final = {
    "access.list_access_requests": (10, 1000),
    "buckets.list_bucket_tree": (1, 5000),
    "collections.list_collections": (1, 10_000),
    "commits.list_repo_commits": (1, 1000),
    "lfs.list_lfs_files": (1, 1000),
    "organizations.list_organization_members": (10, 10_000),
    "papers.list_daily_papers": (1, 100),
    "papers.list_papers": (1, 120),
    "papers.list_recent_papers": (1, 100),
}
_LARGEST: Final = 2**53 - 1
_PAGES: Final = {"papers.list_daily_papers": (0, _LARGEST)}


def check_limits(operation: str, query: Mapping[str, Sequence[str]]) -> None:
    """Refuse values that are no numbers, or out of the bounds of the operation.

    Raises:
        HubResponseError: 400, with the message of the real Hub.
    """
    _check(query, "limit", *_LIMITS.get(operation, (1, _LARGEST)))
    _check(query, "p", *_PAGES.get(operation, (-_LARGEST, _LARGEST)))
    if operation.startswith("scim"):
        _check(query, "count", 1, 1000)
        _check(query, "startIndex", 1, _LARGEST)


def _check(query: Mapping[str, Sequence[str]], name: str, least: int, most: int) -> None:
    if name not in query:
        return
    text = query[name][-1].strip()
    try:
        number = int(text[:400])
    except ValueError:
        raise bad_request(f"✖ Invalid input: expected number, received NaN\n  → at {name}") from None
    if number < least:
        raise bad_request(f"✖ Too small: expected number to be >={least}\n  → at {name}")
    if number > most:
        raise bad_request(f"✖ Too big: expected number to be <={most}\n  → at {name}")
