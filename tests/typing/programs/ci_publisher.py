"""A step of continuous integration that publishes a model with a card, as a pull request unless on main."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hub_typed import (
    CommitOperation,
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    HfHubHTTPError,
    ModelCard,
    ModelCardData,
)


@dataclass(frozen=True)
class Build:
    version: str
    branch: str
    artefacts: Path
    licence: str = "apache-2.0"


@dataclass(frozen=True)
class Published:
    commit: str
    pull_request: int | None


def card_of(build: Build) -> ModelCard:
    data = ModelCardData(license=build.licence, tags=["ci", build.branch], library_name="transformers")
    return ModelCard(f"---\n{data.to_yaml()}\n---\n# Version {build.version}\n")


def operations_of(api: HfApi, repo_id: str, build: Build) -> list[CommitOperation]:
    """Add what was built, and delete weights that are not built any more."""
    built = [path for path in build.artefacts.rglob("*") if path.is_file()]
    files = {path.relative_to(build.artefacts).as_posix(): path for path in built}
    operations: list[CommitOperation] = [CommitOperationAdd(name, path) for name, path in sorted(files.items())]
    operations.append(CommitOperationAdd("README.md", str(card_of(build)).encode()))
    published = api.list_repo_files(repo_id)
    stale = [name for name in published if name.endswith(".safetensors") and name not in files]
    return [*operations, *map(CommitOperationDelete, stale)]


def publish(api: HfApi, repo_id: str, build: Build) -> Published:
    api.create_repo(repo_id, exist_ok=True)
    on_main = build.branch == "main"
    try:
        info = api.create_commit(
            repo_id,
            operations_of(api, repo_id, build),
            commit_message=f"Version {build.version}",
            create_pr=not on_main,
        )
    except HfHubHTTPError as error:
        raise SystemExit(f"{error.response.status_code}: {error.server_message or error}") from error
    if on_main:
        api.create_tag(repo_id, tag=f"v{build.version}", revision=info.oid, exist_ok=True)
    return Published(info.oid, info.pr_num)
