"""Infos of kernels, repositories of compute code."""

from __future__ import annotations

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.models import KernelInfo
from hub_typed_api.operations import kernels as operations

__all__ = ["kernel_info"]


async def kernel_info(io: Io, repo_id: str, *, revision: str | None = None, timeout: float | None = None) -> KernelInfo:
    """Get the info of a kernel.

    Args:
        repo_id: Name, ``owner/name``.
        revision: Branch, tag or commit; the default branch if not given.
        timeout: Total seconds to wait for the response; the deadline from the settings if not given.

    Raises:
        RepositoryNotFoundError: The kernel does not exist, or the token has no access to it.
        RevisionNotFoundError: The revision does not exist.
    """
    if revision is None:
        call = operations.kernel_info(repo_id)
    else:
        call = operations.kernel_info_at_revision(repo_id, revision=revision)
    return await execute(io, call, timeout=timeout)
