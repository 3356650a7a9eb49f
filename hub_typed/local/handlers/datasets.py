"""Handlers of datasets: lists, infos, tags and leaderboards."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from typing import Any

from hub_typed.local.repos.eval_results import eval_results, scores
from hub_typed.local.repos.parameter_counts import count_parameters, parse_bounds
from hub_typed.local.repos.tags import base_models_of, group_tags
from hub_typed.local.request.call import Call
from hub_typed.local.views.profiles import describe_account
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
from hub_typed.local.views.storage_usage import used_storage
from hub_typed_api import models
from hub_typed_api.server.datasets import DatasetsHandlers

__all__ = ["Datasets"]

_FRONT_MATTER = re.compile(r"\A\ufeff?---.*?^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)
_BIBTEX = re.compile(r"^```(?:bibtex|bib|latex)?[ \t]*\r?\n(\s*@\w+\{.*?)^```", re.DOTALL | re.MULTILINE)
_MAX_README = 1 << 18
"""Characters of a README that are searched for the description and the citation."""
_COUNTED = {"likes", "downloads", "trendingScore"}
_IN_LISTS = _COUNTED | {"author", "sha", "lastModified", "gated", "disabled", "private", "createdAt", "tags"}
_IN_INFO = members_of(models.DatasetInfo) - {"xetEnabled"}
_IN_FULL_LISTS = _IN_LISTS | {"siblings", "cardData", "description"}


class Datasets(DatasetsHandlers[Call]):
    """Handlers of the operations in the area ``datasets``."""

    def list_datasets(
        self,
        call: Call,
        *,
        search: Sequence[str] | None = None,
        author: str | None = None,
        filter: Sequence[str] | None = None,
        gated: bool | None = None,
        sort: str | None = None,
        direction: int | None = None,
        limit: int | None = None,
        full: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> Sequence[models.DatasetInfo]:
        members = checked_expand(expand, models.ExpandDatasetProperty) or (_IN_FULL_LISTS if full else _IN_LISTS)
        found = search_repos(
            call,
            "dataset",
            search=search,
            author=author,
            filter=filter,
            gated=gated,
            sort=sort,
            direction=direction,
        )
        return [select_members(info, members) for info in build_infos(found, lambda one: _info(call, one, members))]

    def dataset_info(
        self, call: Call, *, repo_id: str, blobs: bool | None = None, expand: Sequence[str] | None = None
    ) -> models.DatasetInfo:
        return self.dataset_info_at_revision(call, repo_id=repo_id, revision="main", blobs=blobs, expand=expand)

    def dataset_info_at_revision(
        self,
        call: Call,
        *,
        repo_id: str,
        revision: str,
        blobs: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> models.DatasetInfo:
        repo = call.readable("dataset", repo_id)
        members = checked_expand(expand, models.ExpandDatasetProperty) or _IN_INFO
        one = summarize_repo(repo, revision, blobs=bool(blobs), masked=call.access_refusal(repo) is not None)
        return select_members(_info(call, one, members), members)

    def get_dataset_tags(self, call: Call, *, tag_type: str | None = None) -> dict[str, list[models.Tag]]:
        found = {tag: kind for one in visible_repos(call, "dataset") for tag, kind in one.kinds.items()}
        return group_tags(found, tag_type)

    def get_dataset_leaderboard(
        self,
        call: Call,
        *,
        repo_id: str,
        task_id: str | None = None,
        max_params: str | None = None,
        base_model: bool | None = None,
    ) -> list[models.DatasetLeaderboardEntry]:
        call.readable("dataset", repo_id)
        most = parse_bounds(f"max:{max_params}")[1] if max_params else math.inf
        rows: list[tuple[float, str, str, float | None]] = []
        for one in visible_repos(call, "model"):
            if base_model is not False and base_models_of(one.card, {file.path for file in one.files}) is not None:
                continue
            weights = count_parameters(one.repo.git(), one.files, call.lfs)
            if most < math.inf and (weights is None or weights.total > most):
                continue
            size = None if weights is None else float(weights.total)
            in_files = scores(eval_results(one.repo.git(), one.files), repo_id, task_id)
            rows += [(score, one.repo.repo_id, file, size) for file, score in in_files]
            in_card = _scores(one.card.get("model-index"), repo_id, task_id)
            rows += [(score, one.repo.repo_id, "README.md", size) for score in in_card]
        return [
            models.DatasetLeaderboardEntry(
                rank=rank,
                model_id=name,
                value=score,
                filename=file,
                author=describe_account(call, name.rpartition("/")[0]),
                num_parameters=size,
                verified=False,
            )
            for rank, (score, name, file, size) in enumerate(sorted(rows, key=lambda row: (-row[0], row[1])), start=1)
        ]


def _scores(model_index: Any, dataset: str, task: str | None) -> Iterator[float]:
    """Return the results on a dataset in a card, for one task if given; skip values that are not numbers."""
    with suppress(KeyError, TypeError, AttributeError, OverflowError):  # a card may contain any value here
        for result in [result for model in model_index for result in model["results"]]:
            if result["dataset"]["type"] == dataset and task in (None, result["task"]["type"]):
                for metric in result["metrics"]:
                    if isinstance(metric["value"], int | float) and not isinstance(metric["value"], bool):
                        yield float(metric["value"])


def _info(call: Call, one: RepoSummary, members: Collection[str]) -> models.DatasetInfo:
    downloads = one.repo.downloads
    words = _FRONT_MATTER.sub("", one.readme[:_MAX_README], count=1).split()
    identifier = one.card.get("paperswithcode_id")
    return models.DatasetInfo(
        **one.common,
        downloads=downloads,
        downloads_all_time=downloads,
        description=" ".join(words)[:500] or None,
        paperswithcode_id=identifier if isinstance(identifier, str) else None,
        citation=citation[1].strip() if (citation := _BIBTEX.search(one.readme[:_MAX_README])) else None,
        main_size=sum(file.size for file in one.files),
        used_storage=used_storage(one.repo) if "usedStorage" in members else None,
        xet_enabled=call.xet is not None,
    )
