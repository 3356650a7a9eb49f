"""Calls whose error messages name a repository that is in the query or the body of the request."""

from __future__ import annotations

from typing import TypeVar

import attrs

from hub_typed_api.wire import Call

__all__: list[str] = []

T = TypeVar("T")


def with_repo_id(call: Call[T], repo_id: str) -> Call[T]:
    """Return the call with a repository for its error messages, which read only the path of the request."""
    return attrs.evolve(call, request=attrs.evolve(call.request, repo_id=repo_id))
