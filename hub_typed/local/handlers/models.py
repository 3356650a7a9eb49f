"""Handlers of models: lists, infos, tags and tasks."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.cards.identifiers import TASKS
from hub_typed.local.repos.parameter_counts import parse_bounds
from hub_typed.local.repos.tags import group_tags, library_of, task_of
from hub_typed.local.request.call import Call
from hub_typed.local.views.model_info import ONLY_EXPANDED, Links, describe_model
from hub_typed.local.views.repo_info import (
    RepoSummary,
    build_infos,
    checked_expand,
    members_of,
    search_repos,
    select_members,
    summarize_repo,
    visible_repos,
)
from hub_typed.local.views.sharded_safetensors import describe_shards
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
_IN_INFO = members_of(models.ModelInfo) - ONLY_EXPANDED
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
        members = checked_expand(expand, models.ExpandModelProperty) or (_IN_FULL_LISTS if full else _IN_LISTS)
        members = members | {name for name, asked in (("config", config), ("cardData", card_data)) if asked}
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
        asked = {*members, "safetensors"} if num_parameters else members
        links = Links.of(call, members)
        result = build_infos(found, lambda one: describe_model(call, one, asked, links))
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
        return self.model_info_at_revision(
            call, repo_id=repo_id, revision="main", security_status=security_status, blobs=blobs, expand=expand
        )

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
        members = checked_expand(expand, models.ExpandModelProperty) or _IN_INFO
        one = summarize_repo(repo, revision, blobs=bool(blobs), masked=call.access_refusal(repo) is not None)
        info = describe_model(call, one, members, Links.of(call, members))
        if security_status:
            # Nothing is scanned here, as nothing is executed: no scan is left to wait for, and none found anything.
            info.security_repo_status = {"scansDone": True, "filesWithIssues": []}
        return select_members(info, members | ({"securityRepoStatus"} if security_status else set()))

    def get_model_tags(self, call: Call, *, tag_type: str | None = None) -> dict[str, list[models.Tag]]:
        found = {tag: kind for one in visible_repos(call, "model") for tag, kind in one.kinds.items()}
        return group_tags(found, tag_type)

    def get_sharded_safetensors_metadata(self, call: Call, *, repo_id: str, path: str) -> models.ShardedSafetensors:
        return describe_shards(call, call.openable("model", repo_id), path)

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
