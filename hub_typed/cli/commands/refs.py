"""``repos branch`` and ``repos tag``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from cyclopts import App, Parameter

from hub_typed.cli.confirmation import confirm
from hub_typed.cli.output import Output
from hub_typed.cli.repo_arguments import RepoId, RepoType
from hub_typed.cli.repo_options import ExistOk
from hub_typed.cli.shared_options import HubOptions, Yes

__all__ = ["branch", "tag"]

branch: App = App(name="branch", help="Create, list and delete branches.")
tag: App = App(name="tag", help="Create, list and delete tags.")

BranchName: TypeAlias = Annotated[str, Parameter(help="Name of the branch.")]
TagName: TypeAlias = Annotated[str, Parameter(help="Name of the tag.")]
Start: TypeAlias = Annotated[str | None, Parameter(help="Branch, tag or commit to begin at; main if not given.")]


@branch.command(name="create")
def create_branch(
    repo_id: RepoId,
    branch: BranchName,
    /,
    *,
    revision: Start = None,
    repo_type: RepoType = "model",
    exist_ok: ExistOk = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a branch."""
    with hub.client() as api:
        api.create_branch(repo_id, branch=branch, revision=revision, repo_type=repo_type, exist_ok=exist_ok)
    done = f"{repo_id} has the branch {branch}." if exist_ok else f"Created the branch {branch} of {repo_id}."
    output.done(done, id=branch, repo_id=repo_id, branch=branch)


@branch.command(name="delete")
def delete_branch(
    repo_id: RepoId,
    branch: BranchName,
    /,
    *,
    repo_type: RepoType = "model",
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a branch, with the commits that no other one has."""
    confirm(f"delete the branch {branch} of the {repo_type} {repo_id}", yes=yes)
    with hub.client() as api:
        api.delete_branch(repo_id, repo_type=repo_type, branch=branch)
    output.done(f"Deleted the branch {branch} of {repo_id}.", id=branch, repo_id=repo_id, branch=branch)


@branch.command(name="list", alias="ls")
def list_branches(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the branches of a repository, also those that the Hub converts files to."""
    with hub.client() as api:
        refs = api.list_repo_refs(repo_id, repo_type=repo_type)
    output.rows(
        [*refs.branches, *refs.converts],
        {"branch": lambda one: one.name, "ref": lambda one: one.ref, "commit": lambda one: one.target_commit},
        id=lambda one: one.name,
    )


@tag.command(name="create")
def create_tag(
    repo_id: RepoId,
    tag: TagName,
    /,
    *,
    message: Annotated[str | None, Parameter(name=("--message", "-m"), help="Message of an annotated tag.")] = None,
    revision: Start = None,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Create a tag."""
    with hub.client() as api:
        api.create_tag(repo_id, tag=tag, tag_message=message, revision=revision, repo_type=repo_type)
    output.done(f"Created the tag {tag} of {repo_id}.", id=tag, repo_id=repo_id, tag=tag)


@tag.command(name="delete")
def delete_tag(
    repo_id: RepoId,
    tag: TagName,
    /,
    *,
    repo_type: RepoType = "model",
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete a tag; the commit stays."""
    confirm(f"delete the tag {tag} of the {repo_type} {repo_id}", yes=yes)
    with hub.client() as api:
        api.delete_tag(repo_id, repo_type=repo_type, tag=tag)
    output.done(f"Deleted the tag {tag} of {repo_id}.", id=tag, repo_id=repo_id, tag=tag)


@tag.command(name="list", alias="ls")
def list_tags(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the tags of a repository."""
    with hub.client() as api:
        tags = api.list_repo_refs(repo_id, repo_type=repo_type).tags
    output.rows(tags, {"tag": lambda one: one.name, "commit": lambda one: one.target_commit}, id=lambda one: one.name)
