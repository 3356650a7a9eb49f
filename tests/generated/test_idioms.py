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
from hub_typed_api.models import (
    AccessRequest,
    BlobLfsInfo,
    BlobSecurityInfo,
    GitCommitInfo,
    LastCommitInfo,
    ModelInfo,
    SafeTensorsInfo,
    SpaceRuntime,
    TransformersInfo,
    WhoAmIOrg,
)

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


def test_edits_of_an_account_keep_it_the_same_as_its_dictionary():
    account = structure_who_am_i({"type": "user", "name": "ann", "email": None, "isPro": False})
    account["name"] = "bob"
    assert account.name == "bob"
    account.name = "cid"
    assert (account["name"], account.to_dict()["name"]) == ("cid", "cid")
    account.is_pro = None
    assert "isPro" not in account
    account.update(isPro=True, note="mine")
    assert (account.is_pro, account.extra) == (True, {"note": "mine"})
    assert account.pop("note") == "mine"
    assert account.extra is None
    account |= {"fullname": "Cid"}
    assert account.setdefault("fullname", "x") == account.fullname == "Cid"
    account.orgs = []
    account.extra = {"a": 1}
    assert dict(account) == {**account.to_dict(), "email": None}
    assert pickle.loads(pickle.dumps(account)) == {key: value for key, value in account.items() if value is not None}
    for edit in (lambda: account.pop("name"), account.clear):
        with pytest.raises(TypeError):
            edit()
    assert account["name"] == account.name == "cid"


@pytest.mark.parametrize(
    ("record", "members"),
    [
        (BlobLfsInfo(3, "c", 9), {"size": 3, "sha256": "c", "pointer_size": 9}),
        (LastCommitInfo("a", "t", datetime(2026, 1, 2, tzinfo=UTC)), {"oid": "a", "title": "t"}),
        (SafeTensorsInfo({"F32": 1}, 1), {"parameters": {"F32": 1}, "total": 1}),
        (TransformersInfo("AutoModel"), {"auto_model": "AutoModel"}),
        (BlobSecurityInfo(status="safe"), {"safe": True, "status": "safe"}),
        (WhoAmIOrg(type="org", name="lab", is_enterprise=True), {"type": "org", "name": "lab"}),
    ],
    ids=lambda one: type(one).__name__,
)
def test_records_are_mappings(record, members):
    assert {name: record[name] for name in members} == members
    assert members.keys() <= set(record)
    assert all(name in record for name in members)
    assert len(record) == len(dict(record)) == len(record.copy()) >= len(members)
    assert record == record.copy() == dict(record)
    assert record == record.to_dict()
    assert record == {**record.copy(), "nothing": None}
    assert record != {**record.copy(), "more": 1}
    assert record != {}
    assert record
    assert json.loads(json.dumps(record.to_dict())) == record.to_dict()
    assert type(record)(**record.to_dict()) == record == copy.deepcopy(record)


def test_edits_of_the_metadata_of_a_card():
    info = ModelInfo(id="o/m", cardData={"license": "mit", "tags": ["a"], "x": None, "eval_results": 7})
    assert info.to_dict()["cardData"] == info.card
    info.card_data.license = "apache-2.0"
    info.card_data.tags.append("b")
    card = {"license": "apache-2.0", "tags": ["a", "b"], "x": None, "eval_results": 7}
    assert info.to_dict()["cardData"] == info.card == card
    copies = [
        *(copy.copy(info), copy.deepcopy(info), pickle.loads(pickle.dumps(info))),
        *(dataclasses.replace(info, likes=None), attrs.evolve(info)),
    ]
    for one in copies:
        assert (one.card_data.license, one.card_data.tags) == ("apache-2.0", ["a", "b"])
    assert copies[0] == info
    info.card_data.license = "mit"
    assert info.card["license"] == "mit"
    assert copies[1] != info


def test_replacing_by_json_name(info):
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    for made in (dataclasses.replace(info, lastModified=moment), attrs.evolve(info, lastModified=moment)):
        assert (made.last_modified, made.id) == (moment, "o/m")
    assert dataclasses.replace(info, last_modified=moment).last_modified == moment
    for change in (dataclasses.replace, attrs.evolve):
        with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
            change(info, nothing=1)


def test_computed_names_are_members():
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    commit = GitCommitInfo("a", ["ann"], moment, "t", "m", None, None)
    assert (vars(commit)["authors"], vars(commit)["formatted_title"]) == (["ann"], None)
    assert GitCommitInfo(**vars(commit)) == commit
    assert dataclasses.replace(commit, authors=["bob"]).authors == ["bob"]
    assert dataclasses.replace(commit, formatted_message="<p>m</p>").formatted_message == "<p>m</p>"
    runtime = SpaceRuntime({"stage": "RUNNING", "hardware": {"current": "cpu-basic", "requested": None}})
    assert (vars(runtime)["hardware"], SpaceRuntime(**vars(runtime))) == ("cpu-basic", runtime)
    request = AccessRequest("ann", "Ann", None, moment, "pending")
    assert (vars(request)["username"], AccessRequest(**vars(request))) == ("ann", request)
