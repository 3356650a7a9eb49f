"""What one asks about Spaces."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from hub_typed.flows.search import refuse_with_expand, sorted_by, words
from hub_typed.io import Io
from hub_typed.session import answer, items
from hub_typed_api.models import SpaceInfo
from hub_typed_api.operations import spaces as operations

__all__ = ["list_spaces", "space_info"]


async def list_spaces(
    io: Io,
    *,
    filter: str | Iterable[str] | None = None,
    author: str | None = None,
    search: str | None = None,
    datasets: str | Iterable[str] | None = None,
    models: str | Iterable[str] | None = None,
    linked: bool = False,
    sort: str | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[str] | None = None,
    full: bool | None = None,
) -> AsyncIterator[SpaceInfo]:
    """List the Spaces of the Hub.

    Args:
        filter: Tags that the Spaces must all have, as ``gradio``.
        author: Only Spaces of this user or organization.
        search: A part of the name.
        datasets: Only Spaces that use one of these datasets.
        models: Only Spaces that use one of these models.
        linked: Only Spaces that use a model or a dataset at all.
        sort: ``last_modified``, ``trending_score``, ``created_at`` or ``likes``.
        direction: ``-1`` for descending order; today's Hub always sorts so.
        limit: How many Spaces at most.
        expand: Members to answer, by their names on the wire; all others are left out.
        full: Fetch most members, the files among them.

    Raises:
        ValueError: ``expand`` is given together with ``full``.
        BadRequestError: The Hub does not know a name in ``expand`` or ``sort``.
    """
    members = words(expand)
    refuse_with_expand(members, full=full)
    listed = operations.list_spaces(
        search=search,
        author=author,
        filter=words(filter),
        datasets=words(datasets),
        models=words(models),
        linked=linked,
        sort=sorted_by(sort),
        direction=direction,
        limit=limit,
        full=full or None,
        expand=members,
    )
    async for info in items(io, listed, limit=limit):
        yield info


async def space_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[str] | None = None,
) -> SpaceInfo:
    """Say what the Hub knows of one Space.

    Args:
        repo_id: Name, as ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Seconds without a byte until the connection counts as dead.
        files_metadata: Also ask for size, blob id and LFS data of each file.
        expand: Members to answer, by their names on the wire; all others are left out.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: There is no such Space, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """
    members = words(expand)
    refuse_with_expand(members, files_metadata=files_metadata)
    blobs = files_metadata or None
    if revision is None:
        call = operations.space_info(repo_id, blobs=blobs, expand=members)
    else:
        call = operations.space_info_at_revision(repo_id, revision=revision, blobs=blobs, expand=members)
    return await answer(io, call, timeout=timeout)
