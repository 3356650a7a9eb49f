"""``repos``: repositories of all types."""

from __future__ import annotations

from typing import Annotated, Literal

from cyclopts import App, Parameter

from hub_typed.cli.cells import Size
from hub_typed.cli.commands.copy_files import copy
from hub_typed.cli.commands.refs import branch, tag
from hub_typed.cli.commands.repo_content import delete_files, files, list_commits, show_tree, squash
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.paged import items
from hub_typed.cli.repo_arguments import RepoId, RepoType
from hub_typed.cli.repo_options import ExistOk, Private, Protected, Public, ResourceGroup, chosen_visibility
from hub_typed.cli.shared_options import HubOptions, Limit, Yes
from hub_typed.cli.space_options import SpaceOptions
from hub_typed.cli.volumes import read_volumes

__all__ = ["app"]

app: App = App(name="repos", help="Create, change, list and delete repositories, their branches, tags and files.")
app.command(branch)
app.command(tag)
app.command(files)
app.command(copy, name="cp")
app.command(delete_files)
app.command(list_commits, name="commits")
app.command(show_tree, name="tree")
app.command(squash)


@app.command
def create(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    sdk: Annotated[
        Literal["gradio", "docker", "static", "streamlit"] | None,
        Parameter(name=("--sdk", "--space-sdk"), help="SDK of a Space, which must have one."),
    ] = None,
    template: Annotated[
        str | None, Parameter(help="Template of the files of a Space; `hub-typed spaces templates` lists them.")
    ] = None,
    private: Private = None,
    public: Public = False,
    protected: Protected = False,
    exist_ok: ExistOk = False,
    resource_group_id: ResourceGroup = None,
    region: Annotated[Literal["us", "eu"] | None, Parameter(help="Region of the storage.")] = None,
    space: SpaceOptions = SpaceOptions(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a repository."""
    if repo_type == "space" and sdk is None and template is None:
        raise CommandError("A Space needs an SDK: pass --sdk gradio, docker or static, or --template.")
    visibility = chosen_visibility(private=private, public=public, protected=protected)
    secrets, variables, volumes = space.read_secrets(), space.read_variables(), read_volumes(space.volume)
    with hub.client() as api:
        url = api.create_repo(
            repo_id,
            visibility=visibility,
            repo_type=repo_type,
            exist_ok=exist_ok,
            resource_group_id=resource_group_id,
            region=region,
            space_sdk=sdk,
            space_template=template,
            space_hardware=space.flavor,
            space_sleep_time=space.sleep_time,
            space_secrets=secrets,
            space_variables=variables,
            space_volumes=volumes,
        )
    done = f"{url} exists." if exist_ok else f"Created {url}."
    output.done(done, id=url.repo_id, repo_id=url.repo_id, repo_type=url.repo_type, url=str(url))


@app.command
def delete(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    missing_ok: Annotated[bool, Parameter(help="Do not fail if there is no such repository.")] = False,
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a repository with all its files and its history; this cannot be undone."""
    confirm(f"delete the {repo_type} {repo_id} with its files and its history, forever", yes=yes)
    with hub.client() as api:
        api.delete_repo(repo_id, repo_type=repo_type, missing_ok=missing_ok)
    done = (
        f"The {repo_type} {repo_id} does not exist any more." if missing_ok else f"Deleted the {repo_type} {repo_id}."
    )
    output.done(done, id=repo_id, repo_id=repo_id, repo_type=repo_type)


@app.command
def move(
    from_id: Annotated[str, Parameter(help="Name of the repository, owner/name.")],
    to_id: Annotated[str, Parameter(help="New name, owner/name.")],
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Rename a repository, or transfer it to another owner; the old name redirects to the new one."""
    with hub.client() as api:
        api.move_repo(from_id, to_id, repo_type=repo_type)
    output.done(f"Moved {from_id} to {to_id}.", id=to_id, from_id=from_id, to_id=to_id, repo_type=repo_type)


@app.command
def duplicate(
    from_id: Annotated[str, Parameter(help="Name of the original, owner/name.")],
    to_id: Annotated[
        str | None, Parameter(help="Name of the copy; by default, that of the original, for this account.")
    ] = None,
    /,
    *,
    repo_type: RepoType = "model",
    private: Private = None,
    public: Public = False,
    protected: Protected = False,
    exist_ok: ExistOk = False,
    resource_group_id: ResourceGroup = None,
    space: SpaceOptions = SpaceOptions(),
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Copy a repository on the Hub, with its files; by default, the copy is as visible as the original."""
    visibility = chosen_visibility(private=private, public=public, protected=protected)
    secrets, variables, volumes = space.read_secrets(), space.read_variables(), read_volumes(space.volume)
    with hub.client() as api:
        url = api.duplicate_repo(
            from_id,
            to_id,
            repo_type=repo_type,
            visibility=visibility,
            exist_ok=exist_ok,
            resource_group_id=resource_group_id,
            space_hardware=space.flavor,
            space_sleep_time=space.sleep_time,
            space_secrets=secrets,
            space_variables=variables,
            space_volumes=volumes,
        )
    done = f"{url} exists." if exist_ok else f"Duplicated {from_id} to {url}."
    output.done(done, id=url.repo_id, from_id=from_id, repo_id=url.repo_id, repo_type=url.repo_type, url=str(url))


@app.command
def settings(
    repo_id: RepoId,
    /,
    *,
    gated: Annotated[
        Literal["auto", "manual", "false"] | None,
        Parameter(help="Whether access must be requested: accepted at once, by the authors, or not needed."),
    ] = None,
    private: Private = None,
    public: Public = False,
    protected: Protected = False,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Change who sees a repository, and who may download its files; other settings stay."""
    visibility = chosen_visibility(private=private, public=public, protected=protected)
    if gated is None and visibility is None:
        raise CommandError("Say what to change: --gated, --private, --public or --protected.")
    if visibility == "protected" and repo_type != "space":
        raise CommandError(f"Only Spaces can be protected; {repo_id} is a {repo_type}. Pass --type space for a Space.")
    with hub.client() as api:
        api.update_repo_settings(
            repo_id, gated=False if gated == "false" else gated, visibility=visibility, repo_type=repo_type
        )
    changed = {name: value for name, value in (("gated", gated), ("visibility", visibility)) if value is not None}
    text = ", ".join(f"{name}: {value}" for name, value in changed.items())
    output.done(f"Changed {repo_id}: {text}.", id=repo_id, repo_id=repo_id, repo_type=repo_type, **changed)


@app.command(name="list", alias="ls")
def list_repos(
    *,
    namespace: Annotated[str | None, Parameter(help="An organization; by default, the account of the token.")] = None,
    repo_type: Annotated[
        Literal["model", "dataset", "space", "bucket"] | None,
        Parameter(name=("--type", "--repo-type"), help="Only repositories of this type."),
    ] = None,
    search: Annotated[str | None, Parameter(help="Text that the names must contain.")] = None,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the repositories of the account or of an organization, with the storage that they use."""
    from hub_typed_api.operations import organizations, users

    if namespace is None:
        listed = users.list_my_repositories(search=search, repo_type=repo_type)
    else:
        listed = organizations.list_organization_repositories(namespace, search=search, repo_type=repo_type)
    with hub.client() as api:
        output.rows(
            items(api, listed, limit),
            {
                "id": lambda one: one.id,
                "type": lambda one: one.repo_type,
                "visibility": lambda one: one.visibility,
                "size": lambda one: Size(one.storage),
                "percent": lambda one: round(one.storage_percent, 1),
                "updated": lambda one: one.updated_at,
            },
            id=lambda one: one.id,
        )
