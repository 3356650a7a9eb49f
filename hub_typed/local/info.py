"""What the Hub tells of a repository beside its files: the members that models, datasets and Spaces have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import attrs
import pygit2

from hub_typed.local.call import Call
from hub_typed.local.card import CardError, card_data, tags
from hub_typed.local.faults import HubFault, bad_request
from hub_typed.local.git import Entry
from hub_typed.local.store import Repo, RepoType
from hub_typed_api import models

__all__ = ["Described", "described", "listed", "only", "title", "when"]

I = TypeVar("I", models.ModelInfo, models.DatasetInfo, models.SpaceInfo)  # noqa: E741


def when(commit: pygit2.Commit) -> datetime:
    """The time of a commit."""
    return datetime.fromtimestamp(commit.commit_time, UTC)


def title(commit: pygit2.Commit) -> str:
    """The first line of the message of a commit."""
    return commit.message.partition("\n")[0]


@attrs.frozen(kw_only=True)
class Described:
    """A repository at one commit, as far as all types are alike.

    Attributes:
        common: Members of the info, by their Python names.
        card: The metadata of its README; empty, where that has none or cannot be read.
    """

    repo: Repo
    commit: pygit2.Commit
    common: dict[str, Any]
    card: dict[str, Any]

    def text(self, path: str) -> str:
        """A text file of it; nothing, where there is none."""
        return self.repo.git().text(self.commit, path)


def described(repo: Repo, revision: str, *, blobs: bool = False) -> Described:
    """Look a repository up.

    Raises:
        HubFault: 404 RevisionNotFound.
    """
    git, facts = repo.git(), repo.facts
    commit = git.commit_at(revision)
    files = [entry for entry in git.tree(commit, recursive=True) if entry.kind == "file"]
    try:
        card = card_data(git.text(commit, "README.md"))
    except CardError:
        card = None
    common: dict[str, Any] = {
        "internal_id": facts.id,
        "id": repo.repo_id,
        "author": repo.namespace or None,
        "sha": str(commit.id),
        "last_modified": when(commit),
        "created_at": datetime.fromisoformat(facts.created_at),
        "private": facts.private,
        "gated": facts.gated,
        "disabled": False,
        "likes": 0,
        "trending_score": 0,
        "tags": tags(repo.repo_type, card or {}, [file.path for file in files]),
        "card_data": card,
        "siblings": [_sibling(file, blobs) for file in files],
    }
    return Described(repo=repo, commit=commit, common=common, card=card or {})


def listed(
    call: Call,
    repo_type: RepoType,
    *,
    search: Collection[str] | None,
    author: str | None,
    filter: Collection[str] | None,
    sort: str | None,
    gated: bool | None = None,
) -> list[Described]:
    """The repositories of one type that the caller may see and asks for, the newest first if nothing else is said."""
    words = [word.lower() for text in search or () for word in text.split()]
    found: list[Described] = []
    for repo in call.store.all(repo_type):
        if author not in (None, repo.namespace) or not all(word in repo.repo_id.lower() for word in words):
            continue
        with suppress(HubFault):  # it was deleted a moment ago
            if call.may_read(repo) and gated in (None, bool(repo.facts.gated)):
                found.append(described(repo, "main"))
    asked = set(filter or ())
    return sorted((one for one in found if asked <= set(one.common["tags"])), key=_order(sort), reverse=True)


def only(info: I, members: Collection[str]) -> I:
    """The info with its ids and the members of these wire names, and nothing else.

    Raises:
        HubFault: 400, there is no such member.
    """
    names = {field.metadata.get("wire", field.name): field.name for field in attrs.fields(type(info))}
    unknown = sorted(set(members) - set(names))
    if unknown:
        raise bad_request(f"Invalid value for expand: {', '.join(unknown)}")
    wanted = {"_id", "id", *members}
    unwanted: dict[str, Any] = {name: None for wire, name in names.items() if wire not in wanted}
    return attrs.evolve(info, **unwanted)


def _order(sort: str | None) -> Callable[[Described], Any]:
    # Nobody downloads, likes or trends here: those are all equal, and the order is that of creation.
    if sort == "lastModified":
        return lambda one: (one.common["last_modified"], one.repo.repo_id)
    if sort in (None, "createdAt", "trendingScore", "downloads", "likes"):
        return lambda one: (one.common["created_at"], one.repo.repo_id)
    raise bad_request(f"Invalid value for sort: {sort}")


def _sibling(file: Entry, blobs: bool) -> models.RepoSibling:
    if not blobs:
        return models.RepoSibling(rfilename=file.path)
    lfs = None
    if file.pointer:
        lfs = models.BlobLfsInfo(sha256=file.pointer.sha256, size=file.pointer.size, pointer_size=file.stored)
    return models.RepoSibling(rfilename=file.path, size=file.size, blob_id=file.oid, lfs=lfs)
