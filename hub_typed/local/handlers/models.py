"""Models: lists and infos."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hub_typed.local.call import Call
from hub_typed.local.info import Described, described, listed, only
from hub_typed_api import models
from hub_typed_api.server.models import ModelsHandlers

__all__ = ["Models"]

_IN_LISTS = {
    "modelId",
    "likes",
    "trendingScore",
    "private",
    "downloads",
    "tags",
    "pipeline_tag",
    "library_name",
    "createdAt",
}
_IN_FULL_LISTS = _IN_LISTS | {"author", "sha", "lastModified", "gated", "disabled", "siblings"}


class Models(ModelsHandlers[Call]):
    """Answers the operations of the area models."""

    def list_models(
        self,
        call: Call,
        *,
        search: Sequence[str] | None = None,
        author: str | None = None,
        filter: Sequence[str] | None = None,
        gated: bool | None = None,
        apps: Sequence[str] | None = None,
        inference: str | None = None,
        inference_provider: Sequence[str] | None = None,
        pipeline_tag: str | None = None,
        num_parameters: str | None = None,
        sort: str | None = None,
        direction: int | None = None,
        limit: int | None = None,
        full: bool | None = None,
        config: bool | None = None,
        card_data: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> Sequence[models.ModelInfo]:
        if apps or inference or inference_provider or num_parameters:
            return []  # no model of this Hub is served by anybody
        members = set(expand or (_IN_FULL_LISTS if full else _IN_LISTS))
        members |= {name for name, asked in (("config", config), ("cardData", card_data)) if asked}
        found = listed(call, "model", search=search, author=author, filter=filter, sort=sort, gated=gated)
        infos = [_info(one) for one in found]
        return [only(info, members) for info in infos if pipeline_tag in (None, info.pipeline_tag)]

    def model_info(
        self,
        call: Call,
        *,
        repo_id: str,
        security_status: bool | None = None,
        blobs: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> models.ModelInfo:
        return self.model_info_at_revision(call, repo_id=repo_id, revision="main", blobs=blobs, expand=expand)

    def model_info_at_revision(
        self,
        call: Call,
        *,
        repo_id: str,
        revision: str,
        security_status: bool | None = None,
        blobs: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> models.ModelInfo:
        info = _info(described(call.readable("model", repo_id), revision, blobs=bool(blobs)))
        return only(info, expand) if expand else info


def _info(one: Described) -> models.ModelInfo:
    card = one.card
    return models.ModelInfo(
        **one.common,
        model_id=one.repo.repo_id,
        downloads=0,
        library_name=_text(card.get("library_name")),
        pipeline_tag=_text(card.get("pipeline_tag")),
        config=_config(one),
        model_index=card.get("model-index"),
        spaces=[],
    )


def _config(one: Described) -> dict[str, Any]:
    """The parts of ``config.json`` that the Hub repeats."""
    try:
        config = json.loads(one.text("config.json"))
        return {name: config[name] for name in ("architectures", "model_type") if name in config}
    except (ValueError, TypeError):
        return {}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
