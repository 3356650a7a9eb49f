"""Delete files and folders in a commit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from hub_typed.errors import EntryNotFoundError
from hub_typed.flows.commits.commit_info import CommitInfo
from hub_typed.flows.commits.create import create_commit
from hub_typed.flows.commits.operations import CommitOperationDelete
from hub_typed.flows.patterns import filter_paths
from hub_typed.flows.tree import list_repo_tree
from hub_typed.http.io import Io
from hub_typed_api.models import RepoFile

__all__ = ["delete_file", "delete_files", "delete_folder"]

PROTECTED_FILE = ".gitattributes"
"""Selects the LFS files; patterns never delete it, only an explicit path does."""


async def delete_file(
    io: Io,
    path_in_repo: str,
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    create_pr: bool | None = None,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitInfo:
    """Delete one file in its own commit.

    Args:
        path_in_repo: Path in the repository.
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        commit_message: First line of the message; names the path if not given.
        commit_description: The rest of the message.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        EntryNotFoundError: The file does not exist.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the same paths.
    """
    deletion = CommitOperationDelete(path_in_repo, is_folder=False)
    return await create_commit(
        io,
        repo_id,
        [deletion],
        commit_message=commit_message or f"Delete {path_in_repo} with huggingface_hub",
        commit_description=commit_description,
        repo_type=repo_type,
        revision=revision,
        create_pr=create_pr,
        parent_commit=parent_commit,
        on_conflict=on_conflict,
    )


async def delete_files(
    io: Io,
    repo_id: str,
    delete_patterns: Sequence[str] | str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    create_pr: bool | None = None,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitInfo:
    """Delete the files that match patterns in one commit; no commit is created if none matches.

    Args:
        repo_id: Name, ``owner/name``.
        delete_patterns: Paths or shell patterns; ``*`` also matches slashes, and a pattern that ends with a slash
            matches everything in the folder. ``.gitattributes`` is always kept.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        commit_message: First line of the message; names the patterns if not given.
        commit_description: The rest of the message.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the same paths.
    """
    patterns = [delete_patterns] if isinstance(delete_patterns, str) else delete_patterns
    return await create_commit(
        io,
        repo_id,
        await deletions(io, repo_id, repo_type, revision, patterns),
        commit_message=commit_message or f"Delete files {' '.join(patterns)} with huggingface_hub",
        commit_description=commit_description,
        repo_type=repo_type,
        revision=revision,
        create_pr=create_pr,
        parent_commit=parent_commit,
        on_conflict=on_conflict,
    )


async def delete_folder(
    io: Io,
    path_in_repo: str,
    repo_id: str,
    *,
    repo_type: str | None = None,
    revision: str | None = None,
    commit_message: str | None = None,
    commit_description: str | None = None,
    create_pr: bool | None = None,
    parent_commit: str | None = None,
    on_conflict: Literal["raise", "rebase"] = "raise",
) -> CommitInfo:
    """Delete a folder and all files in it in one commit.

    Args:
        path_in_repo: Path in the repository.
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.
        revision: Branch to commit to; ``main`` if not given.
        commit_message: First line of the message; names the path if not given.
        commit_description: The rest of the message.
        create_pr: Open a pull request instead of committing to the branch.
        parent_commit: Expected head of the branch, or base of the pull request; 5 to 40 hexadecimal digits.
        on_conflict: What to do if the branch has moved since ``parent_commit``: ``raise`` the error 412 of the Hub, or
            ``rebase``, which commits on top of the new head unless commits since then changed the same paths.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The branch does not exist.
        EntryNotFoundError: The folder does not exist.
        CommitConflictError: With ``on_conflict="rebase"``, commits since ``parent_commit`` changed the same paths.
    """
    deletion = CommitOperationDelete(path_in_repo, is_folder=True)
    return await create_commit(
        io,
        repo_id,
        [deletion],
        commit_message=commit_message or f"Delete folder {path_in_repo} with huggingface_hub",
        commit_description=commit_description,
        repo_type=repo_type,
        revision=revision,
        create_pr=create_pr,
        parent_commit=parent_commit,
        on_conflict=on_conflict,
    )


async def deletions(
    io: Io,
    repo_id: str,
    repo_type: str | None,
    revision: str | None,
    patterns: Sequence[str] | str,
    *,
    folder: str = "",
    kept: Collection[str] = (),
) -> list[CommitOperationDelete]:
    """Return the deletions of the files below a folder that match patterns.

    Args:
        patterns: Matched against the path below the folder.
        folder: Path in the repository without a trailing slash; it need not exist.
        kept: Paths in the repository that are not deleted.
    """
    entries = list_repo_tree(io, repo_id, folder or None, recursive=True, revision=revision, repo_type=repo_type)
    prefix = f"{folder}/" if folder else ""
    paths: list[str] = []
    try:
        paths = [entry.path.removeprefix(prefix) async for entry in entries if isinstance(entry, RepoFile)]
    except EntryNotFoundError:
        if not folder:
            raise
    found = [prefix + path for path in filter_paths(paths, patterns, None)]
    return [
        CommitOperationDelete(path, is_folder=False) for path in found if path != PROTECTED_FILE and path not in kept
    ]
