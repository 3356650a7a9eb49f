"""Lists and infos of Spaces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Literal, TypeAlias

from hub_typed.flows.decorators import narrowed
from hub_typed.flows.list_filters import merge_values, refuse_with_expand, sort_key
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import ExpandSpaceProperty, SpaceInfo
from hub_typed_api.operations import spaces as operations

__all__ = ["SpaceSort", "list_spaces", "space_info"]

SpaceSort: TypeAlias = (
    Literal["created_at", "last_modified", "likes", "trending_score"] | str  # noqa: PYI051  # an open enum, for completion
)
"""Sort key of a list of Spaces."""


async def list_spaces(
    io: Io,
    *,
    filter: str | Iterable[str] | None = None,
    author: str | None = None,
    search: str | None = None,
    datasets: str | Iterable[str] | None = None,
    models: str | Iterable[str] | None = None,
    linked: bool = False,
    sort: SpaceSort | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[ExpandSpaceProperty] | None = None,
    full: bool | None = None,
) -> AsyncIterator[SpaceInfo]:
    """List the Spaces on the Hub.

    Args:
        filter: Tags that the Spaces must all have, for example ``gradio``.
        author: Only Spaces of this user or organization.
        search: Text that the names must contain.
        datasets: Only Spaces that use one of these datasets.
        models: Only Spaces that use one of these models.
        linked: Only Spaces that use at least one model or dataset.
        sort: ``last_modified``, ``trending_score``, ``created_at`` or ``likes``.
        direction: ``-1`` for descending order, the only order of the current Hub.
        limit: Maximum number of Spaces.
        expand: Fields to return, by their JSON names; all others are omitted.
        full: Return most fields, including the files.

    Raises:
        ValueError: ``expand`` is given together with ``full``.
        BadRequestError: The Hub does not support a name in ``expand`` or ``sort``.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, full=full)
    listed = operations.list_spaces(
        search=search,
        author=author,
        filter=merge_values(filter),
        datasets=merge_values(datasets),
        models=merge_values(models),
        linked=linked,
        sort=sort_key(sort),
        direction=direction,
        limit=limit,
        full=full or None,
        expand=fields,
    )
    async for info in items(io, listed, limit=limit):
        yield info


@narrowed("space_info", blobs="files_metadata")
async def space_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[ExpandSpaceProperty] | None = None,
) -> SpaceInfo:
    """Get the info of a Space.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        files_metadata: Also return the size, blob id and LFS data of each file.
        expand: Fields to return, by their JSON names; all others are omitted.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    fields = merge_values(expand)
    refuse_with_expand(fields, files_metadata=files_metadata)
    blobs = files_metadata or None
    if revision is None:
        call = operations.space_info(repo_id, blobs=blobs, expand=fields)
    else:
        call = operations.space_info_at_revision(repo_id, revision=revision, blobs=blobs, expand=fields)
    return await execute(io, call, timeout=timeout)
