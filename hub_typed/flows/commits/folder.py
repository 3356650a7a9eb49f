"""Upload a folder in one commit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final, Literal

from hub_typed.flows.argument_checks import check_choice
from hub_typed.flows.commits.checks import check_commit
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.commits.create import create_commit, validate_readme, with_web_url
from hub_typed.flows.commits.operations import CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.commits.prepared_changes import Target
from hub_typed.flows.decorators import alternative_result, background
from hub_typed.flows.local_files import expand_user, files_to_upload
from hub_typed.http.io import Io
from hub_typed.progress_bars.observers import job_of

if TYPE_CHECKING:
    from hub_typed.flows.commits.upload_plan import UploadPlan

__all__ = ["upload_folder"]

DEFAULT_MESSAGE: Final = "Upload folder using huggingface_hub"


@background
@alternative_result("dry_run")
async def upload_folder(
    io: Io,
    *,
    repo_id: str,
    folder_path: str | os.PathLike[str],
    path_in_repo: str | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    repo_type: str | None = None,
    revision: str | None = None,
    create_pr: bool | None = None,
    parent_commit: str | None = None,
    allow_patterns: Sequence[str] | str | None = None,
    ignore_patterns: Sequence[str] | str | None = None,
    delete_patterns: Sequence[str] | str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
    dry_run: bool = False,
) -> CommitInfo | UploadPlan:
    """Upload the files of a folder and its subfolders in one commit.

    Existing files of the same path are replaced; all other files of the repository are kept. Symbolic links to files
    are followed, links to folders are skipped. ``.git`` and ``.cache/huggingface`` are skipped at any depth, and so are
    pipes, sockets and devices.

    Args:
        repo_id: Name, ``owner/name``; the repository must exist.
        folder_path: Local folder.
        path_in_repo: Target folder in the repository; its root if not given.
        commit_message: First line of the message.
        commit_description: The rest of the message.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.
        allow_patterns: Shell patterns, matched against the path below ``folder_path``; only matching files are
            uploaded.
        ignore_patterns: Shell patterns; matching files are skipped.
        delete_patterns: Shell patterns; matching files of the repository below ``path_in_repo`` are deleted in the
            same commit, unless it adds them. ``.gitattributes`` is always kept.
        dry_run: Only return an `UploadPlan`: what would be uploaded and deleted, what the Hub has already, and which
            limits of the Hub are exceeded. Files are looked up and hashed, but nothing is sent or committed.

    Raises:
        UploadLimitError: The upload exceeds a hard limit of the Hub, as 10,001 entries in a folder; nothing was sent.
        ValueError: ``folder_path`` is not a folder, a file name is not UTF-8, or an argument or the metadata of the
            README is invalid.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        SourceChangedError: A file changed during the upload; nothing was committed.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the same paths.
    """
    root = expand_user(folder_path)
    below = folder_in_repo(path_in_repo)
    prefix = f"{below}/" if below else ""
    with nullcontext() if dry_run else job_of(io, "upload", repo_id) as job:
        io = io.with_job(job)
        paths = await io.run_blocking(lambda: files_to_upload(root, allow_patterns, ignore_patterns, io.check))
        additions = await io.run_blocking(
            lambda: [CommitOperationAdd(prefix + path, os.path.join(root, path)) for path in paths]
        )
        deleted: Sequence[CommitOperationDelete] = ()
        if delete_patterns is not None:
            from hub_typed.flows.commits.delete import deletions

            added = {addition.path_in_repo for addition in additions}
            deleted = await deletions(io, repo_id, repo_type, revision, delete_patterns, folder=below, kept=added)
        if dry_run:
            from hub_typed.flows.commits.upload_plan import plan_upload

            check_choice("on_conflict", on_conflict, ("raise", "rebase"))
            target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=create_pr)
            check_commit(target, [*deleted, *additions], commit_message or DEFAULT_MESSAGE, parent_commit)
            await validate_readme(io, target, additions)
            return await plan_upload(io, target, additions, deleted)
        info = await create_commit(
            io,
            repo_id,
            [*deleted, *additions],
            commit_message=commit_message or DEFAULT_MESSAGE,
            commit_description=commit_description,
            repo_type=repo_type,
            revision=revision,
            create_pr=create_pr,
            parent_commit=parent_commit,
            on_conflict=on_conflict,
        )
    return with_web_url(info, "tree", revision, below)


def folder_in_repo(path_in_repo: str | None) -> str:
    """Return the path of a folder in a repository without slashes at its ends; empty for the root."""
    return "" if path_in_repo in (None, ".") else path_in_repo.removeprefix("./").strip("/")
