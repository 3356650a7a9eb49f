"""Handlers of Spaces: lists, infos, logs. The embedded Hub runs no Space."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Final, get_args

import attrs

from hub_typed.local.errors import invalid_option
from hub_typed.local.repos.space_hardware import HARDWARE
from hub_typed.local.repos.space_logs import LogType, event_stream
from hub_typed.local.repos.space_settings import STATIC
from hub_typed.local.repos.space_templates import TEMPLATES
from hub_typed.local.request.call import Call
from hub_typed.local.views.repo_info import (
    RepoSummary,
    build_infos,
    checked_expand,
    members_of,
    names_in,
    search_repos,
    select_members,
    summarize_repo,
)
from hub_typed.local.views.space_runtime import runtime_of
from hub_typed.local.views.storage_usage import used_storage
from hub_typed_api.models import (
    ExpandSpaceProperty,
    JobHardwareInfo,
    SpaceInfo,
    SpaceRuntime,
    SpaceSearchResult,
    SpaceTemplates,
    ZeroGpuQuota,
)
from hub_typed_api.serve import Answer
from hub_typed_api.server.spaces import SpacesHandlers
from hub_typed_api.wire import Source

__all__ = ["Spaces"]

ZERO_GPU_SECONDS: Final = 300
"""GPU time of everyone; nothing uses it here."""
_IN_LISTS = {"likes", "trendingScore", "private", "sdk", "tags", "createdAt"}
_IN_INFO = members_of(SpaceInfo) - {"xetEnabled"}
_IN_FULL_LISTS = _IN_LISTS | {"author", "sha", "lastModified", "gated", "disabled", "siblings", "cardData", "subdomain"}


class Spaces(SpacesHandlers[Call]):
    """Handlers of the operations in the area ``spaces``."""

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
        members = checked_expand(expand, ExpandSpaceProperty) or (_IN_FULL_LISTS if full else _IN_LISTS)
        if linked and not expand:
            members = members | {"models", "datasets"}
        words = None if search is None else [search]
        found = search_repos(call, "space", search=words, author=author, filter=filter, sort=sort, direction=direction)
        return [
            select_members(info, members)
            for info in build_infos(found, lambda one: _info(call, one, members))
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
        repo = call.readable("space", repo_id)
        members = checked_expand(expand, ExpandSpaceProperty) or _IN_INFO
        one = summarize_repo(repo, revision, blobs=bool(blobs), masked=call.access_refusal(repo) is not None)
        # The default branch runs, whatever the revision.
        info = attrs.evolve(_info(call, one, members), runtime=runtime_of(summarize_repo(repo, "main")))
        return select_members(info, members)

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
        for one in search_repos(call, "space", search=None, author=None, filter=filter, sort=None, direction=None):
            relevance = _relevance(one, words)
            if not relevance:
                continue
            info = build_infos([one], lambda one: _info(call, one, ()))[0]
            running = info.runtime is not None and info.runtime.stage == "RUNNING"
            if (running or include_non_running) and (not sdk or info.sdk in sdk):
                found.append(_result(info, one, relevance))
        return sorted(found, key=lambda result: -(result.semantic_relevancy_score or 0))

    def list_spaces_hardware(self, call: Call) -> list[JobHardwareInfo]:
        return list(HARDWARE)

    def list_space_templates(self, call: Call) -> SpaceTemplates:
        return SpaceTemplates(templates=[template.info for template in TEMPLATES])

    def get_zero_gpu_quota(self, call: Call) -> ZeroGpuQuota:
        call.user()
        return ZeroGpuQuota(base=ZERO_GPU_SECONDS, remaining=ZERO_GPU_SECONDS, resets_at=None, overquota_used=0)

    def stream_space_logs(self, call: Call, *, repo_id: str, log_type: str, tail: int | None = None) -> Answer:
        if log_type not in get_args(LogType):
            raise invalid_option("logType", get_args(LogType))
        logs = call.writable("space", repo_id).logs
        body = Source(lambda: event_stream(logs, log_type, tail=tail, patience=call.log_patience))
        return Answer(headers={"content-type": "text/event-stream"}, body=body)

    def get_space_runtime(self, call: Call, *, repo_id: str) -> SpaceRuntime:
        return runtime_of(summarize_repo(call.readable("space", repo_id), "main"))


def _relevance(one: RepoSummary, words: Collection[str]) -> float:
    """Return the fraction of the words that the name, tags or card of a Space contain."""
    text = f"{one.repo.repo_id} {one.readme} {' '.join(one.common['tags'])}".lower()
    return sum(word in text for word in words) / len(words) if words else 0.0


def _result(info: SpaceInfo, one: RepoSummary, relevance: float) -> SpaceSearchResult:
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


def _info(call: Call, one: RepoSummary, members: Collection[str]) -> SpaceInfo:
    sdk = one.card.get("sdk", one.repo.facts.sdk)
    subdomain = re.sub(r"[^a-z0-9-]", "-", one.repo.repo_id.lower())
    return SpaceInfo(
        **one.common,
        sdk=sdk if isinstance(sdk, str) else None,
        subdomain=subdomain,
        # The address that the app has on the Hub: it does not run here.
        host=f"https://{subdomain}{'.static' if sdk == STATIC else ''}.hf.space",
        models=names_in(one.card.get("models")),
        datasets=names_in(one.card.get("datasets")),
        runtime=runtime_of(one),
        used_storage=used_storage(one.repo) if "usedStorage" in members else None,
        xet_enabled=call.xet is not None,
    )
