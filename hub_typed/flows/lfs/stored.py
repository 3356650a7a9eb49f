"""LFS files stored in a repository: list and delete them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from itertools import islice

from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import LfsDeletions, LFSFileInfo, RepoType
from hub_typed_api.operations import lfs as operations

__all__ = ["list_lfs_files", "permanently_delete_lfs_files"]

MOST = 1000
"""Files that one request may delete."""


async def list_lfs_files(
    io: Io, repo_id: str, *, repo_type: RepoType | None = None
) -> AsyncGenerator[LFSFileInfo, None]:
    """List the LFS files stored in a repository, including those of old revisions and of pull requests.

    Args:
        repo_id: Name, as ``owner/name``.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The token may not write to it (403).
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
        repo_id: Name, as ``owner/name``.
        lfs_files: The files, as `list_lfs_files` gives them.
        rewrite_history: Also take them out of all commits, which changes the ids of these; else their pointers stay and
            lead nowhere.
        repo_type: ``model``, ``dataset`` or ``space``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: There is no such repository, or the token may not see it.
        HfHubHTTPError: The repository has no such file (404), or the token may not write to it (403).
    """
    files = iter(lfs_files)
    while batch := [file.file_oid for file in islice(files, MOST)]:
        deletions = LfsDeletions(sha=batch, rewrite_history=rewrite_history)
        await execute(io, operations.permanently_delete_lfs_files(repo_id, repo_type=repo_type, deletions=deletions))
