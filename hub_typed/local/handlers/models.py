"""Handlers of models: lists, infos, tags and tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from hub_typed.local.cards.identifiers import TASKS
from hub_typed.local.repos.parameter_counts import count_parameters, parse_bounds
from hub_typed.local.repos.tags import group_tags, library_of, task_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import (
    RepoSummary,
    build_infos,
    checked_expand,
    names_in,
    search_repos,
    select_members,
    summarize_repo,
    visible_repos,
)
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
    """Handlers of the operations in the area ``models``."""

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
        if inference or inference_provider:
            return []  # this Hub has no inference providers
        members = set(checked_expand(expand, models.ExpandModelProperty) or (_IN_FULL_LISTS if full else _IN_LISTS))
        members |= {name for name, asked in (("config", config), ("cardData", card_data)) if asked}
        tags = [*(filter or ()), *(["gguf"] if apps else [])]  # the format that local apps run
        found = search_repos(
            call,
            "model",
            search=search,
            author=author,
            filter=tags,
            gated=gated,
            sort=sort,
            direction=direction,
        )
        found = [one for one in found if pipeline_tag in (None, task_of(one.card, one.config))]
        with_weights = bool(num_parameters) or "safetensors" in members
        result = build_infos(
            found,
            lambda one: _info(one, count_parameters(one.repo.git(), one.files, call.lfs) if with_weights else None),
        )
        if num_parameters:
            least, most = parse_bounds(num_parameters)
            result = [info for info in result if info.safetensors and least <= info.safetensors.total <= most]
        return [select_members(info, members) for info in result]

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
        repo = call.readable("model", repo_id)
        members = checked_expand(expand, models.ExpandModelProperty)
        one = summarize_repo(repo, revision, blobs=bool(blobs), masked=call.access_refusal(repo) is not None)
        info = _info(one, _weights(call, one))
        if "spaces" in members:
            info.spaces = [
                space.repo.repo_id
                for space in visible_repos(call, "space")
                if repo_id in names_in(space.card.get("models"))
            ]
        return select_members(info, members) if members else info

    def get_model_tags(self, call: Call, *, tag_type: str | None = None) -> dict[str, list[models.Tag]]:
        found = {tag: kind for one in visible_repos(call, "model") for tag, kind in one.kinds.items()}
        return group_tags(found, tag_type)

    def list_tasks(self, call: Call) -> dict[str, models.TaskInfo]:
        found: dict[str, list[RepoSummary]] = {task: [] for task in TASKS}
        for one in visible_repos(call, "model"):
            found.get(task_of(one.card, one.config) or "", []).append(one)
        return {task: _task(task, examples) for task, examples in found.items()}


def _task(task: str, examples: list[RepoSummary]) -> models.TaskInfo:
    """Describe a task, with the models of this Hub for it."""
    libraries = {library_of(one.card, [file.path for file in one.files], one.config) for one in examples}
    return models.TaskInfo(
        id=task,
        label=TASKS[task],
        summary="",
        is_placeholder=not examples,
        widget_models=[],
        libraries=sorted(library for library in libraries if library),
        models=[models.TaskExample(id=one.repo.repo_id, description="") for one in examples],
        datasets=[],
        spaces=[],
        metrics=[],
        demo={"inputs": [], "outputs": []},
    )


def _weights(call: Call, one: RepoSummary) -> models.SafeTensorsInfo | None:
    return count_parameters(one.repo.git(), one.files, call.lfs)


def _info(one: RepoSummary, weights: models.SafeTensorsInfo | None) -> models.ModelInfo:
    downloads = one.repo.downloads
    index = one.card.get("model-index")
    results = cast("list[dict[str, Any]]", index) if isinstance(index, list) else None
    return models.ModelInfo(
        **one.common,
        model_id=one.repo.repo_id,
        downloads=downloads,
        downloads_all_time=downloads,
        library_name=library_of(one.card, [file.path for file in one.files], one.config),
        pipeline_tag=task_of(one.card, one.config),
        config=one.config,
        model_index=results if results is not None and all(map(_is_object, results)) else None,
        safetensors=weights,
        spaces=[],
    )


def _is_object(value: object) -> bool:
    return isinstance(value, dict)
