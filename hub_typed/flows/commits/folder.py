"""Upload a folder with one commit."""

from __future__ import annotations

import os
from collections.abc import Sequence

from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.commits.create import create_commit, seen_in_web
from hub_typed.flows.commits.delete import deletions
from hub_typed.flows.commits.operations import CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.decorators import background
from hub_typed.flows.local_files import files_to_upload
from hub_typed.http.io import Io

__all__ = ["upload_folder"]


@background
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
    allow_patterns: list[str] | str | None = None,
    ignore_patterns: list[str] | str | None = None,
    delete_patterns: list[str] | str | None = None,
) -> CommitInfo:
    """Upload the files of a folder and its subfolders in one commit.

    Files that are in the repository under the same path are replaced, others stay. Links to files are followed, links
    to folders are not. ``.git`` and ``.cache/huggingface`` are left out, wherever they lie; so are pipes, sockets and
    devices.

    Args:
        repo_id: Name, as ``owner/name``; the repository must exist.
        folder_path: Folder on this machine.
        path_in_repo: Folder in the repository that the files go to; its root if not given.
        commit_message: First line of the message.
        commit_description: The rest of the message.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        create_pr: Leave the branch alone and open a pull request.
        parent_commit: Commit, 5 to 40 hexadecimal digits, that the branch must still be at, or that the pull request
            starts from.
        allow_patterns: Shell patterns; only files that match one are uploaded. They are compared with the path below
            ``folder_path``.
        ignore_patterns: Shell patterns; files that match one are not uploaded.
        delete_patterns: Shell patterns; files of the repository below ``path_in_repo`` that match one are deleted by
            the same commit, unless it adds them. ``.gitattributes`` always stays.

    Raises:
        ValueError: ``folder_path`` is no folder, the name of a file is not UTF-8, or an argument or the metadata of the
            README is not valid.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such branch.
        SourceChangedError: A file changed while it was uploaded; nothing was committed.
    """
    root = os.fspath(folder_path)
    below = "" if path_in_repo in (None, ".") else path_in_repo.removeprefix("./").strip("/")
    prefix = f"{below}/" if below else ""
    paths = await io.run_blocking(lambda: files_to_upload(root, allow_patterns, ignore_patterns, io.check))
    additions = await io.run_blocking(
        lambda: [CommitOperationAdd(prefix + path, os.path.join(root, path)) for path in paths]
    )
    gone: Sequence[CommitOperationDelete] = ()
    if delete_patterns is not None:
        stays = {addition.path_in_repo for addition in additions}
        gone = await deletions(io, repo_id, repo_type, revision, delete_patterns, folder=below, stays=stays)
    info = await create_commit(
        io,
        repo_id,
        [*gone, *additions],
        commit_message=commit_message or "Upload folder using hub-typed",
        commit_description=commit_description,
        repo_type=repo_type,
        revision=revision,
        create_pr=create_pr,
        parent_commit=parent_commit,
    )
    return seen_in_web(info, "tree", revision, below)
