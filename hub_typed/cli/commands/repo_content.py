"""Commands of ``repos`` on files and commits."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import App, Parameter

from hub_typed.cli.commit_output import print_commit
from hub_typed.cli.confirmation import confirm
from hub_typed.cli.failures import CommandError
from hub_typed.cli.output import Output
from hub_typed.cli.paged import items
from hub_typed.cli.repo_arguments import RepoId, RepoType, Revision
from hub_typed.cli.repo_files import print_files
from hub_typed.cli.repo_options import CommitDescription, CommitMessage, CreatePr
from hub_typed.cli.shared_options import HubOptions, Limit, Yes

__all__ = ["delete_files", "files", "list_commits", "show_tree", "squash"]

SHORT_HASH: Final = 12
"""Digits of a commit in tables, which leave room for its title."""

files: App = App(name="files", help="Delete files.")


def show_tree(
    repo_id: RepoId,
    path_in_repo: Annotated[str | None, Parameter(help="A folder; by default, the whole repository.")] = None,
    /,
    *,
    repo_type: RepoType = "model",
    revision: Revision = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Draw the files and folders of a repository."""
    with hub.client() as api:
        path = (path_in_repo or "").strip("/") or None
        entries = api.list_repo_tree(repo_id, path, recursive=True, revision=revision, repo_type=repo_type)
        print_files(entries, output, as_tree=True)


def list_commits(
    repo_id: RepoId,
    /,
    *,
    repo_type: RepoType = "model",
    revision: Revision = None,
    limit: Limit = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """List the commits of a branch, newest first."""
    from hub_typed_api.operations import commits

    digits = SHORT_HASH if output.shape == "human" and not output.no_truncate else None
    with hub.client() as api:
        listed = commits.list_repo_commits(repo_id, repo_type=repo_type, revision=revision)
        output.rows(
            items(api, listed, limit),
            {
                "commit": lambda one: one.commit_id[:digits],
                "date": lambda one: one.created_at,
                "authors": lambda one: one.authors,
                "title": lambda one: one.title,
            },
            id=lambda one: one.commit_id,
        )


@files.command(name="delete")
def delete_files(
    repo_id: RepoId,
    /,
    *patterns: Annotated[
        str, Parameter(help="Paths or shell patterns; * also matches slashes, and folder/ all files in a folder.")
    ],
    repo_type: RepoType = "model",
    revision: Revision = None,
    commit_message: CommitMessage = None,
    commit_description: CommitDescription = None,
    create_pr: CreatePr = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Delete files in one commit; older commits still have them."""
    if not patterns:
        raise CommandError("Say which files to delete: paths or shell patterns.")
    with hub.client() as api:
        commit = api.delete_files(
            repo_id,
            patterns,
            repo_type=repo_type,
            revision=revision,
            commit_message=commit_message,
            commit_description=commit_description,
            create_pr=create_pr or None,
        )
    print_commit(commit, output)


def squash(
    repo_id: RepoId,
    /,
    *,
    branch: Annotated[str, Parameter(help="The branch.", show_default=True)] = "main",
    commit_message: CommitMessage = None,
    repo_type: RepoType = "model",
    yes: Yes = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Replace the history of a branch by one commit with the same files; this cannot be undone."""
    confirm(f"replace the history of the branch {branch} of {repo_id} by one commit, forever", yes=yes)
    with hub.client() as api:
        api.super_squash_history(repo_id, branch=branch, commit_message=commit_message, repo_type=repo_type)
    output.done(f"Squashed the branch {branch} of {repo_id}.", id=branch, repo_id=repo_id, branch=branch)
