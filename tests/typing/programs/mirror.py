"""A mirror that copies repositories of one owner into folders, and reports what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hub_typed import DatasetSort, HfApi, HubError, ModelSort, RepoFile


@dataclass(frozen=True)
class Mirrored:
    repo_id: str
    repo_type: str
    commit: str
    size: int


@dataclass
class Mirror:
    api: HfApi
    owner: str
    folder: Path
    allow: tuple[str, ...] = ("*.json", "*.safetensors", "*.md")

    def run(self, sort: ModelSort = "last_modified") -> list[Mirrored]:
        return [*self.models(sort), *self.datasets(sort)]

    def models(self, sort: ModelSort) -> Iterator[Mirrored]:
        for model in self.api.list_models(author=self.owner, sort=sort, expand=["sha", "private"]):
            if model.sha is not None:
                yield self.copy(model.id, "model", model.sha)

    def datasets(self, sort: DatasetSort) -> Iterator[Mirrored]:
        for dataset in self.api.list_datasets(author=self.owner, sort=sort, expand=["sha"]):
            if dataset.sha is not None:
                yield self.copy(dataset.id, "dataset", dataset.sha)

    def copy(self, repo_id: str, repo_type: str, commit: str) -> Mirrored:
        target = self.folder / f"{repo_type}s" / repo_id
        self.api.snapshot_download(
            repo_id, repo_type=repo_type, revision=commit, local_dir=target, allow_patterns=self.allow
        )
        entries = self.api.list_repo_tree(repo_id, recursive=True, revision=commit, repo_type=repo_type)
        size = sum(entry.size for entry in entries if isinstance(entry, RepoFile))
        return Mirrored(repo_id, repo_type, commit, size)


def is_current(api: HfApi, mirrored: Mirrored) -> bool:
    try:
        return api.repo_info(mirrored.repo_id, repo_type=mirrored.repo_type).sha == mirrored.commit
    except HubError:
        return False
