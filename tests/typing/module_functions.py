"""What a downstream author gets from the functions of the module; read by mypy and pyright, never run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from typing import assert_type

import hub_typed
from hub_typed import (
    CommitInfo,
    DryRunFileInfo,
    ModelDetail,
    create_commit,
    hf_hub_download,
    list_models,
    model_info,
    snapshot_download,
)
from hub_typed_api.models import ListedModel


def functions() -> None:
    assert_type(model_info("owner/name", token=True), ModelDetail)
    assert_type(list_models(limit=5), Iterator[ListedModel])
    assert_type(hf_hub_download("owner/name", filename="config.json"), str)
    assert_type(snapshot_download("owner/name"), str)
    assert_type(snapshot_download("owner/name", dry_run=True), list[DryRunFileInfo])
    assert_type(hf_hub_download("owner/name", "config.json", dry_run=True, endpoint="http://hub.test"), DryRunFileInfo)
    assert_type(hub_typed.repo_exists("owner/name"), bool)
    assert_type(create_commit("owner/name", [], commit_message="Nothing"), CommitInfo)
    assert_type(create_commit("owner/name", [], commit_message="Nothing", run_as_future=True), Future[CommitInfo])


def as_values() -> None:
    exists: Callable[[str], bool] = hub_typed.repo_exists
    assert_type(list(map(exists, ["owner/name"])), list[bool])
