"""What the Hub tells of a repository beside its files: the members that models, datasets and Spaces have in common."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, TypeVar, cast

import attrs
import pygit2

from hub_typed.local.call import Call
from hub_typed.local.card import CardError, card_data
from hub_typed.local.faults import HubFault, bad_request
from hub_typed.local.gating import MASK
from hub_typed.local.git import Entry
from hub_typed.local.store import Repo, RepoType
from hub_typed.local.tags import read_config, tags
from hub_typed_api import models

__all__ = ["Described", "described", "listed", "names_in", "only", "title", "visible", "when"]

I = TypeVar("I", models.ModelInfo, models.DatasetInfo, models.SpaceInfo)  # noqa: E741


def when(commit: pygit2.Commit) -> datetime:
    """The time of a commit."""
    return datetime.fromtimestamp(commit.commit_time, UTC)


def names_in(value: object) -> list[str]:
    """The texts in a list of a card; none, where it is no list."""
    return [name for name in cast("list[object]", value) if isinstance(name, str)] if isinstance(value, list) else []


def title(commit: pygit2.Commit) -> str:
    """The first line of the message of a commit."""
    return commit.message.partition("\n")[0]


@attrs.frozen(kw_only=True)
class Described:
    """A repository at one commit, as far as all types are alike.

    Attributes:
        common: Members of the info, by their Python names.
        card: The metadata of its README; empty, where that has none or cannot be read.
        readme: The README itself; empty, where there is none.
        config: What its ``config.json`` says; empty likewise.
        files: Its files.
        kinds: The kind of each of its tags.
    """

    repo: Repo
    commit: pygit2.Commit
    common: dict[str, Any]
    card: dict[str, Any]
    readme: str
    config: dict[str, Any]
    files: list[Entry]
    kinds: dict[str, str]


def described(repo: Repo, revision: str, *, blobs: bool = False, masked: bool = False) -> Described:
    """Look a repository up.

    Args:
        blobs: Whether its files have their sizes and ids.
        masked: Whether the hashes of large files are left out, because the caller may not have the files.

    Raises:
        HubFault: 404 RevisionNotFound.
    """
    git, facts = repo.git(), repo.facts
    commit = git.commit_at(revision)
    files = [entry for entry in git.tree(commit, recursive=True) if entry.kind == "file"]
    readme = git.text(commit, "README.md")
    try:
        card = card_data(readme)
    except CardError:
        card = None
    config = read_config(git.text(commit, "config.json")) if repo.repo_type == "model" else {}
    kinds = tags(repo.repo_type, card or {}, [file.path for file in files], readme, config)
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
        "likes": len(repo.likes.all()),
        "trending_score": 0,
        "tags": list(kinds),
        "card_data": card,
        "siblings": [_sibling(file, blobs=blobs, masked=masked) for file in files],
    }
    return Described(
        repo=repo,
        commit=commit,
        common=common,
        card=card or {},
        readme=readme,
        config=config,
        files=files,
        kinds=kinds,
    )


def visible(call: Call, repo_type: RepoType) -> Iterator[Described]:
    """The repositories of one type that the caller may see, by name."""
    for repo in call.store.all(repo_type):
        with suppress(HubFault):  # it was deleted a moment ago
            if call.may_read(repo):
                yield described(repo, "main")


def listed(
    call: Call,
    repo_type: RepoType,
    *,
    search: Collection[str] | None,
    author: str | None,
    filter: Collection[str] | None,
    gated: bool | None = None,
    sort: str | None,
    direction: int | None,
) -> list[Described]:
    """The repositories of one type that the caller may see and asks for, the newest first if nothing else is said.

    Raises:
        HubFault: 400, nothing can be sorted by that, or in that direction.
    """
    if direction not in (None, -1, 1):
        raise bad_request(f"Invalid value for direction: {direction}")
    order = _order(sort)
    words = [word.lower() for text in search or () for word in text.split()]
    asked = set(filter or ())
    found = [
        one
        for one in visible(call, repo_type)
        if author in (None, one.repo.namespace)
        and all(word in one.repo.repo_id.lower() for word in words)
        and asked <= set(one.common["tags"])
        and gated in (None, bool(one.common["gated"]))
    ]
    return sorted(found, key=order, reverse=direction != 1)


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


_SORTED_BY: dict[str, Callable[[Described], Any]] = {
    "lastModified": lambda one: one.common["last_modified"],
    "createdAt": lambda one: one.common["created_at"],
    "likes": lambda one: one.common["likes"],
    "downloads": lambda one: one.repo.downloads,
    "trendingScore": lambda one: one.common["trending_score"],
}


def _order(sort: str | None) -> Callable[[Described], Any]:
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
