"""Spaces: lists and infos. Nothing runs here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from hub_typed.local.call import Call
from hub_typed.local.info import Described, described, listed, only
from hub_typed_api.models import SpaceInfo, SpaceRuntime
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
        infos = [_info(one) for one in listed(call, "space", search=words, author=author, filter=filter, sort=sort)]
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


def _info(one: Described) -> SpaceInfo:
    sdk = one.card.get("sdk", one.repo.facts.sdk)
    return SpaceInfo(
        **one.common,
        sdk=sdk if isinstance(sdk, str) else None,
        subdomain=one.repo.repo_id.lower().replace("/", "-").replace("_", "-").replace(".", "-"),
        models=_names(one.card.get("models")),
        datasets=_names(one.card.get("datasets")),
        runtime=SpaceRuntime(stage="STOPPED"),
    )


def _names(value: list[Any] | str | None) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []
