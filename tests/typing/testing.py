"""What a downstream author gets from the fixtures of the embedded Hub; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal, assert_type

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.testing import (
    HubRepo,
    HubRepoFactory,
    HubUser,
    HubUsers,
    NetworkRefusedError,
    hub_environment,
    loopback_only,
)


def hub_seed() -> Callable[[LocalHub], None]:
    def seed(hub: LocalHub) -> None:
        hub.add_organization("lab", {hub.user: "admin"})
        HubRepoFactory(hub)({"README.md": "# A model"}, name="seed", owner="lab")

    return seed


def test_repositories(
    local_hub: LocalHub, hub_api: HfApi, hub_repo: HubRepoFactory, hub_users: HubUsers, loopback_only: None
) -> None:
    repo = hub_repo({"a": "text", "b": b"bytes", "c": Path("file")}, repo_type="dataset", private=True, gated="auto")
    assert_type(repo, HubRepo)
    assert_type(repo.repo_id, str)
    assert_type(repo.repo_type, Literal["model", "dataset", "space", "kernel"])
    assert_type(repo.url, str)
    assert_type(repo.git_url, str)
    assert_type(repo.commit, str)
    assert_type(hub_users.reader, HubUser)
    assert_type(hub_users.outsider.read_token, str)
    assert_type(hub_users.organization, str)
    hub_api.model_info(repo.repo_id)
    hub_repo(owner=hub_users.organization, name="named", repo_type="space", space_sdk="gradio")


def everything_without_pytest(hub: LocalHub, home: Path) -> None:
    state = hub.save()
    hub.restore(state)
    assert_type(hub.environment(), dict[str, str])
    with hub_environment(hub, home, token=hub.read_token), loopback_only():
        HubRepoFactory(hub)()
    raise NetworkRefusedError
