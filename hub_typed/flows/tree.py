"""Files and folders of a repository."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable

from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed.http.send import execute
from hub_typed_api.models import RepoFile, RepoFolder, RepoType
from hub_typed_api.operations import tree as operations
from hub_typed_api.path import HFValidationError, is_unicode

__all__ = ["get_paths_info", "list_repo_files", "list_repo_tree"]

PATHS_PER_REQUEST = 500


async def list_repo_tree(
    io: Io,
    repo_id: str,
    path_in_repo: str | None = None,
    *,
    recursive: bool = False,
    expand: bool = False,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> AsyncIterator[RepoFile | RepoFolder]:
    """List the files and folders of a repository, in the order of the Hub.

    Entries of unknown types are omitted; ``api.pages(operations.tree.list_repo_tree(...))`` returns them too.

    Args:
        repo_id: Name, ``owner/name``.
        path_in_repo: Folder to list; the whole repository if not given.
        recursive: Also list the content of subfolders.
        expand: Also return the last commit and the security scan of each entry; this takes many more requests.
        revision: Branch, tag or commit; ``main`` if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
        EntryNotFoundError: The folder does not exist.
    """
    listed = operations.list_repo_tree(
        repo_id,
        repo_type=repo_type,
        revision=revision,
        path_in_repo=path_in_repo or None,
        recursive=recursive or None,
        expand=expand or None,
    )
    async for entry in items(io, listed):
        if isinstance(entry, RepoFile | RepoFolder):
            yield entry


async def list_repo_files(
    io: Io,
    repo_id: str,
    *,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> list[str]:
    """Return the paths of all files of a repository.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; ``main`` if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    entries = list_repo_tree(io, repo_id, recursive=True, revision=revision, repo_type=repo_type)
    return [entry.path async for entry in entries if isinstance(entry, RepoFile)]


async def get_paths_info(
    io: Io,
    repo_id: str,
    paths: str | Iterable[str],
    *,
    expand: bool = False,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> list[RepoFile | RepoFolder]:
    """Get information about files and folders by path; paths that do not exist are omitted.

    Args:
        repo_id: Name, ``owner/name``.
        paths: One or more paths in the repository.
        expand: Also return the last commit and the security scan of each entry.
        revision: Branch, tag or commit; ``main`` if not given.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``; ``model`` if not given.

    Raises:
        HFValidationError: A path is not valid Unicode.
        RepositoryNotFoundError: The repository does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    wanted = [paths] if isinstance(paths, str) else list(paths)
    for path in wanted:
        if not is_unicode(path):
            raise HFValidationError(f"Invalid path in a repository {path!r}: it cannot be encoded as UTF-8.")

    async def request_batch(first: int) -> list[RepoFile | RepoFolder]:
        call = operations.get_paths_info(
            repo_id,
            repo_type=repo_type,
            revision=revision,
            paths=wanted[first : first + PATHS_PER_REQUEST],
            expand=expand or None,
        )
        return [entry for entry in await execute(io, call) if isinstance(entry, RepoFile | RepoFolder)]

    found = await io.each(request_batch, range(0, len(wanted), PATHS_PER_REQUEST))
    return [entry for entries in found for entry in entries]
