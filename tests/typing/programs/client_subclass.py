"""A client of a team: names are completed, uploads are audited, and calls have new defaults."""

from __future__ import annotations

import os

from typing_extensions import override

from hub_typed import CommitInfo, HfApi, ModelInfo, RepoUrl


class TeamApi(HfApi):
    """A client that knows its organization and what it uploaded."""

    def __init__(self, organization: str, *, endpoint: str | None = None, token: str | bool | None = None) -> None:
        super().__init__(endpoint, token, library_name="team-tools", library_version="1.0")
        self.organization = organization
        self.audit: list[tuple[str, str]] = []

    def full_name(self, name: str) -> str:
        return name if "/" in name else f"{self.organization}/{name}"

    def create_private(self, name: str) -> RepoUrl:
        return self.create_repo(self.full_name(name), private=True, exist_ok=True)

    def publish(self, name: str, folder: str | os.PathLike[str]) -> CommitInfo:
        repo_id = self.full_name(name)
        info = self.upload_folder(repo_id=repo_id, folder_path=folder, allow_patterns=("*.bin", "*.md"))
        self.audit.append((repo_id, info.oid))
        return info

    def team_models(self) -> dict[str, ModelInfo]:
        return {model.id: model for model in self.list_models(author=self.organization, expand=["private", "sha"])}

    @override
    def delete_tag(
        self, repo_id: str, *, repo_type: str | None = None, tag: str, token: str | bool | None = None
    ) -> None:
        """Releases stay."""
        if tag.startswith("v"):
            raise PermissionError(f"{repo_id}: {tag} is a release")
        super().delete_tag(repo_id, repo_type=repo_type, tag=tag, token=token)


def in_team(organization: str, endpoint: str, token: str) -> TeamApi:
    with TeamApi(organization, endpoint=endpoint, token=token) as api:
        return api
