"""Handlers of sizes, differences, scans and tokens of repositories."""

from __future__ import annotations

from datetime import datetime

from hub_typed.local.accounts.repo_tokens import issue_repo_token
from hub_typed.local.errors import forbidden
from hub_typed.local.git.comparison import diff_commits, list_changes
from hub_typed.local.request.call import Call
from hub_typed.local.request.resource_groups import described_group, move_to_group
from hub_typed_api import models
from hub_typed_api.path import checked_file
from hub_typed_api.server.repo_tools import RepoToolsHandlers

__all__ = ["RepoTools"]

_EMPTY_TREE = "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
"""Git's id of a folder without files, with which clients compare a revision to list all its files."""
_LIFETIME = 3600
"""Seconds until a token expires, at most."""
_SPACE_LIFETIME = 24 * 3600
"""The same for Spaces."""
_WRITE_LIFETIME = 600
"""The same for a token that permits to write."""


class RepoTools(RepoToolsHandlers[Call]):
    """Handlers of the operations in the area ``repo_tools``."""

    def get_tree_size(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoTypeWithoutKernel,
        revision: str,
        path_in_repo: str | None = None,
    ) -> models.TreeSize:
        git = call.readable(repo_type, repo_id).git()
        folder = checked_file(path_in_repo) if path_in_repo else ""
        entries = git.tree(git.commit_at(revision), folder, recursive=True)
        return models.TreeSize(path=f"/{folder}", size=sum(entry.size for entry in entries))

    def compare_revisions(
        self,
        call: Call,
        *,
        repo_id: str,
        compare: str,
        repo_type: models.RepoTypeWithoutKernel,
        raw: bool | None = None,
    ) -> str:
        repo = call.openable(repo_type, repo_id)
        git = repo.git()
        base, separator, head = compare.rpartition("..")  # the name of no ref contains two dots
        commit = git.commit_at(head)
        before = commit.parents[:1]
        if separator:
            before = [] if base == _EMPTY_TREE else [git.commit_at(base)]
        compared = (str(repo.path), str(before[0].id) if before else None, str(commit.id))
        return (list_changes if raw else diff_commits)(*compared)

    def get_repo_scan(self, call: Call, *, repo_id: str, repo_type: models.RepoTypeWithoutKernel) -> models.RepoScan:
        call.readable(repo_type, repo_id)
        # Files are not scanned here. Clients may wait for scans to be done.
        return models.RepoScan(scans_done=True, files_with_issues=[])

    def get_repo_jwt(
        self,
        call: Call,
        *,
        repo_id: str,
        repo_type: models.RepoTypeWithoutKernel,
        write: bool | None = None,
        expiration: datetime | None = None,
        expires_in: int | None = None,
        encrypted: bool | None = None,
        inference_api: bool | None = None,
        include_pro_status: bool | None = None,
        billing_details: bool | None = None,
    ) -> models.RepoJwt:
        identity = call.user()
        if call.accounts.find_token(token=identity.token) is None:
            raise forbidden("A token of a repository cannot be exchanged for another one")
        repo = call.openable(repo_type, repo_id)
        if not identity.permits("repo.content.read", repo.namespace, repo.repo_id, repo.facts.id):
            raise forbidden("Forbidden: this token lacks the permission repo.content.read")
        if write:
            repo = call.writable(repo_type, repo_id)
        now = call.now().timestamp()
        most = _WRITE_LIFETIME if write else _SPACE_LIFETIME if repo_type == "space" else _LIFETIME
        asked = expires_in if expiration is None else expiration.timestamp() - now
        expires = int(now + max(0, min(most, most if asked is None else asked)))
        token = issue_repo_token(call.signer, identity, repo, writes=bool(write), expires=expires)
        return models.RepoJwt(token_value=token, access_token=f"Bearer {token}", exp=expires)

    def get_repo_resource_group(
        self, call: Call, *, repo_id: str, repo_type: models.RepoTypeWithoutKernel
    ) -> models.ResourceGroup:
        repo = call.readable(repo_type, repo_id)
        return described_group(call, repo.namespace, repo.facts.id)

    def set_repo_resource_group(
        self, call: Call, *, repo_id: str, repo_type: models.RepoTypeWithoutKernel, resource_group_id: str | None
    ) -> models.RepoSummary:
        return move_to_group(call, call.writable(repo_type, repo_id), resource_group_id)
