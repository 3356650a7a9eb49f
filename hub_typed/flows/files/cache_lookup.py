"""Look up files and lists of files in the cache without requests."""

from __future__ import annotations

import os
from enum import Enum
from typing import Final

from hub_typed.errors import CachedRepoTreeNotFoundError
from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.commit_tree import TreeFile, read_cached_tree
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.resolved_revision import revision_to_read
from hub_typed.settings import Settings
from hub_typed_api import path as rules
from hub_typed_api.models import BlobLfsInfo, RepoFile, RepoType

__all__ = ["_CACHED_NO_EXIST", "get_cached_repo_tree", "try_to_load_from_cache"]


class CachedNoExist(Enum):
    """Type of `_CACHED_NO_EXIST`."""

    NO_EXIST = "no such file"


_CACHED_NO_EXIST: Final = CachedNoExist.NO_EXIST
"""The cache records that the repository does not contain the file at this commit."""


def try_to_load_from_cache(
    repo_id: str,
    filename: str,
    cache_dir: str | os.PathLike[str] | None = None,
    revision: str | None = None,
    repo_type: RepoType | None = None,
) -> str | CachedNoExist | None:
    """Look up a file in the cache, without sending a request.

    Args:
        filename: Path in the repository.
        cache_dir: Folder of the cache; the one set in the environment if not given.
        revision: Branch, tag or commit; ``main`` if not given.

    Returns:
        The path of the file; `_CACHED_NO_EXIST` if the cache records that the file does not exist on the Hub; ``None``
        if the cache has neither.

    Raises:
        HFValidationError: The repository id or type is invalid.
    """
    repo = CachedRepo.of(cache_dir or Settings.from_environment().cache_dir, repo_id, repo_type)
    revision = revision_to_read(revision, repo_id, rules.repo_type(repo_type))
    path = rules.checked_file(filename)
    if repo.is_known_missing(revision, path):
        return _CACHED_NO_EXIST
    found = repo.find(revision, path)
    return None if found is None else str(found.path)


def get_cached_repo_tree(
    repo_id: str,
    *,
    repo_type: RepoType | None = None,
    revision: str | None = None,
    cache_dir: str | os.PathLike[str] | None = None,
    local_dir: str | os.PathLike[str] | None = None,
) -> list[RepoFile]:
    """Read the list of all files of a commit from the cache, without sending a request.

    `snapshot_download` writes such lists. The listed files need not be on disk.

    Args:
        revision: Branch, tag or commit; ``main`` if not given. The commit of a branch is that of the last request.
        cache_dir: Folder of the cache; the one set in the environment if not given.
        local_dir: Read the list that a download to this folder has written. The commit of a branch is always looked up
            in the cache.

    Raises:
        CachedRepoTreeNotFoundError: The cache has no list of this commit, or does not know the commit.
        HFValidationError: An argument is invalid.
    """
    settings = Settings.from_environment()
    repo = CachedRepo.of(cache_dir or settings.cache_dir, repo_id, repo_type)
    destination = repo if local_dir is None else LocalFolder.of(local_dir, repo, settings)
    revision = revision_to_read(revision, repo_id, rules.repo_type(repo_type))
    commit = repo.commit(revision)
    if commit is None:
        raise CachedRepoTreeNotFoundError(
            f"{repo.folder} does not contain the commit of {repo_id} at revision {revision!r}. Call snapshot_download "
            "or resolve_revision first, or pass a commit."
        )
    tree = read_cached_tree(destination.metadata_folder, commit)
    if tree is None:
        raise CachedRepoTreeNotFoundError(
            f"{destination.metadata_folder} does not contain the list of files of {repo_id} at commit {commit}. Call "
            "snapshot_download first, or list_repo_tree for the list on the Hub."
        )
    return [_repo_file(file) for file in tree]


def _repo_file(file: TreeFile) -> RepoFile:
    lfs = None
    if file.sha256 is not None:
        pointer_size = len(f"version https://git-lfs.github.com/spec/v1\noid sha256:{file.sha256}\nsize {file.size}\n")
        lfs = BlobLfsInfo(size=file.size, sha256=file.sha256, pointer_size=pointer_size)
    return RepoFile(path=file.path, size=file.size, blob_id=file.blob_id, lfs=lfs, xet_hash=file.xet_hash)
