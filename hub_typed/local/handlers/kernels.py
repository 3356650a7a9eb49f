"""Handlers of kernels: lists and infos. Nothing is derived from the builds that a kernel contains."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.request.call import Call
from hub_typed.local.views.profiles import describe_account
from hub_typed.local.views.repo_info import (
    RepoSummary,
    build_infos,
    checked_expand,
    search_repos,
    select_members,
    summarize_repo,
)
from hub_typed_api.models import ExpandKernelProperty, KernelInfo
from hub_typed_api.server.kernels import KernelsHandlers

__all__ = ["Kernels"]

_IN_LISTS = {"likes", "trendingScore", "private", "downloads", "tags", "createdAt"}
_IN_FULL_LISTS = _IN_LISTS | {"author", "sha", "lastModified", "gated", "files"}
_IN_INFO = {
    *("author", "authorData", "sha", "lastModified", "private", "gated", "downloads", "likes", "isLikedByUser"),
    *("repoType", "files"),
}


class Kernels(KernelsHandlers[Call]):
    """Handlers of the operations in the area ``kernels``."""

    def list_kernels(
        self,
        call: Call,
        *,
        search: str | None = None,
        author: Sequence[str] | None = None,
        repo_ids: Sequence[str] | None = None,
        arxiv_ids: Sequence[str] | None = None,
        filter: Sequence[str] | None = None,
        sort: str | None = None,
        direction: int | None = None,
        limit: int | None = None,
        cursor: str | None = None,
        full: bool | None = None,
        gated: bool | None = None,
        expand: Sequence[str] | None = None,
    ) -> Sequence[KernelInfo]:
        members = checked_expand(expand, ExpandKernelProperty) or (_IN_FULL_LISTS if full else _IN_LISTS)
        found = search_repos(
            call,
            "kernel",
            search=None if search is None else [search],
            author=None,
            filter=filter,
            gated=gated,
            sort=sort,
            direction=direction,
        )
        wanted = [
            one
            for one in found
            if (author is None or one.repo.namespace in author)
            and (repo_ids is None or one.repo.repo_id in repo_ids)
            and (arxiv_ids is None or any(f"arxiv:{paper}" in one.kinds for paper in arxiv_ids))
        ]
        return [select_members(info, members) for info in build_infos(wanted, lambda one: _info(call, one))]

    def kernel_info(self, call: Call, *, repo_id: str) -> KernelInfo:
        return self.kernel_info_at_revision(call, repo_id=repo_id, revision="main")

    def kernel_info_at_revision(self, call: Call, *, repo_id: str, revision: str) -> KernelInfo:
        repo = call.readable("kernel", repo_id)
        return select_members(_info(call, summarize_repo(repo, revision)), _IN_INFO)


def _info(call: Call, one: RepoSummary) -> KernelInfo:
    repo, known = one.repo, one.common
    return KernelInfo(
        id=repo.repo_id,
        author=known["author"],
        author_data=describe_account(call, repo.namespace),
        sha=known["sha"],
        last_modified=known["last_modified"],
        created_at=known["created_at"],
        private=known["private"],
        gated=known["gated"],
        disabled=known["disabled"],
        downloads=repo.downloads,
        downloads_all_time=repo.downloads,
        likes=known["likes"],
        is_liked_by_user=call.identity is not None and call.identity.user.name in repo.likes.all(),
        trending_score=known["trending_score"],
        tags=known["tags"],
        card_data=known["card_data"],
        repo_type="kernel",
        files=[file.path for file in one.files],
    )
