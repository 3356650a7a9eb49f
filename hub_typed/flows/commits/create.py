"""Create commits: prepare the operations, upload the LFS files, send the commit payload."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from typing import BinaryIO, Literal

from hub_typed.errors import BadRequestError
from hub_typed.flows.argument_checks import check_choice, check_range
from hub_typed.flows.commits.checks import check_commit
from hub_typed.flows.commits.commit_changes import check_sizes, prepare_changes
from hub_typed.flows.commits.commit_info import CommitInfo, UploadedBytes
from hub_typed.flows.commits.commit_lookup import read_head, web_url
from hub_typed.flows.commits.operations import CommitOperation, CommitOperationAdd
from hub_typed.flows.commits.prepared_changes import Change, Target, Upload
from hub_typed.flows.commits.send_commit import send_commit
from hub_typed.flows.commits.upload_modes import read_added_text
from hub_typed.flows.decorators import background
from hub_typed.http.io import Io
from hub_typed.http.requests import hub_url
from hub_typed.http.send import execute
from hub_typed.logs.logger import log as _log
from hub_typed.logs.warnings import warn
from hub_typed.progress_bars.observers import job_of
from hub_typed_api import path as in_path
from hub_typed_api.models import CommitHeader

__all__ = ["create_commit", "upload_file"]


@background
async def create_commit(
    io: Io,
    repo_id: str,
    operations: Iterable[CommitOperation],
    *,
    commit_message: str,
    commit_description: str | None = None,
    repo_type: str | None = None,
    revision: str | None = None,
    create_pr: bool | None = None,
    num_threads: int = 5,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitInfo:
    """Create a commit that adds, replaces, copies and deletes files; no commit is created if nothing changes.

    Args:
        repo_id: Name, ``owner/name``; the repository must exist.
        operations: `CommitOperationAdd`, `CommitOperationCopy` and `CommitOperationDelete` objects. An addition can be
            committed only once.
        commit_message: First line of the message.
        commit_description: The rest of the message.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        create_pr: Open a pull request instead of committing to the branch.
        num_threads: Maximum number of concurrent uploads; 5 stands for a number that follows the connection and the
            processor, at most the ``concurrency`` of the settings.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.

    Raises:
        ValueError: The message, the parent, a path or the metadata of the README is invalid; nothing was uploaded.
        UploadLimitError: The commit exceeds a hard limit of the Hub; nothing was uploaded.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        EntryNotFoundError: A file to delete or copy does not exist.
        NotImplementedError: The source of a copy is a folder.
        HfHubHTTPError: The head of the branch is not ``parent_commit`` (412), or the token may not write (403); the
            message says if the commit may have been created all the same.
        LfsRefusedError: The Hub refused some of the LFS files.
        SourceChangedError: A file changed during the upload; nothing was committed.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the same paths.
    """
    check_range("num_threads", num_threads, 1)
    check_choice("on_conflict", on_conflict, ("raise", "rebase"))
    wanted = list(operations)
    target = Target(repo_id=repo_id, repo_type=repo_type, revision=revision, create_pr=create_pr)
    check_commit(target, wanted, commit_message, parent_commit)
    with ExitStack() as scratch, job_of(io, "upload", repo_id) as job:
        io = io.with_job(job)
        await check_sizes(io, target, wanted)
        await validate_readme(io, target, wanted)
        description = commit_description or ""
        changes = await prepare_changes(io, target, wanted, scratch, at_once=num_threads)
        if changes:
            header = CommitHeader(summary=commit_message, description=description, parent_commit=parent_commit)
            paths = [operation.path_in_repo for operation in wanted]
            made = await send_commit(io, target, header, changes, paths=paths, on_conflict=on_conflict)
            url, oid, pr_url = hub_url(made.commit_url, io.settings), made.commit_oid, made.pull_request_url
            for operation in wanted:
                if isinstance(operation, CommitOperationAdd):
                    operation.stage = "committed"
        else:
            _log.warning("%s: nothing has changed, so no commit was created", repo_id)
            oid, pr_url = await read_head(io, target), None
            url = f"{web_url(io, target)}/commit/{oid}"
        if job is not None:
            job.settle(operation.path_in_repo for operation in wanted)
    return CommitInfo(
        commit_url=url,
        commit_message=commit_message,
        commit_description=description,
        oid=oid,
        pr_url=pr_url and hub_url(pr_url, io.settings),
        endpoint=io.settings.endpoint,
        uploaded=_uploaded_bytes(changes),
    )


def _uploaded_bytes(changes: Sequence[Change]) -> UploadedBytes | None:
    """Return how much of the LFS files of a commit was sent; ``None`` if it adds none."""
    files = [change for change in changes if isinstance(change, Upload) and change.lfs]
    if not files:
        return None
    return UploadedBytes(total=sum(file.content.size for file in files), sent=sum(file.sent for file in files))


@background
async def upload_file(
    io: Io,
    *,
    path_or_fileobj: str | os.PathLike[str] | bytes | BinaryIO,
    path_in_repo: str,
    repo_id: str,
    repo_type: str | None = None,
    revision: str | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    create_pr: bool | None = None,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitInfo:
    """Upload one file in its own commit.

    Args:
        path_or_fileobj: A local path, the content as bytes, or a seekable file object in binary mode.
        path_in_repo: Path of the file in the repository.
        repo_id: Name, ``owner/name``; the repository must exist.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        commit_message: First line of the message; names the path if not given.
        commit_description: The rest of the message.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.

    Raises:
        ValueError: An argument or the metadata of the README is invalid; nothing was uploaded.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        SourceChangedError: The file changed during the upload; nothing was committed.
    """
    addition = CommitOperationAdd(path_in_repo, path_or_fileobj)
    info = await create_commit(
        io,
        repo_id,
        [addition],
        commit_message=commit_message or f"Upload {addition.path_in_repo} with huggingface_hub",
        commit_description=commit_description,
        repo_type=repo_type,
        revision=revision,
        create_pr=create_pr,
        parent_commit=parent_commit,
        on_conflict=on_conflict,
    )
    return with_web_url(info, "blob", revision, addition.path_in_repo)


def with_web_url(info: CommitInfo, kind: Literal["blob", "tree"], revision: str | None, path: str) -> CommitInfo:
    """Return the result of a commit with the URL of a file (``blob``) or folder (``tree``) as its string value."""
    shown = in_path.revision(info.pr_revision or revision or "main")
    return info.seen_at(f"{info.repo_url}/{kind}/{shown}/{in_path.file(path) if path else ''}")


async def validate_readme(io: Io, target: Target, operations: Sequence[CommitOperation]) -> None:
    """Let the Hub validate the metadata of an added README, before anything is uploaded."""
    content = await io.run_blocking(lambda: read_added_text(operations, "README.md"))
    if content is None:
        return
    from hub_typed_api.operations import repos as repos_api

    call = repos_api.validate_yaml(content=content, repo_type=target.repo_type)
    try:
        report = await execute(io, call)
    except BadRequestError as error:
        error.append_to_message(f"\nNothing was uploaded to {target.repo_id}: correct the metadata of README.md.")
        raise
    for warning in report.warnings or ():
        warn(f"README.md: {warning.message}")
