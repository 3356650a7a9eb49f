"""Names of repositories and of their folders in the cache."""

from __future__ import annotations

import re
from typing import Final

from hub_typed.constants import REPO_ID_SEPARATOR
from hub_typed.flows.repo_url import RepoUrl

__all__ = ["REGEX_COMMIT_HASH", "REGEX_SHA256", "repo_folder_name", "repo_type_and_id_from_hf_id"]

REGEX_COMMIT_HASH: Final = re.compile(r"[0-9a-f]{40}")
REGEX_SHA256: Final = re.compile(r"[0-9a-f]{64}")


def repo_folder_name(*, repo_id: str, repo_type: str) -> str:
    """Return the name of the folder of a repository in the cache, such as ``models--owner--name``.

    Args:
        repo_id: Name, ``owner/name``.
        repo_type: ``model``, ``dataset``, ``space`` or ``kernel``.
    """
    return REPO_ID_SEPARATOR.join([f"{repo_type}s", *repo_id.split("/")])


def repo_type_and_id_from_hf_id(hf_id: str, hub_url: str | None = None) -> tuple[str | None, str | None, str]:
    """Return type, owner and name of the repository of a URL or path; see `RepoUrl`.

    The type is ``None`` if the text does not say it, the owner if the repository has none.

    Args:
        hf_id: URL on the Hub, ``hf://...``, or only the path of these, for example ``datasets/owner/name``.
        hub_url: URL of the Hub; ``HF_ENDPOINT`` by default.

    Raises:
        ValueError: It is not the URL of a repository.
    """
    found = RepoUrl(hf_id, hub_url)
    is_named = found.repo_type != "model" or re.search(r"(^|/)models?/", hf_id) is not None
    return found.repo_type if is_named else None, found.namespace, found.repo_name
