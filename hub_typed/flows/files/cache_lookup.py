"""Look up files in the cache without requests."""

from __future__ import annotations

import os
from enum import Enum
from typing import Final

from hub_typed.flows.files.cache import CachedRepo
from hub_typed.flows.files.resolved_revision import revision_to_read
from hub_typed.settings import Settings
from hub_typed_api import path as rules
from hub_typed_api.models import RepoType

__all__ = ["_CACHED_NO_EXIST", "try_to_load_from_cache"]


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
