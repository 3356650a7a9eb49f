"""A janitor of the cache that deletes the oldest detached commits until it fits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub_typed import (
    CachedRepoInfo,
    CachedRevisionInfo,
    CacheNotFound,
    DeleteCacheStrategy,
    HFCacheInfo,
    scan_cache_dir,
)


@dataclass(frozen=True)
class Candidate:
    repo: CachedRepoInfo
    revision: CachedRevisionInfo

    @property
    def age_key(self) -> tuple[bool, float]:
        """Commits without a ref first, then by age."""
        return bool(self.revision.refs), self.revision.last_modified


def candidates(cache: HFCacheInfo, keep: frozenset[str]) -> Iterator[Candidate]:
    for repo in cache.repos:
        if repo.repo_id not in keep:
            for revision in repo.revisions:
                yield Candidate(repo, revision)


def plan(cache: HFCacheInfo, budget: int, keep: frozenset[str] = frozenset()) -> DeleteCacheStrategy:
    """Choose what to delete so that the rest takes at most ``budget`` bytes."""
    chosen: list[str] = []
    strategy = cache.delete_revisions()
    for one in sorted(candidates(cache, keep), key=lambda candidate: candidate.age_key):
        if cache.size_on_disk - strategy.expected_freed_size <= budget:
            break
        chosen.append(one.revision.commit_hash)
        strategy = cache.delete_revisions(*chosen)
    return strategy


def clean(folder: Path, budget: int, keep: frozenset[str] = frozenset()) -> int:
    """Delete what does not fit, and return the freed bytes."""
    try:
        cache = scan_cache_dir(folder)
    except CacheNotFound:
        return 0
    for warning in cache.warnings:
        print(warning)
    strategy = plan(cache, budget, keep)
    strategy.execute()
    return strategy.expected_freed_size
