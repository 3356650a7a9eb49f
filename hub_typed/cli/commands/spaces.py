"""``spaces``: lists, infos and cards of Spaces, and how they run."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Literal

from cyclopts import App, Parameter

from hub_typed.cli.cards import MetadataAlone, TextAlone, print_card
from hub_typed.cli.commands.space_runtime import (
    change_settings,
    dev_mode,
    list_hardware,
    list_templates,
    pause,
    print_logs,
    print_quota,
    restart,
    runtime,
    wait,
)
from hub_typed.cli.commands.space_values import secrets, variables, volumes
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
from hub_typed.cli.shared_options import HubOptions, Limit, Patterns

__all__ = ["app"]

app: App = App(name="spaces", help="List, describe and run Spaces.")
app.command(change_settings, name="settings")
app.command(dev_mode)
app.command(list_hardware, name="hardware")
app.command(pause)
app.command(print_logs, name="logs")
app.command(restart)
app.command(runtime)
app.command(list_templates, name="templates")
app.command(secrets)
app.command(variables)
app.command(volumes)
app.command(wait)
zero_gpu: App = App(name="zero-gpu", help="Shared GPUs of Spaces.")
zero_gpu.command(print_quota, name="quota")
app.command(zero_gpu)


@app.command(name="list", alias="ls")
def list_spaces(
    repo_id: ListedRepo = None,
    /,
    *,
    search: Search = None,
    author: Author = None,
    filter: Filter = None,
    sort: Literal["created_at", "last_modified", "likes", "trending_score"] | None = None,
    limit: Limit = None,
    expand: Expand = None,
    files: FileList = FileList(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List Spaces, 30 without --limit; or the files of one.

    Args:
        sort: Order, descending.
    """
    filters = {"search": search, "author": author, "filter": filter, "sort": sort, "expand": expand}
    if repo_id is not None:
        files.print(repo_id, "space", limit=limit, filters=filters, hub=hub, output=output)
        return
    files.check_unused()
    members = expanded(expand)
    with hub.client() as api:
        found = api.list_spaces(
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
    """Print what the Hub says about a Space."""
    members = expanded(expand)
    with hub.client() as api:
        found = api.space_info(repo_id, revision=revision, expand=members)
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
    """Print the card of a Space, its README."""
    print_card(repo_id, "space", metadata=metadata, text=text, hub=hub, output=output)


@app.command
def search(
    query: Annotated[str, Parameter(help="What the Spaces do, such as: remove the background of a picture.")],
    /,
    *,
    filter: Filter = None,
    sdk: Annotated[Patterns, Parameter(help="Only Spaces with this SDK; may be repeated.")] = None,
    include_non_running: Annotated[bool, Parameter(help="Also Spaces that do not run.")] = False,
    description: Annotated[bool, Parameter(help="Also print what each does, as a language model says.")] = False,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Search Spaces by what they do, most relevant first."""
    with hub.client() as api:
        found = api.search_spaces(query, filter=filter, sdk=sdk, include_non_running=include_non_running)
        output.rows(
            islice(found, limit),
            {
                "id": lambda one: one.id,
                "title": lambda one: one.title,
                "sdk": lambda one: one.sdk,
                "likes": lambda one: one.likes,
                "relevance": lambda one: one.semantic_relevancy_score,
                **({"description": lambda one: one.ai_short_description} if description else {}),
            },
            id=lambda one: one.id,
        )
