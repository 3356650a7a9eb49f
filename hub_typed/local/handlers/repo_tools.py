"""Handlers of further facts of repositories."""

from __future__ import annotations

from hub_typed.local.request.call import Call
from hub_typed.local.request.resource_groups import described_group, move_to_group
from hub_typed_api import models
from hub_typed_api.server.repo_tools import RepoToolsHandlers

__all__ = ["RepoTools"]


class RepoTools(RepoToolsHandlers[Call]):
    """Handlers of the operations in the area ``repo_tools``."""

    def get_repo_resource_group(
        self, call: Call, *, repo_id: str, repo_type: models.RepoTypeWithoutKernel
    ) -> models.ResourceGroup:
        repo = call.readable(repo_type, repo_id)
        return described_group(call, repo.namespace, repo.facts.id)

    def set_repo_resource_group(
        self, call: Call, *, repo_id: str, repo_type: models.RepoTypeWithoutKernel, resource_group_id: str | None
    ) -> models.RepoSummary:
        return move_to_group(call, call.writable(repo_type, repo_id), resource_group_id)
