"""Commit of a revision."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, TypeVar

from hub_typed.flows.files.offline import fallback_timeout
from hub_typed.flows.files.paths import COMMIT, checked_hash
from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import DatasetInfo, KernelInfo, ModelInfo, SpaceInfo
from hub_typed_api.operations import datasets, kernels, models, spaces
from hub_typed_api.wire import Call

__all__: list[str] = []

T = TypeVar("T")


async def request_commit(
    io: Io, repo_id: str, repo_type: str, revision: str, *, timeout: float | None = None, single_attempt: bool = False
) -> str:
    """Request the commit of a revision; a commit hash is returned without a request.

    Args:
        timeout: Seconds to wait for the response.
        single_attempt: Send the request once, with a short timeout, since files on disk can be used instead.
    """
    if COMMIT.fullmatch(revision):
        return revision

    def send(call: Call[T]) -> Coroutine[Any, Any, T]:
        return execute(
            io,
            call,
            timeout=fallback_timeout(timeout) if single_attempt else timeout,
            single_attempt=single_attempt,
            extend_for_rate_limit=True,
        )

    info: ModelInfo | DatasetInfo | SpaceInfo | KernelInfo
    if repo_type == "dataset":
        info = await send(datasets.dataset_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    elif repo_type == "space":
        info = await send(spaces.space_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    elif repo_type == "kernel":
        info = await send(kernels.kernel_info_at_revision(repo_id, revision=revision))
    else:
        info = await send(models.model_info_at_revision(repo_id, revision=revision, expand=["sha"]))
    return checked_hash(info.sha or "", f"{repo_id}: the commit of revision {revision!r}")
