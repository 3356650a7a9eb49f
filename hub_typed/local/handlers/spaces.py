"""Spaces: lists and infos. Nothing runs here."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from hub_typed.local.call import Call
from hub_typed.local.info import Described, described, listed, names_in, only
from hub_typed_api.models import SpaceInfo, SpaceRuntime, SpaceSearchResult
from hub_typed_api.server.spaces import SpacesHandlers

__all__ = ["Spaces"]

_IN_LISTS = {"likes", "trendingScore", "private", "sdk", "tags", "createdAt"}
_IN_FULL_LISTS = _IN_LISTS | {"author", "sha", "lastModified", "gated", "disabled", "siblings", "cardData", "subdomain"}


class Spaces(SpacesHandlers[Call]):
    """Answers the operations of the area spaces."""

    def list_spaces(
        self,
        call: Call,
        *,
        search: str | None = None,
        author: str | None = None,
        filter: Sequence[str] | None = None,
        datasets: Sequence[str] | None = None,
        models: Sequence[str] | None = None,
        linked: bool = False,
        sort: str | None = None,
        direction: int | None = None,
        limit: int | None = None,
        full: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> Sequence[SpaceInfo]:
        members = set(expand or (_IN_FULL_LISTS if full else _IN_LISTS))
        words = None if search is None else [search]
        found = listed(call, "space", search=words, author=author, filter=filter, sort=sort, direction=direction)
        infos = [_info(one) for one in found]
        return [
            only(info, members)
            for info in infos
            if (datasets is None or set(datasets) & set(info.datasets or ()))
            and (models is None or set(models) & set(info.models or ()))
            and (not linked or info.models or info.datasets)
        ]

    def space_info(
        self, call: Call, *, repo_id: str, blobs: bool | None = None, expand: Sequence[str] | None = None
    ) -> SpaceInfo:
        return self.space_info_at_revision(call, repo_id=repo_id, revision="main", blobs=blobs, expand=expand)

    def space_info_at_revision(
        self,
        call: Call,
        *,
        repo_id: str,
        revision: str,
        blobs: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> SpaceInfo:
        info = _info(described(call.readable("space", repo_id), revision, blobs=bool(blobs)))
        return only(info, expand) if expand else info

    def search_spaces(
        self,
        call: Call,
        *,
        query: str,
        filter: Sequence[str] | None = None,
        sdk: Sequence[str] | None = None,
        include_non_running: bool = False,
    ) -> list[SpaceSearchResult]:
        words = query.lower().split()
        found: list[SpaceSearchResult] = []
        for one in listed(call, "space", search=None, author=None, filter=filter, sort=None, direction=None):
            info, relevance = _info(one), _relevance(one, words)
            running = info.runtime is not None and info.runtime.stage == "RUNNING"
            if relevance and (running or include_non_running) and (not sdk or info.sdk in sdk):
                found.append(_result(info, one, relevance))
        return sorted(found, key=lambda result: -(result.semantic_relevancy_score or 0))


def _relevance(one: Described, words: Collection[str]) -> float:
    """How many of the words stand in the name or the card of a Space, from 0 to 1."""
    text = f"{one.repo.repo_id} {one.readme} {' '.join(one.common['tags'])}".lower()
    return sum(word in text for word in words) / len(words) if words else 0.0


def _result(info: SpaceInfo, one: Described, relevance: float) -> SpaceSearchResult:
    card = one.card
    return SpaceSearchResult(
        id=info.id,
        author=info.author,
        title=_text(card.get("title")),
        emoji=_text(card.get("emoji")),
        color_from=_text(card.get("colorFrom")),
        color_to=_text(card.get("colorTo")),
        sdk=info.sdk,
        likes=info.likes,
        private=info.private,
        pinned=card.get("pinned") is True,
        tags=info.tags,
        repo_type="space",
        created_at=info.created_at,
        last_modified=info.last_modified,
        runtime=info.runtime,
        short_description=_text(card.get("short_description")),
        semantic_relevancy_score=relevance,
        trending_score=info.trending_score,
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _info(one: Described) -> SpaceInfo:
    sdk = one.card.get("sdk", one.repo.facts.sdk)
    return SpaceInfo(
        **one.common,
        sdk=sdk if isinstance(sdk, str) else None,
        subdomain=one.repo.repo_id.lower().replace("/", "-").replace("_", "-").replace(".", "-"),
        models=names_in(one.card.get("models")),
        datasets=names_in(one.card.get("datasets")),
        runtime=SpaceRuntime(stage="STOPPED"),
    )
