"""Storage usage of the repositories and buckets of an account."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from hub_typed.local.errors import invalid_option
from hub_typed.local.git.repository import GitRepo
from hub_typed.local.repos.store import REPO_TYPES, Repo
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import RepoSummary, is_visible, summarize_for_list
from hub_typed_api import models

__all__ = ["usage_of", "used_storage"]


def usage_of(
    call: Call,
    namespace: str,
    *,
    search: str | None,
    repo_type: str | None,
    sort: str | None,
    direction: str | None,
) -> list[models.RepoStorageInfo]:
    """List the repositories and buckets of an account that the caller may see; by default, the last changed first.

    Raises:
        HubResponseError: 400, the sort key or the direction is invalid.
    """
    if sort not in (None, "updatedAt", "storage"):
        raise invalid_option("sort", ("updatedAt", "storage"))
    if direction not in (None, "asc", "desc"):
        raise invalid_option("direction", ("asc", "desc"))
    infos = list(_infos(call, namespace))
    total = sum(info.storage for info in infos)
    for info in infos:
        info.storage_percent = 100 * info.storage / total if total else 0.0
    words = (search or "").lower().split()
    found = [
        info for info in infos if repo_type in (None, info.repo_type) and all(word in info.id.lower() for word in words)
    ]
    descending = direction != "asc"
    if sort == "storage":
        return sorted(found, key=lambda info: (info.storage, info.id), reverse=descending)
    return sorted(found, key=lambda info: (info.updated_at, info.id), reverse=descending)


def used_storage(repo: Repo) -> int:
    """Return the total size of the files of a repository in bytes, over all revisions."""
    return _size(repo.path, frozenset(repo.git().refs("refs/")))


@lru_cache(maxsize=4096)
def _size(path: Path, refs: frozenset[tuple[str, str]]) -> int:  # noqa: ARG001  # the size changes only with the refs
    return GitRepo(path).size()


def _infos(call: Call, namespace: str) -> Iterator[models.RepoStorageInfo]:
    for bucket in call.buckets.all():
        if bucket.namespace == namespace and call.may_read(bucket):
            yield models.RepoStorageInfo(
                id=bucket.repo_id,
                repo_type="bucket",
                updated_at=datetime.fromisoformat(bucket.updated_at),
                visibility="private" if bucket.facts.private else "public",
                storage=bucket.files.size,
                storage_percent=0.0,  # set once the total is known
            )
    for repo_type in REPO_TYPES:
        for repo in call.store.all(repo_type):
            if repo.namespace == namespace and is_visible(call, repo):
                summary = summarize_for_list(repo)
                if summary is not None:
                    yield _info(repo, summary)


def _info(repo: Repo, summary: RepoSummary) -> models.RepoStorageInfo:
    return models.RepoStorageInfo(
        id=repo.repo_id,
        repo_type=repo.repo_type,
        updated_at=summary.common["last_modified"],
        visibility="private" if summary.common["private"] else "public",
        storage=0 if summary.sha is None else used_storage(repo),
        storage_percent=0.0,  # set once the total is known
    )
