"""``upload`` and ``upload-large-folder``: files of this machine, to a repository."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import attrs

from hub_typed.cli.cells import Size, human_text
from hub_typed.cli.commit_output import print_commit
from hub_typed.cli.failures import CommandError
from hub_typed.cli.messages import say
from hub_typed.cli.output import Output, keys
from hub_typed.cli.repo_arguments import RepoId, RepoType, Revision
from hub_typed.cli.shared_options import DryRun, HubOptions, OnOff, Patterns

if TYPE_CHECKING:
    from hub_typed import HfApi, UploadPlan
    from hub_typed.flows.commits.prepared_changes import Target

__all__ = ["upload", "upload_large_folder"]


def upload(
    repo_id: RepoId,
    local_path: Path | None = None,
    path_in_repo: str | None = None,
    /,
    *,
    repo_type: RepoType = "model",
    revision: Revision = None,
    private: OnOff = None,
    include: Patterns = None,
    exclude: Patterns = None,
    delete: Patterns = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    create_pr: bool = False,
    every: float | None = None,
    dry_run: DryRun = False,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Upload a file or a folder in one commit, and print its URL. A missing repository or branch is created.

    Args:
        local_path: File or folder; by default, the one in the current folder with the name of the repository.
        path_in_repo: Path of the file or folder in the repository; by default, the name of the file, or the root.
        private: Whether a created repository is private.
        include: Shell pattern of files of the folder to upload; may be repeated.
        exclude: Shell pattern of files of the folder to skip; may be repeated.
        delete: Shell pattern of files of the repository to delete in the same commit; may be repeated.
        commit_message: First line of the message of the commit.
        commit_description: The rest of the message.
        create_pr: Open a pull request instead of committing to the branch.
        every: Commit the changes in the folder every so many minutes, until Ctrl-C.
    """
    from hub_typed.flows.commits.prepared_changes import Target

    path = local_path or _default_path(repo_id, include)
    if not path.exists():
        raise FileNotFoundError(f"There is no file or folder {path} to upload.")
    if not (path.is_file() or path.is_dir()):
        raise CommandError(f"{path} is neither a file nor a folder: pipes, sockets and devices cannot be uploaded.")
    if path.is_file() and (include or exclude or delete or every is not None):
        raise CommandError(f"{path} is a file: --include, --exclude, --delete and --every are for folders.")
    if every is not None and (dry_run or create_pr or delete or commit_message):
        raise CommandError("--every takes no --dry-run, --create-pr, --delete or --commit-message.")
    with ExitStack() as stack:
        api = stack.enter_context(hub.client(output))
        if dry_run:
            if path.is_file():
                path = Path(stack.enter_context(_folder_with(path, path_in_repo or path.name)))
                path_in_repo = None
            target = Target(
                repo_id=repo_id if "/" in repo_id else f"{api.whoami().name}/{repo_id}",
                repo_type=repo_type,
                revision=revision,
                create_pr=create_pr,
            )
            _print_plan(_plan(api, target, path, path_in_repo, include, exclude, delete, commit_message), output)
            return
        repo_id = _create_repo(api, repo_id, repo_type, private=private)
        if revision is not None and not revision.startswith("refs/") and not create_pr:
            api.create_branch(repo_id, branch=revision, repo_type=repo_type, exist_ok=True)
        if every is not None:
            _commit_repeatedly(api, repo_id, repo_type, revision, path, path_in_repo, include, exclude, every)
            return
        if path.is_file():
            result = api.upload_file(
                path_or_fileobj=path,
                path_in_repo=path_in_repo or path.name,
                repo_id=repo_id,
                repo_type=repo_type,
                revision=revision,
                commit_message=commit_message,
                commit_description=commit_description,
                create_pr=create_pr or None,
            )
        else:
            result = api.upload_folder(
                repo_id=repo_id,
                folder_path=path,
                path_in_repo=path_in_repo,
                repo_type=repo_type,
                revision=revision,
                commit_message=commit_message,
                commit_description=commit_description,
                create_pr=create_pr or None,
                allow_patterns=include,
                ignore_patterns=exclude,
                delete_patterns=delete,
            )
    print_commit(result, output)


def upload_large_folder(
    repo_id: RepoId,
    local_path: Path,
    /,
    *,
    repo_type: RepoType,
    revision: Revision = None,
    private: OnOff = None,
    include: Patterns = None,
    exclude: Patterns = None,
    num_workers: int | None = None,
    hub: HubOptions = HubOptions(),
    output: Output = Output(),
) -> None:
    """Upload a folder of any size in as many commits as needed; the same command resumes an interrupted upload.

    Args:
        local_path: The folder.
        private: Whether a created repository is private.
        include: Shell pattern of files to upload; may be repeated.
        exclude: Shell pattern of files to skip; may be repeated.
        num_workers: Maximum number of files at the same time; as many as help if not given.
    """
    if not local_path.is_dir():
        raise FileNotFoundError(f"There is no folder {local_path} to upload.")
    with hub.client(output) as api:
        repo_id = _create_repo(api, repo_id, repo_type, private=private)
        api.upload_large_folder(
            repo_id,
            local_path,
            repo_type=repo_type,
            revision=revision,
            allow_patterns=include,
            ignore_patterns=exclude,
            num_workers=num_workers,
            print_report=False,
        )
        output.done(f"Uploaded {local_path} to {repo_id}.", id=repo_id, repo_id=repo_id, repo_type=repo_type)


