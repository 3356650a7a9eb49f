"""Handlers of the search of everything, and of what is trending."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import timedelta
from typing import Any, Final

import attrs

from hub_typed.local.accounts.identity import Organization
from hub_typed.local.errors import bad_request, invalid_option
from hub_typed.local.handlers.collections import Collections
from hub_typed.local.repos.store import Repo, RepoType
from hub_typed.local.repos.tags import task_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import RepoSummary, search_repos, visible_repos
from hub_typed_api import models
from hub_typed_api.server.search import SearchHandlers

__all__ = ["Search"]

_KINDS: Final = ("model", "dataset", "space", "org", "user", "paper", "collection", "bucket", "kernel")
_REPO_FILTERS: Final = ("skip_disabled", "skip_gated", "own", "own_orgs", "granted_access")
_ORG_FILTERS: Final = ("own", "unwatched")
_TRENDING_TYPES: Final[tuple[RepoType, ...]] = ("model", "dataset", "space")
_LIMIT: Final = 20
_TRENDING_LIMIT: Final = 10
_TREND: Final = timedelta(days=7)
"""Time of the likes that make a repository trending."""


class Search(SearchHandlers[Call]):
    """Handlers of the operations in the area ``search``."""

    def quicksearch(
        self,
        call: Call,
        *,
        q: str | None = None,
        limit: int | None = None,
        lang: str | None = None,
        library: str | None = None,
        type: list[str] | None = None,
        orgs_filter: list[str] | None = None,
        repos_filter: list[str] | None = None,
        pipelines: list[str] | None = None,
        exclude: list[str] | None = None,
        namespace: str | None = None,
        include_invitees: bool | None = None,
        repo_name: str | None = None,
        repo_type: str | None = None,
        discussion_id: str | None = None,
        discussion_collection_name: str | None = None,
        spaces_tags: list[str] | None = None,
    ) -> models.QuicksearchResults:
        kinds = _checked("type", type or _KINDS, _KINDS)
        most = _checked_limit(limit, _LIMIT)
        search = _Search(
            call,
            words=(q or "").lower().split(),
            namespace=namespace,
            exclude=set(exclude or ()),
            repo_filters=_checked("reposFilter", repos_filter or (), _REPO_FILTERS),
        )
        found = models.QuicksearchResults(q=q or "")
        if "model" in kinds:
            tags = {tag for tag in (lang, library) if tag}
            every = search.repos("model", lambda one: tags <= _tags(one) and _has_task(one, pipelines))
            found.models, found.models_count = every[:most], len(every)
        if "dataset" in kinds:
            every = search.repos("dataset", lambda one: lang is None or f"language:{lang}" in _tags(one))
            found.datasets, found.datasets_count = every[:most], len(every)
        if "space" in kinds:
            every = search.repos("space", lambda one: set(spaces_tags or ()) <= _tags(one))
            found.spaces, found.spaces_count = every[:most], len(every)
        if "kernel" in kinds:
            every = search.repos("kernel", lambda _: True)
            found.kernels, found.kernels_count = every[:most], len(every)
        if "bucket" in kinds:
            every = search.buckets()
            found.buckets, found.buckets_count = every[:most], len(every)
        if "paper" in kinds:
            papers = [] if namespace else call.community.papers.search(q or "")
            found.papers = [models.FoundRepo(id=one.id) for one in papers[:most]]
            found.papers_count = len(papers)
        if "collection" in kinds:
            collections = Collections().list_collections(call, owner=namespace and [namespace], search=q)
            found.collections = [
                models.FoundCollection(internal_id=one.slug[-24:], title=one.title, description=one.description)
                for one in collections[:most]
            ]
            found.collections_count = len(collections)
        if "user" in kinds:
            found.users = search.users()[:most]
        if "org" in kinds:
            found.orgs = search.organizations(_checked("orgsFilter", orgs_filter or (), _ORG_FILTERS))[:most]
        return found

    def quicksearch_post(self, call: Call, **parameters: Any) -> models.QuicksearchResults:
        return self.quicksearch(call, **parameters)  # which has the same ones

    def get_trending(self, call: Call, *, type: str | None = None, limit: int | None = None) -> models.Trending:
        (kind,) = _checked("type", [type or "all"], ("all", *_TRENDING_TYPES))
        most = _checked_limit(limit, _TRENDING_LIMIT)
        since = call.now() - _TREND

        def trend(one: RepoSummary) -> tuple[int, int, int]:
            likes = one.repo.likes.all().values()
            return sum(at > since for at in likes), len(likes), one.repo.downloads

        every = [
            one
            for repo_type in _TRENDING_TYPES
            if kind in ("all", repo_type)
            for one in visible_repos(call, repo_type)
            if not one.common["private"]
        ]
        first = sorted(every, key=trend, reverse=True)[:most]
        return models.Trending(recently_trending=[_trending(call, one) for one in first])


@attrs.frozen
class _Search:
    """A search of the caller.

    Attributes:
        words: Words that every name contains, lowercase.
        exclude: What to leave out, such as ``models/owner/name``.
    """

    call: Call
    words: Sequence[str] = attrs.field(kw_only=True)
    namespace: str | None = attrs.field(kw_only=True)
    exclude: Collection[str] = attrs.field(kw_only=True)
    repo_filters: Collection[str] = attrs.field(kw_only=True)

    def repos(self, kind: RepoType, matches: Callable[[RepoSummary], bool]) -> list[models.FoundRepo]:
        """Return the repositories of a type, newest first."""
        every = search_repos(
            self.call, kind, search=self.words, author=self.namespace, filter=None, sort=None, direction=None
        )
        return [
            models.FoundRepo(
                id=one.repo.repo_id,
                private=one.common["private"],
                trending_weight=one.common["trending_score"],
                emoji=_text(one, "emoji"),
            )
            for one in every
            if f"{kind}s/{one.repo.repo_id}" not in self.exclude and self._is_wanted(one.repo) and matches(one)
        ]

    def _is_wanted(self, repo: Repo) -> bool:
        """Whether a repository passes the filters; those that name repositories add up."""
        if "skip_gated" in self.repo_filters and repo.facts.gated:
            return False
        named = [one for one in self.repo_filters if not one.startswith("skip_")]
        if not named or self.call.identity is None:
            return not named
        user = self.call.identity.user.name
        request = repo.access_requests.of(user)
        passes = {
            "own": repo.namespace == user,
            "own_orgs": repo.namespace in (one.name for one in self.call.accounts.organizations_of(user)),
            "granted_access": request is not None and request.status == "accepted",
        }
        return any(passes[one] for one in named)

    def buckets(self) -> list[models.FoundRepo]:
        """Return the buckets, sorted by name."""
        return [
            models.FoundRepo(id=one.repo_id, private=one.facts.private)
            for one in self.call.buckets.all()
            if self.call.may_read(one)
            and self.namespace in (None, one.namespace)
            and self._names(one.repo_id)
            and f"buckets/{one.repo_id}" not in self.exclude
        ]

    def users(self) -> list[models.FoundAccount]:
        """Return the users; service accounts are no concern of others."""
        return [
            models.FoundAccount(internal_id=one.id, avatar_url=one.avatar, fullname=one.fullname, user=one.name)
            for one in self.call.accounts.users()
            if one.organization is None
            and self._names(one.name, one.fullname)
            and f"users/{one.name}" not in self.exclude
        ]

    def organizations(self, filters: Collection[str]) -> list[models.FoundAccount]:
        """Return the organizations that pass all filters."""
        user = self.call.identity.user.name if self.call.identity else ""
        inbox = self.call.community.inboxes.of(user)

        def passes(one: Organization) -> bool:
            is_own = user in one.members
            is_watched = inbox.watches_since("org", one.id) is not None
            is_watched = is_watched or (is_own and not inbox.has_chosen("org", one.id))
            return ("own" not in filters or is_own) and ("unwatched" not in filters or not is_watched)

        return [
            models.FoundAccount(internal_id=one.id, avatar_url=one.avatar, fullname=one.fullname, name=one.name)
            for one in self.call.accounts.organizations()
            if self._names(one.name, one.fullname) and f"orgs/{one.name}" not in self.exclude and passes(one)
        ]

    def _names(self, *names: str) -> bool:
        text = "\n".join(names).lower()
        return all(word in text for word in self.words)


def _checked(name: str, given: Iterable[str], choices: Sequence[str]) -> Sequence[str]:
    found = list(given)
    if not set(found) <= set(choices):
        raise invalid_option(name, choices)
    return found


def _checked_limit(limit: int | None, default: int) -> int:
    if limit is not None and not 1 <= limit <= _LIMIT:
        raise bad_request(f"Invalid limit: {limit}, it must be 1 to {_LIMIT}")
    return default if limit is None else limit


def _tags(one: RepoSummary) -> set[str]:
    return set(one.common["tags"])


def _has_task(one: RepoSummary, pipelines: list[str] | None) -> bool:
    return not pipelines or task_of(one.card, one.config) in pipelines


def _text(one: RepoSummary, member: str) -> str | None:
    """Return a text of the card; ``None`` if it has none."""
    value = one.card.get(member)
    return value if isinstance(value, str) else None


def _trending(call: Call, one: RepoSummary) -> models.TrendingRepo:
    repo, is_space = one.repo, one.repo.repo_type == "space"
    data = models.TrendingRepoData(
        id=repo.repo_id,
        author=repo.namespace or None,
        likes=one.common["likes"],
        private=False,
        repo_type=repo.repo_type,
        is_liked_by_user=call.identity is not None and call.identity.user.name in repo.likes.all(),
        downloads=None if is_space else repo.downloads,
        last_modified=one.common["last_modified"],
        pipeline_tag=task_of(one.card, one.config) if repo.repo_type == "model" else None,
        emoji=_text(one, "emoji") if is_space else None,
        title=_text(one, "title") if is_space else None,
    )
    return models.TrendingRepo(repo_type=repo.repo_type, repo_data=data)
