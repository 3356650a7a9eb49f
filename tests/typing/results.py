"""What a downstream author reads from results, and builds for tests; read by mypy and pyright, never run."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, assert_type

import attrs

from hub_typed import (
    BlobLfsInfo,
    DatasetCardData,
    GitRefInfo,
    HfApi,
    ModelCardData,
    ModelInfo,
    RepoFile,
    RepoSibling,
    SpaceCardData,
)


def read_infos(api: HfApi) -> None:
    model = api.model_info("owner/name")
    assert_type(model.card_data, ModelCardData | None)
    assert_type(model.cardData, ModelCardData | None)
    assert_type(api.dataset_info("owner/name").card_data, DatasetCardData | None)
    assert_type(api.space_info("owner/name").card_data, SpaceCardData | None)
    assert_type(model.card, dict[str, Any] | None)
    if model.card_data:
        assert_type(model.card_data.license, str | None)
    assert_type(model.lastModified, datetime)
    assert_type(model.to_dict(), dict[str, Any])
    for sibling in model.siblings:
        assert_type(sibling.lfs, BlobLfsInfo | None)
        if sibling.lfs:
            print(sibling.lfs["sha256"], dict(sibling.lfs.items()))


def read_files(api: HfApi) -> None:
    for entry in api.list_repo_tree("owner/name"):
        if isinstance(entry, RepoFile):
            assert_type(entry.lfs, BlobLfsInfo | None)


def read_account(api: HfApi) -> None:
    me = api.whoami(cache=True)
    assert_type(me.name, str)
    assert_type(len(me), int)
    print(me["name"], json.dumps(me))
    print([organization.name for organization in me.orgs or []])


def build_doubles() -> None:
    info = ModelInfo(id="owner/name", card_data={"license": "mit"}, siblings=[RepoSibling("a", size=3)])
    assert_type(attrs.evolve(info, sha="a" * 40), ModelInfo)
    assert_type(GitRefInfo("main", "refs/heads/main", "a" * 40).target_commit, str)
    assert_type(BlobLfsInfo(3, "c" * 64, pointer_size=127).sha256, str)
