"""Datasets: lists and infos."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.call import Call
from hub_typed.local.info import Described, described, listed, only
from hub_typed_api import models
from hub_typed_api.server.datasets import DatasetsHandlers

__all__ = ["Datasets"]

_COUNTED = {"likes", "downloads", "trendingScore"}
_IN_LISTS = _COUNTED | {"author", "sha", "lastModified", "gated", "disabled", "private", "createdAt", "tags"}
_IN_FULL_LISTS = _IN_LISTS | {"siblings", "cardData", "description"}


class Datasets(DatasetsHandlers[Call]):
    """Answers the operations of the area datasets."""

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
        members = set(expand or (_IN_FULL_LISTS if full else _IN_LISTS))
        found = listed(call, "dataset", search=search, author=author, filter=filter, sort=sort, gated=gated)
        return [only(_info(one), members) for one in found]

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
        info = _info(described(call.readable("dataset", repo_id), revision, blobs=bool(blobs)))
        return only(info, expand) if expand else info


def _info(one: Described) -> models.DatasetInfo:
    return models.DatasetInfo(**one.common, downloads=0)
