"""Summaries and lists of repositories, shared by all their types."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast, get_args

import attrs

from hub_typed.local.accounts.access_requests import MASK
from hub_typed.local.errors import HubResponseError, invalid_option
from hub_typed.local.git.commit_text import commit_date
from hub_typed.local.git.objects import Entry
from hub_typed.local.repos.snapshots import Snapshot, snapshot
from hub_typed.local.repos.store import Repo, RepoType
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = [
    "RepoSummary",
    "build_infos",
    "checked_expand",
    "is_visible",
    "members_of",
    "names_in",
    "search_repos",
    "select_members",
    "summarize_for_list",
    "summarize_repo",
    "visible_repos",
]

_log = logging.getLogger("hub_typed.local")

I = TypeVar("I", models.ModelInfo, models.DatasetInfo, models.SpaceInfo, models.KernelInfo)  # noqa: E741


def names_in(value: object) -> list[str]:
    """Return the texts of a list in a card; empty if it is not a list."""
    return [name for name in cast("list[object]", value) if isinstance(name, str)] if isinstance(value, list) else []


@attrs.frozen(kw_only=True)
class RepoSummary:
    """Summary of a repository at one commit, common to all repository types.

    Attributes:
        sha: Hash of the commit; ``None`` if its files cannot be read.
        common: Members of the info, by their Python names.
        card: Front matter of the README; empty if it is missing or cannot be read.
        readme: Text of the README; empty if it does not exist.
        config: Members of ``config.json``; empty if it does not exist.
        files: All files.
        kinds: Category of each tag.
    """

    repo: Repo
    sha: str | None
    common: dict[str, Any]
    card: dict[str, Any]
    readme: str
    config: dict[str, Any]
    files: Sequence[Entry]
    kinds: dict[str, str]


def summarize_repo(repo: Repo, revision: str, *, blobs: bool = False, masked: bool = False) -> RepoSummary:
    """Summarize a repository at a revision.

    Args:
        blobs: Whether to include the sizes and ids of files.
        masked: Whether to mask the hashes of LFS files, because the caller may not read the files.

    Raises:
        HubResponseError: 404 RevisionNotFound; 422, the repository has too many files, or is damaged.
    """
    git = repo.git()
    commit = git.commit_at(revision)
    found = snapshot(repo, git, commit)
    return _summarize(repo, str(commit.id), commit_date(commit), found, blobs=blobs, masked=masked)


def visible_repos(call: Call, repo_type: RepoType) -> Iterator[RepoSummary]:
    """Iterate over the repositories of one type that the caller may see, by name; see `summarize_for_list`."""
    for repo in call.store.all(repo_type):
        if is_visible(call, repo):
            summary = summarize_for_list(repo)
            if summary is not None:
                yield summary


def is_visible(call: Call, repo: Repo) -> bool:
    """Whether the caller may see a repository in a list; false if it was deleted concurrently, or is damaged."""
    try:
        return call.may_read(repo)
    except HubResponseError:
        return False
    except Exception:  # noqa: BLE001  # an error must not hide other repositories
        _log.exception("Left %s %s out of a list: its metadata cannot be read", repo.repo_type, repo.repo_id)
        return False


def summarize_for_list(repo: Repo) -> RepoSummary | None:
    """Summarize a repository for lists: without metadata if its files cannot be read; ``None`` if it was deleted.

    An error in one repository must not hide other repositories of a list.
    """
    try:
        return summarize_repo(repo, "main")
    except Exception as error:  # noqa: BLE001  # logged by _summarize_without_files
        return _summarize_without_files(repo, error)


def build_infos(summaries: Iterable[RepoSummary], build: Callable[[RepoSummary], I]) -> list[I]:
    """Build the infos of a list of repositories; on an error, from a summary without metadata of the files."""
    infos: list[I] = []
    for summary in summaries:
        try:
            infos.append(build(summary))
        except Exception as error:  # noqa: BLE001  # logged by _summarize_without_files
            bare = _summarize_without_files(summary.repo, error)
            if bare is not None:
                infos.append(build(bare))
    return infos


def _summarize_without_files(repo: Repo, error: Exception) -> RepoSummary | None:
    """Summarize a repository without metadata from its files, which this error prevents; ``None`` if it was deleted."""
    try:
        created_at = datetime.fromisoformat(repo.facts.created_at)
        empty = Snapshot(files=(), card=None, readme="", config={}, kinds={})
        summary = _summarize(repo, None, created_at, empty)
    except HubResponseError:  # deleted concurrently
        return None
    except Exception:  # noqa: BLE001  # an error must not hide other repositories
        _log.exception("Left %s %s out of a list: its metadata cannot be read", repo.repo_type, repo.repo_id)
        return None
    if not isinstance(error, HubResponseError):  # which was logged before
        _log.warning("Listed %s %s without metadata of its files", repo.repo_type, repo.repo_id, exc_info=error)
    return summary


def _summarize(
    repo: Repo,
    sha: str | None,
    last_modified: datetime,
    metadata: Snapshot,
    *,
    blobs: bool = False,
    masked: bool = False,
) -> RepoSummary:
    facts = repo.facts
    common: dict[str, Any] = {
        "internal_id": facts.id,
        "id": repo.repo_id,
        "author": repo.namespace or None,
        "sha": sha,
        "last_modified": last_modified,
        "created_at": datetime.fromisoformat(facts.created_at),
        "private": facts.private,
        "gated": facts.gated,
        "disabled": False,
        "likes": len(repo.likes.all()),
        "trending_score": 0,
        "tags": list(metadata.kinds),
        "card_data": metadata.card,
        "siblings": [_sibling(file, blobs=blobs, masked=masked) for file in metadata.files],
    }
    return RepoSummary(
        repo=repo,
        sha=sha,
        common=common,
        card=metadata.card or {},
        readme=metadata.readme,
        config=metadata.config,
        files=metadata.files,
        kinds=metadata.kinds,
    )


def search_repos(
    call: Call,
    repo_type: RepoType,
    *,
    search: Collection[str] | None,
    author: str | None,
    filter: Collection[str] | None,
    gated: bool | None = None,
    sort: str | None,
    direction: int | None,
) -> list[RepoSummary]:
    """Return the visible repositories of one type that match the filters, newest first by default.

    Raises:
        HubResponseError: 400, the sort key or the direction is invalid.
    """
    if direction not in (None, -1, 1):
        raise invalid_option("direction", (-1, 1))
    order = _order(repo_type, sort)
    words = [word.lower() for text in search or () for word in text.split()]
    required = set(filter or ())
    found = [
        one
        for one in visible_repos(call, repo_type)
        if author in (None, one.repo.namespace)
        and all(word in one.repo.repo_id.lower() for word in words)
        and required <= set(one.common["tags"])
        and gated in (None, bool(one.common["gated"]))
    ]
    return sorted(found, key=order, reverse=direction != 1)


def members_of(kind: type[models.ModelInfo | models.DatasetInfo | models.SpaceInfo | models.KernelInfo]) -> set[str]:
    """Return the wire names of the members of an info."""
    return {field.metadata.get("wire", field.name) for field in attrs.fields(kind) if field.name != "extra"}


def checked_expand(expand: Sequence[str] | None, property_type: object) -> set[str]:
    """Return the members that a request asks for.

    Args:
        property_type: Type of their names, such as `hub_typed_api.models.ExpandModelProperty`.

    Raises:
        HubResponseError: 400, a member is unknown.
    """
    known = get_args(get_args(property_type)[0])  # the type also permits other texts, for clients
    for number, name in enumerate(expand or ()):
        if name not in known:
            raise invalid_option(f"expand[{number}]", known)
    return set(expand or ())


def select_members(info: I, members: Collection[str]) -> I:
    """Reduce an info to its ids and the members with these wire names."""
    names = {field.metadata.get("wire", field.name): field.alias for field in attrs.fields(type(info))}
    wanted = {"_id", "id", *members}
    unwanted: dict[str, Any] = {name: None for wire, name in names.items() if wire not in wanted}
    return attrs.evolve(info, **unwanted)


_SORT_KEYS: dict[str, Callable[[RepoSummary], Any]] = {
    "lastModified": lambda one: one.common["last_modified"],
    "createdAt": lambda one: one.common["created_at"],
    "likes": lambda one: one.common["likes"],
    "downloads": lambda one: one.repo.downloads,
    "trendingScore": lambda one: one.common["trending_score"],
    "likes30d": lambda one: one.common["likes"],
    "id": lambda one: one.repo.repo_id,
    "_id": lambda one: one.common["internal_id"],
}
_SORTS: dict[RepoType, tuple[str, ...]] = {
    "model": ("lastModified", "createdAt", "likes", "downloads", "trendingScore"),
    "dataset": ("lastModified", "createdAt", "likes", "downloads", "trendingScore"),
    "space": ("lastModified", "createdAt", "likes", "trendingScore"),
    "kernel": ("lastModified", "likes", "likes30d", "downloads", "trendingScore", "id", "_id"),
}


def _order(repo_type: RepoType, sort: str | None) -> Callable[[RepoSummary], Any]:
    keys = _SORTS[repo_type]
    if sort and sort not in keys:
        raise invalid_option("sort", keys)
    key = _SORT_KEYS[sort or "createdAt"]
    # Break ties by the time of creation, so that the order is the same on every page.
    return lambda one: (key(one), one.common["created_at"], one.repo.repo_id)


def _sibling(file: Entry, *, blobs: bool, masked: bool) -> models.RepoSibling:
    if not blobs:
        return models.RepoSibling(rfilename=file.path)
    lfs = None
    if file.pointer:
        sha256 = MASK if masked else file.pointer.sha256
        lfs = models.BlobLfsInfo(sha256=sha256, size=file.pointer.size, pointer_size=file.stored)
    return models.RepoSibling(rfilename=file.path, size=file.size, blob_id=file.oid, lfs=lfs)