def _default_path(repo_id: str, include: Patterns) -> Path:
    """Return what is uploaded if no path is given."""
    if include:
        return Path()
    path = Path(repo_id.rpartition("/")[2])
    if not path.exists():
        raise CommandError(f"Say what to upload: there is no file or folder {path} in the current folder.")
    return path


def _create_repo(api: HfApi, repo_id: str, repo_type: RepoType, *, private: bool | None) -> str:
    sdk = "gradio" if repo_type == "space" else None
    return api.create_repo(repo_id, repo_type=repo_type, private=private, space_sdk=sdk, exist_ok=True).repo_id


def _folder_with(path: Path, path_in_repo: str) -> TemporaryDirectory[str]:
    """Create a folder with a link to a file, since only uploads of folders can be planned."""
    folder = TemporaryDirectory(prefix="hub-typed-")
    link = Path(folder.name, path_in_repo.lstrip("/"))
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(path.resolve())
    return folder


def _commit_repeatedly(
    api: HfApi,
    repo_id: str,
    repo_type: RepoType,
    revision: str | None,
    path: Path,
    path_in_repo: str | None,
    include: list[str] | None,
    exclude: list[str] | None,
    every: float,
) -> None:
    """Commit the changes in a folder until Ctrl-C, and once more then."""
    from hub_typed import CommitScheduler

    scheduler = CommitScheduler(
        repo_id=repo_id,
        folder_path=path,
        every=every,
        path_in_repo=path_in_repo,
        repo_type=repo_type,
        revision=revision,
        allow_patterns=include,
        ignore_patterns=exclude,
        hf_api=api,
    )
    with scheduler:
        say(f"Changes in {path} are committed to {repo_id} every {every:g} minutes, until Ctrl-C.")
        threading.Event().wait()


def _plan(
    api: HfApi,
    target: Target,
    path: Path,
    path_in_repo: str | None,
    include: Patterns,
    exclude: Patterns,
    delete: Patterns,
    commit_message: str | None,
) -> UploadPlan:
    """Plan the upload of a folder, also to a repository or a branch that the upload would create."""
    from hub_typed.flows.commits.folder import folder_in_repo
    from hub_typed.flows.commits.upload_plan import plan_first_upload
    from hub_typed.flows.local_files import files_to_upload

    repo_id, repo_type, branch = target.repo_id, target.repo_type, target.revision
    if not api.repo_exists(repo_id, repo_type=repo_type):
        api.whoami()  # fails without a login, which may be all that hides the repository
        files = {
            Path(folder_in_repo(path_in_repo), one): path / one for one in files_to_upload(str(path), include, exclude)
        }
        return plan_first_upload(target, {name.as_posix(): file.stat().st_size for name, file in files.items()})
    is_new = not (branch.startswith("refs/") or api.revision_exists(repo_id, branch, repo_type=repo_type))
    plan = api.upload_folder(
        repo_id=repo_id,
        folder_path=path,
        path_in_repo=path_in_repo,
        repo_type=repo_type,
        revision=None if is_new and not target.create_pr else branch,
        commit_message=commit_message,
        create_pr=target.create_pr or None,
        allow_patterns=include,
        ignore_patterns=exclude,
        delete_patterns=delete,
        dry_run=True,
    )
    return attrs.evolve(plan, revision=branch)


def _print_plan(plan: UploadPlan, output: Output) -> None:
    if output.shape == "json":
        output.record(plan, {}, id=plan.repo_id)
    else:
        rows: list[Mapping[str, object]] = [
            {
                "path": one.path_in_repo,
                "size": Size(one.size),
                "mode": one.upload_mode,
                "state": one.state,
                "to upload": Size(one.bytes_to_upload),
            }
            for one in plan.files
        ]
        rows += [
            {"path": path, "size": None, "mode": None, "state": "deleted", "to upload": None} for path in plan.deleted
        ]
        output.rows(rows, keys("path", "size", "mode", "state", "to upload"), id=lambda one: one["path"])
    for limit in plan.limits:
        say(f"Warning: {limit}")
    output.note(f"{human_text(Size(plan.bytes_to_upload))} to upload to {plan.repo_id}; nothing was sent.")
