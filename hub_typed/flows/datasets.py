"""Lists and infos of datasets, their Parquet files and leaderboards."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Literal, TypeAlias

from hub_typed.flows.decorators import narrowed
from hub_typed.flows.list_filters import merge_values, prefixed_tags, refuse_with_expand, sort_key
from hub_typed.flows.named_repo import with_repo_id
from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api import path
from hub_typed_api.models import DatasetInfo, DatasetLeaderboardEntry, DatasetParquetEntry, ExpandDatasetProperty
from hub_typed_api.operations import dataset_viewer, datasets as operations

__all__ = [
    "DatasetSort",
    "dataset_info",
    "get_dataset_leaderboard",
    "list_dataset_parquet_files",
    "list_datasets",
]

DatasetSort: TypeAlias = (
    Literal["created_at", "downloads", "last_modified", "likes", "trending_score"] | str  # noqa: PYI051  # an open enum, for completion
)
"""Sort key of a list of datasets."""


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
    sort: DatasetSort | None = None,
    direction: int | None = None,
    limit: int | None = None,
    expand: Iterable[ExpandDatasetProperty] | None = None,
    full: bool | None = None,
) -> AsyncIterator[DatasetInfo]:
    """List the datasets on the Hub.

    Args:
        filter: Tags that the datasets must all have, for example ``task_categories:text-classification``.
        author: Only datasets of this user or organization.
        benchmark: Official benchmarks that the datasets must all belong to.
        dataset_name: Text that the names must contain.
        gated: Only gated datasets if true, only others if false.
        language_creators: Origin of the texts, for example ``crowdsourced``.
        language: Languages that the datasets must all contain, for example ``en``.
        multilinguality: Number of languages, for example ``monolingual``.
        size_categories: Number of rows, for example ``100K<n<1M``.
        tags: More tags that the datasets must all have.
        task_categories: Tasks that the datasets must all support, for example ``text-classification``.
        task_ids: More specific tasks, for example ``paraphrase``.
        search: Another text that the names must contain.
        sort: ``last_modified``, ``trending_score``, ``created_at``, ``downloads`` or ``likes``.
        direction: ``-1`` for descending order, the only order of the current Hub.
        limit: Maximum number of datasets.
        expand: Fields to return, by their JSON names; all others are omitted.
        full: Return most fields, including the files.

    Raises:
        ValueError: ``expand`` is given together with ``full``.
        BadRequestError: The Hub does not support a name in ``expand`` or ``sort``.
    """
    members = merge_values(expand)
    refuse_with_expand(members, full=full)
    listed = operations.list_datasets(
        search=merge_values(dataset_name, search),
        author=author,
        filter=merge_values(
            filter,
            prefixed_tags("benchmark", benchmark),
            prefixed_tags("language_creators", language_creators),
            prefixed_tags("language", language),
            prefixed_tags("multilinguality", multilinguality),
            prefixed_tags("size_categories", size_categories),
            prefixed_tags("task_categories", task_categories),
            prefixed_tags("task_ids", task_ids),
            tags,
        ),
        gated=gated,
        sort=sort_key(sort),
        direction=direction,
        limit=limit,
        full=full or None,
        expand=members,
    )
    async for info in items(io, listed, limit=limit):
        yield info


@narrowed("dataset_info", blobs="files_metadata")
async def dataset_info(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    timeout: float | None = None,
    files_metadata: bool = False,
    expand: Iterable[ExpandDatasetProperty] | None = None,
) -> DatasetInfo:
    """Get the info of a dataset.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.
        files_metadata: Also return the size, blob id and LFS data of each file.
        expand: Fields to return, by their JSON names; all others are omitted.

    Raises:
        ValueError: ``expand`` is given together with ``files_metadata``.
        RepositoryNotFoundError: The dataset does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    members = merge_values(expand)
    refuse_with_expand(members, files_metadata=files_metadata)
    blobs = files_metadata or None
    if revision is None:
        call = operations.dataset_info(repo_id, blobs=blobs, expand=members)
    else:
        call = operations.dataset_info_at_revision(repo_id, revision=revision, blobs=blobs, expand=members)
    return await execute(io, call, timeout=timeout)


async def list_dataset_parquet_files(io: Io, repo_id: str, *, config: str | None = None) -> list[DatasetParquetEntry]:
    """List the Parquet files that the dataset viewer has converted a dataset to.

    The viewer is a server of its own, which mirrors of the Hub lack; ``servers`` of `Settings` may name another one. Of
    very large datasets, only the first part is converted.

    Args:
        repo_id: Name, ``owner/name``.
        config: Only files of this configuration.

    Raises:
        HfHubHTTPError: The dataset does not exist, or the token has no access to it (401, 404); or the conversion is
            not finished, has failed or is not possible (500, 501).
        SettingsError: The endpoint is not the default one, and the settings name no server of the viewer.
    """
    listed = dataset_viewer.list_dataset_parquet_files(dataset=path.checked_repo_id(repo_id), config=config)
    return (await execute(io, with_repo_id(listed, repo_id))).parquet_files


async def get_dataset_leaderboard(
    io: Io, repo_id: str, *, base_model_only: bool | None = None, timeout: float | None = None
) -> list[DatasetLeaderboardEntry]:
    """Get the leaderboard of a benchmark dataset: the results of models, best first.

    Args:
        repo_id: Name, ``owner/name``.
        base_model_only: Leave out models that are made from another one; true if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.

    Raises:
        RepositoryNotFoundError: The dataset does not exist, or the token has no access to it.
        HfHubHTTPError: The dataset has no leaderboard (404).
    """
    return await execute(io, operations.get_dataset_leaderboard(repo_id, base_model=base_model_only), timeout=timeout)
