"""``datasets``: lists, infos and cards of datasets, their Parquet files and leaderboards."""

from __future__ import annotations

from operator import itemgetter
from typing import Annotated, Literal

from cyclopts import App, Parameter

from hub_typed.cli.cards import MetadataAlone, TextAlone, print_card
from hub_typed.cli.output import Output, keys
from hub_typed.cli.repo_arguments import RepoId, Revision
from hub_typed.cli.repo_lists import (
    DEFAULT_LIMIT,
    Author,
    Expand,
    FileList,
    Filter,
    ListedRepo,
    Search,
    expanded,
    print_info,
    print_infos,
)
from hub_typed.cli.shared_options import HubOptions, Limit

__all__ = ["app"]

app: App = App(name="datasets", help="List and describe datasets.")


@app.command(name="list", alias="ls")
def list_datasets(
    repo_id: ListedRepo = None,
    /,
    *,
    search: Search = None,
    author: Author = None,
    filter: Filter = None,
    sort: Literal["created_at", "downloads", "last_modified", "likes", "trending_score"] | None = None,
    limit: Limit = None,
    expand: Expand = None,
    files: FileList = FileList(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List datasets, 30 without --limit; or the files of one.

    Args:
        sort: Order, descending.
    """
    filters = {"search": search, "author": author, "filter": filter, "sort": sort, "expand": expand}
    if repo_id is not None:
        files.print(repo_id, "dataset", limit=limit, filters=filters, hub=hub, output=output)
        return
    files.check_unused()
    members = expanded(expand)
    with hub.client() as api:
        found = api.list_datasets(
            search=search,
            author=author,
            filter=filter,
            sort=sort,
            limit=DEFAULT_LIMIT if limit is None else limit,
            expand=members,
        )
        print_infos(found, output, members=members)


@app.command
def info(
    repo_id: RepoId,
    /,
    *,
    revision: Revision = None,
    expand: Expand = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print what the Hub says about a dataset."""
    members = expanded(expand)
    with hub.client() as api:
        found = api.dataset_info(repo_id, revision=revision, expand=members)
    print_info(found, output, members=members)


@app.command
def card(
    repo_id: RepoId,
    /,
    *,
    metadata: MetadataAlone = False,
    text: TextAlone = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Print the card of a dataset, its README."""
    print_card(repo_id, "dataset", metadata=metadata, text=text, hub=hub, output=output)


@app.command
def parquet(
    repo_id: RepoId,
    /,
    *,
    subset: Annotated[str | None, Parameter(help="Only files of this configuration.")] = None,
    split: Annotated[str | None, Parameter(help="Only files of this split, such as train.")] = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the Parquet files that the Hub has made of a dataset."""
    from hub_typed_api.operations import dataset_viewer

    with hub.client() as api:
        found = api.call(dataset_viewer.list_dataset_parquet_urls(repo_id))
    output.rows(
        [
            {"subset": config, "split": name, "url": url}
            for config, splits in found.items()
            if subset in (None, config)
            for name, urls in splits.items()
            if split in (None, name)
            for url in urls
        ],
        keys("subset", "split", "url"),
        id=itemgetter("url"),
    )


@app.command
def leaderboard(
    repo_id: RepoId,
    /,
    *,
    base_model_only: Annotated[bool, Parameter(help="Leave out models that are made from another one.")] = True,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the results of models on a benchmark, best first."""
    with hub.client() as api:
        found = api.get_dataset_leaderboard(repo_id, base_model_only=None if base_model_only else False)
    output.rows(
        found[:limit],
        {
            "rank": lambda one: one.rank,
            "model": lambda one: one.model_id,
            "value": lambda one: one.value,
            "verified": lambda one: one.verified,
        },
        id=lambda one: one.model_id,
    )
