"""A folder of this machine, committed as it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from hub_typed.flows.commits.create import create_commit, seen_in_web
from hub_typed.flows.commits.delete import deletions
from hub_typed.flows.commits.info import CommitInfo
from hub_typed.flows.commits.operations import CommitOperationAdd, CommitOperationDelete
from hub_typed.flows.markers import background
from hub_typed.flows.patterns import filter_paths
from hub_typed.io import Io

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
    """Add the files of a folder, with the folders below it, in one commit.

    Files that are in the repository under the same path are replaced, others stay. Links to files are followed, links
    to folders are not. ``.git`` and ``.cache/huggingface`` are left out, wherever they lie.

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
        ValueError: ``folder_path`` is no folder, or an argument or the metadata of the README is not valid.
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        RevisionNotFoundError: It has no such branch.
        SourceChangedError: A file changed while it was uploaded; nothing was committed.
    """
    root = os.fspath(folder_path)
    below = "" if path_in_repo in (None, ".") else path_in_repo.removeprefix("./").strip("/")
    prefix = f"{below}/" if below else ""
    paths = filter_paths(await io.work(lambda: files_below(root, io.check)), allow_patterns, ignore_patterns)
    additions = await io.work(lambda: [CommitOperationAdd(prefix + path, os.path.join(root, path)) for path in paths])
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


def files_below(root: str, check: Callable[[], None] = lambda: None) -> list[str]:
    """The files below a folder in order, as paths in a repository.

    Args:
        check: Called for each folder; raises to stop.

    Raises:
        ValueError: It is no folder.
        OSError: It, or a folder below it, cannot be read.
    """
    if not os.path.isdir(root):
        raise ValueError(f"{root} is no folder of this machine.")

    def fail(error: OSError) -> None:
        raise error

    found: list[str] = []
    for folder, folders, names in os.walk(root, onerror=fail):
        check()
        inside = os.path.relpath(folder, root).replace(os.sep, "/")
        prefix = "" if inside == "." else f"{inside}/"
        folders[:] = [name for name in folders if not _ours(prefix + name)]
        found += [
            prefix + name for name in names if not _ours(prefix + name) and os.path.isfile(os.path.join(folder, name))
        ]
    return sorted(found)


def _ours(path: str) -> bool:
    """Whether a path belongs to git or to the clients' own notes."""
    return f"/{path}".endswith(("/.git", "/.cache/huggingface"))
