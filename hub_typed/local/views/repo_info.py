"""Members shared by the infos of models, datasets and Spaces."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar, cast

import attrs

from hub_typed.local.accounts.access_requests import MASK
from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.git.commit_text import commit_date
from hub_typed.local.git.objects import Entry
from hub_typed.local.repos.snapshots import Snapshot, snapshot
from hub_typed.local.repos.store import Repo, RepoType
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = [
    "RepoSummary",
    "build_infos",
    "is_visible",
    "names_in",
    "search_repos",
    "select_members",
    "summarize_for_list",
    "summarize_repo",
    "visible_repos",
]

_log = logging.getLogger("hub_typed.local")

I = TypeVar("I", models.ModelInfo, models.DatasetInfo, models.SpaceInfo)  # noqa: E741


def names_in(value: object) -> list[str]:
    """Return the texts of a list in a card; empty if it is not a list."""
    return [name for name in cast("list[object]", value) if isinstance(name, str)] if isinstance(value, list) else []


@attrs.frozen(kw_only=True)
class RepoSummary:
    """A repository at one commit, as far as all types are alike.

    Attributes:
        sha: The commit; ``None``, where its files cannot be read.
        common: Members of the info, by their Python names.
        card: The metadata of its README; empty, where that has none or cannot be read.
        readme: The README itself; empty, where there is none.
        config: What its ``config.json`` says; empty likewise.
        files: Its files.
        kinds: The kind of each of its tags.
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
    """Describe a repository.

    Args:
        blobs: Whether its files have their sizes and ids.
        masked: Whether the hashes of large files are left out, because the caller may not have the files.

    Raises:
        HubResponseError: 404 RevisionNotFound; 422, it has too many files, or is damaged.
    """
    git = repo.git()
    commit = git.commit_at(revision)
    found = snapshot(repo, git, commit)
    return _summarize(repo, str(commit.id), commit_date(commit), found, blobs=blobs, masked=masked)


def visible_repos(call: Call, repo_type: RepoType) -> Iterator[RepoSummary]:
    """Return the repositories of one type that the caller may see, by name; see `summarize_for_list`."""
    for repo in call.store.all(repo_type):
        if is_visible(call, repo):
            one = summarize_for_list(repo)
            if one is not None:
                yield one


def is_visible(call: Call, repo: Repo) -> bool:
    """Whether the caller may see a repository of a list; false if it was deleted or damaged meanwhile."""
    try:
        return call.may_read(repo)
    except HubResponseError:
        return False
    except Exception:  # noqa: BLE001  # whatever it is, the others are to be seen
        _log.exception("Nothing is known of %s %s", repo.repo_type, repo.repo_id)
        return False


def summarize_for_list(repo: Repo) -> RepoSummary | None:
    """Describe a repository for lists: without metadata if its files cannot be read; ``None`` if it is gone.

    Whatever is wrong with one repository must not keep the others from being seen.
    """
    try:
        return summarize_repo(repo, "main")
    except Exception as error:  # noqa: BLE001  # it is told of below
        return _bare(repo, error)


def build_infos(found: Iterable[RepoSummary], made: Callable[[RepoSummary], I]) -> list[I]:
    """Describe repositories for lists; see `summarize_for_list`."""
    told: list[I] = []
    for one in found:
        try:
            told.append(made(one))
        except Exception as error:  # noqa: BLE001  # it is told of below
            bare = _bare(one.repo, error)
            if bare is not None:
                told.append(made(bare))
    return told


def _bare(repo: Repo, error: Exception) -> RepoSummary | None:
    """Describe a repository without the metadata in its files, which could not be read for this reason."""
    try:
        created_at = datetime.fromisoformat(repo.facts.created_at)
        nothing = Snapshot(files=(), card=None, readme="", config={}, kinds={})
        bare = _summarize(repo, None, created_at, nothing)
    except HubResponseError:  # it was deleted a moment ago
        return None
    except Exception:  # noqa: BLE001  # whatever it is, the others are to be seen
        _log.exception("Nothing is known of %s %s", repo.repo_type, repo.repo_id)
        return None
    if not isinstance(error, HubResponseError):  # of which was told before
        _log.warning("%s %s is shown without metadata", repo.repo_type, repo.repo_id, exc_info=error)
    return bare


def _summarize(
    repo: Repo,
    sha: str | None,
    last_modified: datetime,
    found: Snapshot,
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
        "tags": list(found.kinds),
        "card_data": found.card,
        "siblings": [_sibling(file, blobs=blobs, masked=masked) for file in found.files],
    }
    return RepoSummary(
        repo=repo,
        sha=sha,
        common=common,
        card=found.card or {},
        readme=found.readme,
        config=found.config,
        files=found.files,
        kinds=found.kinds,
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
        HubResponseError: 400, nothing can be sorted by that, or in that direction.
    """
    if direction not in (None, -1, 1):
        raise bad_request(f"Invalid value for direction: {direction}")
    order = _order(sort)
    words = [word.lower() for text in search or () for word in text.split()]
    asked = set(filter or ())
    found = [
        one
        for one in visible_repos(call, repo_type)
        if author in (None, one.repo.namespace)
        and all(word in one.repo.repo_id.lower() for word in words)
        and asked <= set(one.common["tags"])
        and gated in (None, bool(one.common["gated"]))
    ]
    return sorted(found, key=order, reverse=direction != 1)


def select_members(info: I, members: Collection[str]) -> I:
    """Reduce an info to its ids and the members with these names.

    Raises:
        HubResponseError: 400, there is no such member.
    """
    names = {field.metadata.get("wire", field.name): field.name for field in attrs.fields(type(info))}
    unknown = sorted(set(members) - set(names))
    if unknown:
        raise bad_request(f"Invalid value for expand: {', '.join(unknown)}")
    wanted = {"_id", "id", *members}
    unwanted: dict[str, Any] = {name: None for wire, name in names.items() if wire not in wanted}
    return attrs.evolve(info, **unwanted)


_SORTED_BY: dict[str, Callable[[RepoSummary], Any]] = {
    "lastModified": lambda one: one.common["last_modified"],
    "createdAt": lambda one: one.common["created_at"],
    "likes": lambda one: one.common["likes"],
    "downloads": lambda one: one.repo.downloads,
    "trendingScore": lambda one: one.common["trending_score"],
}


def _order(sort: str | None) -> Callable[[RepoSummary], Any]:
    by = _SORTED_BY.get(sort or "createdAt")
    if by is None:
        raise bad_request(f"Invalid value for sort: {sort}")
    # Where that is equal, the order is that of creation: it must be the same on every page.
    return lambda one: (by(one), one.common["created_at"], one.repo.repo_id)


def _sibling(file: Entry, *, blobs: bool, masked: bool) -> models.RepoSibling:
    if not blobs:
        return models.RepoSibling(rfilename=file.path)
    lfs = None
    if file.pointer:
        sha256 = MASK if masked else file.pointer.sha256
        lfs = models.BlobLfsInfo(sha256=sha256, size=file.pointer.size, pointer_size=file.stored)
    return models.RepoSibling(rfilename=file.path, size=file.size, blob_id=file.oid, lfs=lfs)
