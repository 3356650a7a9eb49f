"""List and delete the LFS files stored in a repository."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from itertools import islice

from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import LfsDeletions, LFSFileInfo, RepoType
from hub_typed_api.operations import lfs as operations

__all__ = ["list_lfs_files", "permanently_delete_lfs_files"]

MAX_FILES_PER_REQUEST = 1000
"""Most files that one request can delete."""


async def list_lfs_files(
    io: Io, repo_id: str, *, repo_type: RepoType | None = None
) -> AsyncGenerator[LFSFileInfo, None]:
    """List the LFS files stored in a repository, including those of old revisions and pull requests.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access (403).
    """
    async for file in items(io, operations.list_lfs_files(repo_id, repo_type=repo_type)):
        yield file


async def permanently_delete_lfs_files(
    io: Io,
    repo_id: str,
    lfs_files: Iterable[LFSFileInfo],
    *,
    rewrite_history: bool = True,
    repo_type: RepoType | None = None,
) -> None:
    """Delete LFS files from all revisions of a repository; this cannot be undone.

    Args:
        repo_id: Name of the repository, ``owner/name``.
        lfs_files: Files to delete, as returned by `list_lfs_files`.
        rewrite_history: Also remove the files from all commits, which changes the commit hashes; otherwise the LFS
            pointers stay, without content.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        HfHubHTTPError: A file is not in the repository (404), or the token has no write access (403).
    """
    files = iter(lfs_files)
    while batch := [file.file_oid for file in islice(files, MAX_FILES_PER_REQUEST)]:
        deletions = LfsDeletions(sha=batch, rewrite_history=rewrite_history)
        await execute(io, operations.permanently_delete_lfs_files(repo_id, repo_type=repo_type, deletions=deletions))
