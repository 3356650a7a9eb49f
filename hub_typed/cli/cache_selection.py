"""Choice of cached repositories: filters, order, and targets of deletions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from hub_typed.cli.exit_codes import ExitCode
from hub_typed.cli.failures import CommandError

if TYPE_CHECKING:
    from hub_typed import CachedFileInfo, CachedRepoInfo, CachedRevisionInfo, HFCacheInfo

__all__ = ["CacheEntry", "CacheSort", "Targets", "entries_of", "find_targets", "selected"]

CacheSort: TypeAlias = Literal[
    "accessed", "accessed:asc", "accessed:desc", "modified", "modified:asc", "modified:desc",
    "name", "name:asc", "name:desc", "size", "size:asc", "size:desc",
]  # fmt: skip
_EXPRESSION: Final = re.compile(r"(?P<key>\w+)\s*(?P<operator><=|>=|!=|=|<|>)\s*(?P<value>.+)")
_BYTES: Final = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_SECONDS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400, "mo": 30 * 86_400, "y": 365 * 86_400}
_COMPARISONS: Final[dict[str, Callable[[float, float], bool]]] = {
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "=": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
}
MIN_HASH_LENGTH: Final = 7
"""Digits of the shortest commit hash that a target may be abbreviated to."""


@attrs.frozen(kw_only=True)
class CacheEntry:
    """A cached repository, or one commit of it.

    Attributes:
        id: Type and name, for example ``model/owner/name``.
        revision: The commit; ``None`` for a whole repository.
        size: Bytes on disk.
        path: Folder of the repository or of the commit.
    """

    id: str
    repo_type: str
    repo_id: str
    revision: str | None
    size: int
    files: int
    accessed: datetime
    modified: datetime
    refs: list[str]
    path: str


def entries_of(cache: HFCacheInfo, *, revisions: bool) -> list[CacheEntry]:
    """List the repositories of a cache, or all their commits, by name."""
    if not revisions:
        return sorted(map(_repo_entry, cache.repos), key=lambda one: one.id)
    found = [_revision_entry(repo, one) for repo in cache.repos for one in repo.revisions]
    return sorted(found, key=lambda one: (one.id, one.revision))


def selected(entries: Iterable[CacheEntry], filters: Sequence[str], sort: CacheSort | None) -> list[CacheEntry]:
    """Return the entries that match all filters, in this order.

    Args:
        filters: Such as ``size>1GB``, ``accessed>30d`` (longer ago), ``type=model``, ``refs=main`` and ``name=bert``.

    Raises:
        CommandError: A filter is invalid.
    """
    conditions = [_condition(text) for text in filters]
    found = [one for one in entries if all(holds(one) for holds in conditions)]
    if sort is not None:
        key, _, direction = sort.partition(":")
        keys: dict[str, Callable[[CacheEntry], object]] = {
            "accessed": lambda one: one.accessed,
            "modified": lambda one: one.modified,
            "name": lambda one: one.id,
            "size": lambda one: one.size,
        }
        descending = (direction or ("asc" if key == "name" else "desc")) == "desc"
        found.sort(key=keys[key], reverse=descending)  # type: ignore[arg-type]  # all values of one key are of one type
    return found


@attrs.frozen(kw_only=True)
class Targets:
    """What a deletion was asked for."""

    revisions: frozenset[str]
    files: frozenset[CachedFileInfo]


def find_targets(cache: HFCacheInfo, targets: Iterable[str]) -> Targets:
    """Find what is to be deleted.

    Args:
        targets: Repositories (``model/owner/name``), commits (at least 7 digits), or files
            (``model/owner/name/path/in/repo``), of all cached commits.

    Raises:
        CommandError: A target is not in the cache, or is the abbreviation of several commits.
    """
    revisions: set[str] = set()
    files: set[CachedFileInfo] = set()
    for target in targets:
        commits, found = _find_commits(cache, target), _find_files(cache, target)
        if not commits and not found:
            raise CommandError(
                f"{target} is not in the cache: pass a repository as `hub-typed cache list` prints it, such as "
                "model/owner/name, a file below it, or a commit.",
                ExitCode.NOT_FOUND,
            )
        revisions |= commits
        files |= found
    return Targets(revisions=frozenset(revisions), files=frozenset(files))


def _find_commits(cache: HFCacheInfo, target: str) -> set[str]:
    whole = {one.commit_hash for repo in cache.repos if repo.cache_id == target for one in repo.revisions}
    if whole or not re.fullmatch(f"[0-9a-f]{{{MIN_HASH_LENGTH},40}}", target):
        return whole
    found = {one.commit_hash for repo in cache.repos for one in repo.revisions if one.commit_hash.startswith(target)}
    if len(found) > 1:
        raise CommandError(f"{target} abbreviates {len(found)} cached commits: pass more digits.")
    return found


def _find_files(cache: HFCacheInfo, target: str) -> set[CachedFileInfo]:
    return {
        file
        for repo in cache.repos
        if target.startswith(f"{repo.cache_id}/")
        for revision in repo.revisions
        for file in revision.files
        if file.file_path.relative_to(revision.snapshot_path).as_posix() == target.removeprefix(f"{repo.cache_id}/")
    }


def _condition(text: str) -> Callable[[CacheEntry], bool]:
    match = _EXPRESSION.fullmatch(text.strip())
    key, operator, value = match.group("key", "operator", "value") if match else ("", "", "")
    compare = _COMPARISONS.get(operator)
    now = datetime.now(UTC)
    if compare is not None and key == "size":
        size = _quantity(value.upper().removesuffix("B"), _BYTES, text)
        return lambda one: compare(one.size, size)
    if compare is not None and key in ("accessed", "modified"):
        age = _quantity(value.lower(), _SECONDS, text)
        return lambda one: compare((now - (one.accessed if key == "accessed" else one.modified)).total_seconds(), age)
    if operator in ("=", "!=") and key in ("name", "type", "refs"):
        wanted = operator == "="
        if key == "name":
            return lambda one: (value in one.repo_id) is wanted
        return lambda one: (value in (one.refs if key == "refs" else [one.repo_type])) is wanted
    raise CommandError(
        f"The filter {text!r} is invalid: pass for example size>1GB, accessed>30d, type=model or name=bert."
    )


def _quantity(text: str, units: dict[str, int], whole: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([a-zA-Z]*)", text.strip())
    if match is None or match[2] not in units:
        raise CommandError(
            f"The filter {whole!r} has no valid quantity: its unit is one of {', '.join(filter(None, units))}."
        )
    return float(match[1]) * units[match[2]]


def _repo_entry(repo: CachedRepoInfo) -> CacheEntry:
    return CacheEntry(
        id=repo.cache_id,
        repo_type=repo.repo_type,
        repo_id=repo.repo_id,
        revision=None,
        size=repo.size_on_disk,
        files=repo.nb_files,
        accessed=_date(repo.last_accessed),
        modified=_date(repo.last_modified),
        refs=sorted(repo.refs),
        path=str(repo.repo_path),
    )


def _revision_entry(repo: CachedRepoInfo, revision: CachedRevisionInfo) -> CacheEntry:
    return CacheEntry(
        id=repo.cache_id,
        repo_type=repo.repo_type,
        repo_id=repo.repo_id,
        revision=revision.commit_hash,
        size=revision.size_on_disk,
        files=revision.nb_files,
        accessed=_date(max((file.blob_last_accessed for file in revision.files), default=repo.last_accessed)),
        modified=_date(revision.last_modified),
        refs=sorted(revision.refs),
        path=str(revision.snapshot_path),
    )


def _date(moment: float) -> datetime:
    return datetime.fromtimestamp(moment, UTC)
