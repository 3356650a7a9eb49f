"""What a downstream author gets from the asynchronous client; read by mypy and pyright, never run."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import assert_type

from hub_typed import (
    AccessRequest,
    AsyncHfApi,
    CommitInfo,
    CommitOperationAdd,
    Discussion,
    DiscussionWithDetails,
    DryRunFileInfo,
    FolderVerification,
    GitCommitInfo,
    GitRefs,
    ModelDetail,
    RepoFile,
    RepoFolder,
)
from hub_typed_api.models import ListedModel
from hub_typed_api.operations import models, refs
from hub_typed_api.wire import Page


async def read(api: AsyncHfApi) -> None:
    assert_type(await api.repo_exists("owner/name"), bool)
    assert_type(await api.list_repo_refs("owner/name"), GitRefs)
    assert_type(await api.list_repo_commits("owner/name"), list[GitCommitInfo])
    assert_type(await api.hf_hub_download("owner/name", "config.json"), str)
    assert_type(await api.snapshot_download("owner/name"), str)
    assert_type(await api.hf_hub_download("owner/name", "config.json", dry_run=True), DryRunFileInfo)
    assert_type(await api.snapshot_download("owner/name", dry_run=True), list[DryRunFileInfo])
    assert_type(await api.verify_repo_checksums("owner/name", repair=True), FolderVerification)
    found = api.list_models(search="bert", limit=5)
    assert_type(found, AsyncIterator[ListedModel])
    assert_type([model.id async for model in found], list[str])
    assert_type([entry async for entry in api.list_repo_tree("owner/name")], list[RepoFile | RepoFolder])


async def write(api: AsyncHfApi) -> None:
    operations = [CommitOperationAdd("a.txt", b"text")]
    assert_type(await api.create_commit("owner/name", operations, commit_message="New"), CommitInfo)
    assert_type(await api.upload_folder(repo_id="owner/name", folder_path="weights"), CommitInfo)


async def discuss(api: AsyncHfApi) -> None:
    assert_type(api.get_repo_discussions("owner/name", author="me"), AsyncIterator[Discussion])
    assert_type(await api.create_discussion("owner/name", "A title"), DiscussionWithDetails)


async def administer(api: AsyncHfApi) -> None:
    assert_type(await api.list_accepted_access_requests("owner/name"), list[AccessRequest])
    await api.auth_check("owner/name", write=True)


async def values(api: AsyncHfApi) -> None:
    assert_type(await api.call(refs.list_repo_refs("owner/name")), GitRefs)
    async for page in api.pages(models.list_models(limit=100)):
        assert_type(page, Page[ListedModel])


async def together() -> None:
    async with AsyncHfApi() as api:
        first, second = await asyncio.gather(api.model_info("owner/name"), api.repo_exists("owner/other"))
        assert_type(first, ModelDetail)
        assert_type(second, bool)
