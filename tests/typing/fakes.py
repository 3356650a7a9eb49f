"""Code that is given a client, and fakes of it for its tests."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from hub_typed import AsyncHfApi, AsyncHubClient, HfApi, HubClient, ModelInfo
from hub_typed_api.models import ExpandModelProperty, ModelDetailWithSizes
from hub_typed_api.surface.protocols import AsyncUsersClient, ModelsClient, RefsClient


def newest_commit(api: HubClient, repo_id: str) -> str | None:
    return api.model_info(repo_id).sha


async def newest_commit_later(api: AsyncHubClient, repo_id: str) -> str | None:
    return (await api.model_info(repo_id)).sha


class ModelsAndRefs(ModelsClient, RefsClient, Protocol):
    """The methods of two areas."""


def tags(api: ModelsAndRefs, repo_id: str) -> list[str]:
    return [tag.name for tag in api.list_repo_refs(repo_id).tags if api.model_info(repo_id).id]


async def name(api: AsyncUsersClient) -> str:
    return (await api.whoami()).name


class Info(Protocol):
    """One method: no protocol of an area is needed."""

    def model_info(self, repo_id: str) -> ModelInfo: ...


def downloads(api: Info) -> int | None:
    return api.model_info("owner/name").downloads


class FakeInfo:
    """A fake with one method."""

    def model_info(self, repo_id: str) -> ModelInfo:
        return ModelInfo(id=repo_id, downloads=3)


class FakeModels(HfApi):
    """A fake that overrides what the code calls, and has the rest from the client."""

    def model_info(
        self,
        repo_id: str,
        *,
        revision: str | None = None,
        timeout: float | None = None,
        securityStatus: bool | None = None,  # noqa: N803 (a name of the official client)
        files_metadata: bool = False,
        expand: Iterable[ExpandModelProperty] | None = None,
        token: str | bool | None = None,
    ) -> ModelDetailWithSizes:  # what any of its overloads returns
        return ModelDetailWithSizes(id=repo_id, sha="0" * 40)


async def use() -> None:
    newest_commit(HfApi(), "owner/name")
    newest_commit(FakeModels(), "owner/name")
    tags(HfApi(), "owner/name")
    downloads(HfApi())
    downloads(FakeInfo())
    await newest_commit_later(AsyncHfApi(), "owner/name")
    await name(AsyncHfApi())
