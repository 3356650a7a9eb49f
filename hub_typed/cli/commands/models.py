"""``models``: lists, infos and cards of models."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from hub_typed.cli.cards import MetadataAlone, TextAlone, print_card
from hub_typed.cli.output import Output
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
from hub_typed.cli.shared_options import HubOptions, Limit, OnOff, Patterns

__all__ = ["app"]

app: App = App(name="models", help="List and describe models.")


@app.command(name="list", alias="ls")
def list_models(
    repo_id: ListedRepo = None,
    /,
    *,
    search: Search = None,
    author: Author = None,
    filter: Filter = None,
    pipeline_tag: Annotated[str | None, Parameter(help="Main task, such as summarization.")] = None,
    gated: Annotated[OnOff, Parameter(help="Only gated models, or only others.")] = None,
    apps: Annotated[Patterns, Parameter(help="A local application that can run them; may be repeated.")] = None,
    num_parameters: Annotated[str | None, Parameter(help="Number of parameters, such as min:6B,max:128B.")] = None,
    inference_provider: Annotated[
        Patterns, Parameter(help="An inference provider that serves them; may be repeated.")
    ] = None,
    warm: Annotated[bool, Parameter(help="Only models that a provider serves now.")] = False,
    sort: Literal["created_at", "downloads", "last_modified", "likes", "trending_score"] | None = None,
    limit: Limit = None,
    expand: Expand = None,
    files: FileList = FileList(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List models, 30 without --limit; or the files of one.

    Args:
        sort: Order, descending.
    """
    filters = {
        "search": search,
        "author": author,
        "filter": filter,
        "pipeline-tag": pipeline_tag,
        "gated": gated,
        "apps": apps,
        "num-parameters": num_parameters,
        "inference-provider": inference_provider,
        "warm": warm,
        "sort": sort,
        "expand": expand,
    }
    if repo_id is not None:
        files.print(repo_id, "model", limit=limit, filters=filters, hub=hub, output=output)
        return
    files.check_unused()
    members = expanded(expand)
    with hub.client() as api:
        found = api.list_models(
            search=search,
            author=author,
            filter=filter,
            pipeline_tag=pipeline_tag,
            gated=gated,
            apps=apps,
            num_parameters=num_parameters,
            inference_provider=inference_provider,
            inference="warm" if warm else None,
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
    """Print what the Hub says about a model."""
    members = expanded(expand)
    with hub.client() as api:
        found = api.model_info(repo_id, revision=revision, expand=members)
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
    """Print the card of a model, its README."""
    print_card(repo_id, "model", metadata=metadata, text=text, hub=hub, output=output)
