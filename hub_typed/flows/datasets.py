"""Datasets: lists and infos."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from hub_typed.flows.list_filters import refuse_with_expand, sorted_by, tagged, words
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import DatasetInfo
from hub_typed_api.operations import datasets as operations

__all__ = ["dataset_info", "list_datasets"]


async def list_datasets(
    io: Io,
    *,
    filter: str | Iterable[str] | None = None,
    author: str | None = None,
    benchmark: str | Iterable[str] | None = None,
    dataset_name: str | None = None,
    gated: bool | None = None,
    language_creators: str | Iterable[str] | None = None,
    language: str | Iterable[str] | None = None,
    multilinguality: str | Iterable[str] | None = None,
    size_categories: str | Iterable[str] | None = None,
    tags: str | Iterable[str] | None = None,
    task_categories: str | Iterable[str] | None = None,
    task_ids: str | Iterable[str] | None = None,
    search: str | None = None,
    sort: str | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[str] | None = None,
    full: bool | None = None,
) -> AsyncIterator[DatasetInfo]:
    """List the datasets on the Hub.

    Args:
        filter: Tags that the datasets must all have, as ``task_categories:text-classification``.
        author: Only datasets of this user or organization.
        benchmark: Official benchmarks that the datasets must all belong to.
        dataset_name: A part of the name.
        gated: Only gated datasets, or only those that are not.
        language_creators: How the texts came about, as ``crowdsourced``.
        language: Languages that the datasets must all hold, as ``en``.
        multilinguality: How many languages, as ``monolingual``.
        size_categories: How many rows, as ``100K<n<1M``.
        tags: More tags that the datasets must all have.
        task_categories: Tasks that the datasets must all serve, as ``text-classification``.
        task_ids: The same more closely, as ``paraphrase``.
        search: Another part of the name.
        sort: ``last_modified``, ``trending_score``, ``created_at``, ``downloads`` or ``likes``.
        direction: ``-1`` for descending order; today's Hub always sorts so.
        limit: How many datasets at most.
        expand: Members to answer, by their names on the wire; all others are left out.
        full: Fetch most members, the files among them.

    Raises:
        ValueError: ``expand`` is given together with ``full``.
        BadRequestError: The Hub does not know a name in ``expand`` or ``sort``.
    """
    members = words(expand)
    refuse_with_expand(members, full=full)
    listed = operations.list_datasets(
        search=words(dataset_name, search),
        author=author,
        filter=words(
            filter,
            tagged("benchmark", benchmark),
            tagged("language_creators", language_creators),
            tagged("language", language),
            tagged("multilinguality", multilinguality),
            tagged("size_categories", size_categories),
            tagged("task_categories", task_categories),
            tagged("task_ids", task_ids),
            tags,
        ),
        gated=gated,
        sort=sorted_by(sort),
        direction=direction,
        limit=limit,
        full=full or None,
        expand=members,
    )
    async for info in items(io, listed, limit=limit):
        yield info


async def dataset_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[str] | None = None,
) -> DatasetInfo:
    """Get the info of a dataset.

    Args:
        repo_id: Name, as ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Seconds to wait for the answer in all; the deadline of the settings if not given.
        files_metadata: Also ask for size, blob id and LFS data of each file.
        expand: Members to answer, by their names on the wire; all others are left out.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: There is no such dataset, or the token may not see it.
        RevisionNotFoundError: It has no such revision.
    """
    members = words(expand)
    refuse_with_expand(members, files_metadata=files_metadata)
    blobs = files_metadata or None
    if revision is None:
        call = operations.dataset_info(repo_id, blobs=blobs, expand=members)
    else:
        call = operations.dataset_info_at_revision(repo_id, revision=revision, blobs=blobs, expand=members)
    return await execute(io, call, timeout=timeout)
