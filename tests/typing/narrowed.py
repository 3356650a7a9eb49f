"""Results whose members depend on the arguments; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from typing import assert_type

import hub_typed
from hub_typed import (
    AsyncHfApi,
    Call,
    DatasetDetail,
    DatasetDetailWithSizes,
    DatasetInfo,
    HfApi,
    KernelInfo,
    ModelDetail,
    ModelDetailWithSizes,
    ModelInfo,
    ModelWithDownloads,
    ModelWithLikes,
    Paged,
    RepoSiblingWithSize,
    SpaceDetail,
    SpaceDetailWithSizes,
    SpaceInfo,
    SpaceRuntime,
    operations,
)
from hub_typed_api.models import ListedModel


def details(api: HfApi) -> None:
    assert_type(api.model_info("owner/name").sha, str)
    assert_type(api.model_info("owner/name", files_metadata=True).siblings[0].size, int)
    assert_type(api.model_info("owner/name", files_metadata=False), ModelDetail)
    assert_type(api.dataset_info("owner/name", revision="main"), DatasetDetail)
    assert_type(api.dataset_info("owner/name", files_metadata=True), DatasetDetailWithSizes)
    assert_type(api.space_info("owner/name").runtime, SpaceRuntime)
    assert_type(api.space_info("owner/name", files_metadata=True), SpaceDetailWithSizes)
    assert_type(hub_typed.model_info("owner/name", files_metadata=True).siblings, list[RepoSiblingWithSize])


def details_of_any_type(api: HfApi, kind: str, *, sizes: bool) -> None:
    assert_type(api.repo_info("owner/name"), ModelDetail)
    assert_type(api.repo_info("owner/name", repo_type="model", files_metadata=True), ModelDetailWithSizes)
    assert_type(api.repo_info("owner/name", repo_type="dataset"), DatasetDetail)
    assert_type(api.repo_info("owner/name", repo_type="dataset", expand=["sha"]), DatasetInfo)
    assert_type(api.repo_info("owner/name", repo_type="space", files_metadata=sizes), SpaceInfo)
    assert_type(api.repo_info("owner/name", repo_type="space"), SpaceDetail)
    assert_type(api.repo_info("owner/name", repo_type="kernel"), KernelInfo)
    assert_type(api.repo_info("owner/name", repo_type=kind), ModelInfo | DatasetInfo | SpaceInfo | KernelInfo)


def variables(api: HfApi, names: list[str], asked: list[str] | None, *, sizes: bool) -> None:
    assert_type(api.model_info("owner/name", files_metadata=sizes), ModelInfo)
    assert_type(api.model_info("owner/name", expand=names).sha, str | None)
    assert_type(api.model_info("owner/name", expand=asked, files_metadata=sizes), ModelInfo)
    assert_type(api.list_models(expand=names), Iterator[ModelInfo])
    assert_type(api.list_models(expand=asked), Iterator[ModelInfo])


def lists(api: HfApi) -> None:
    for model in api.list_models(author="owner", expand=["downloads"]):
        assert_type(model, ModelWithDownloads)
        assert_type(model.downloads, int)
        assert_type(model.likes, int | None)
    for liked in api.list_models(expand=("likes",)):
        assert_type(liked, ModelWithLikes)
    for other in api.list_models(expand=["downloads", "likes"]):
        assert_type(other, ModelInfo)
    assert_type(next(api.list_models(full=True)), ListedModel)


async def without_waiting(api: AsyncHfApi) -> None:
    assert_type((await api.model_info("owner/name")).tags, list[str])
    assert_type(await api.repo_info("owner/name", repo_type="dataset"), DatasetDetail)
    async for model in api.list_models(expand=["likes"]):
        assert_type(model.likes, int)


def as_values(api: HfApi) -> None:
    call = operations.models.model_info("owner/name", blobs=True)
    assert_type(call, Call[ModelDetailWithSizes])
    assert_type(api.call(call).siblings[0].blob_id, str)
    assert_type(operations.models.list_models(expand=["downloads"]), Paged[ModelWithDownloads])
    general: list[Call[ModelInfo]] = [call, operations.models.model_info("owner/name", expand=["sha"])]
    print(general)


def names_of(found: ModelInfo) -> list[str]:
    return [file.rfilename for file in found.siblings or []]


def passed_on(api: HfApi) -> Future[ModelDetail]:
    print(names_of(api.model_info("owner/name")), names_of(api.model_info("owner/name", files_metadata=True)))
    return api.run_as_future(api.model_info, "owner/name")
