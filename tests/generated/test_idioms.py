"""Common ways to read models, and their members under the names of the JSON."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import pprint
from datetime import UTC, datetime

import attrs
import pytest

from hub_typed_api.codec.models import structure_model_info, unstructure_model_info
from hub_typed_api.codec.tree import structure_repo_file
from hub_typed_api.codec.users import structure_who_am_i
from hub_typed_api.codec.webhooks import structure_webhook_payload
from hub_typed_api.models import GitCommitInfo, ModelInfo, SpaceRuntime

MOMENT = "2026-01-02T03:04:05.000Z"
DATA = {
    "_id": "1",
    "id": "o/m",
    "modelId": "o/m",
    "private": False,
    "lastModified": MOMENT,
    "siblings": [{"rfilename": "a"}],
}


@pytest.fixture
def info() -> ModelInfo:
    return structure_model_info(DATA)


def test_members_as_a_dict(info):
    assert vars(info)["id"] == info.__dict__["id"] == "o/m"
    assert dataclasses.asdict(info)["siblings"][0]["rfilename"] == "a"
    assert attrs.asdict(info)["siblings"][0]["rfilename"] == "a"
    assert "o/m" in json.dumps(vars(info), default=str)
    assert list(vars(info)) == [field.alias for field in attrs.fields(ModelInfo)]
    assert info.to_dict() == DATA


def test_printing_copying_and_pickling(info):
    assert pprint.pformat(info) == repr(info)
    assert copy.deepcopy(info) == copy.copy(info) == pickle.loads(pickle.dumps(info)) == info
    assert dataclasses.replace(info, id="o/n").id == "o/n"
    assert unstructure_model_info(info) == DATA


def test_json_names(info):
    assert info.lastModified is info.last_modified
    assert info.last_modified == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert info.modelId == info.model_id == "o/m"
    file = structure_repo_file({"type": "file", "path": "a", "size": 1, "oid": "b" * 40})
    assert (file.oid, file.xetHash) == ("b" * 40, None)
    assert not hasattr(info, "nothing")
    with pytest.raises(AttributeError):
        info.lastModified = None


def test_computed_names_are_not_replaced():
    assert isinstance(vars(GitCommitInfo)["author_infos"], object)
    assert "authors" not in vars(GitCommitInfo)
    assert "hardware" not in vars(SpaceRuntime)


def test_a_webhook_payload():
    payload = structure_webhook_payload(
        {
            "event": {"action": "update", "scope": "repo.content"},
            "repo": {
                "type": "model",
                "name": "o/m",
                "id": "1",
                "private": False,
                "url": {"web": "w", "api": "a"},
                "headSha": "c" * 40,
                "owner": {"id": "2"},
            },
            "updatedRefs": [{"ref": "refs/heads/main", "oldSha": None, "newSha": "c" * 40}],
            "webhook": {"id": "3", "version": 3},
        }
    )
    assert payload.updatedRefs == payload.updated_refs
    assert payload.repo is not None
    assert payload.repo.headSha == payload.repo.head_sha == "c" * 40


def test_an_account_is_a_mapping():
    account = structure_who_am_i({"type": "user", "id": "1", "name": "ann", "auth": {"type": "x"}, "email": None})
    assert dict(account.items()) == {key: account[key] for key in account}
    assert sorted(account) == ["auth", "email", "id", "name", "type"]
    assert len(account) == 5
    assert json.loads(json.dumps(account)) == dict(account)
    assert isinstance(account, dict)
    assert "ann" in account.values()
    assert copy.deepcopy(account) == pickle.loads(pickle.dumps(account)) == account
    assert account["name"] == "ann"
    assert account.auth
