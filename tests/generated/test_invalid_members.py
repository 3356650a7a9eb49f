"""An invalid member does not fail the rest of a response."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import json
import os
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from codegen.checks.corpus import Captured, Checker
from codegen.spec.document import load
from codegen.spec.names import snake
from codegen.spec.operations import Operation
from hub_typed_api.codec.agents import structure_agent_harnesses
from hub_typed_api.codec.collections import (
    structure_collection,
    structure_updated_collection,
    unstructure_collection,
)
from hub_typed_api.codec.lfs import structure_lfs_batch_object
from hub_typed_api.codec.models import structure_model_info, unstructure_model_info
from hub_typed_api.codec.refs import structure_git_refs, unstructure_git_refs
from hub_typed_api.codec.tree import structure_repo_file, unstructure_repo_file
from hub_typed_api.model import Model
from hub_typed_api.operations.models import list_models
from hub_typed_api.operations.tree import list_repo_tree
from hub_typed_api.wire import Response

ROOT = Path(__file__).parent.parent.parent
CORPUS = Path(os.environ.get("HUB_TYPED_CORPUS") or ROOT.parent / "shared" / "corpus")
FILE = {"type": "file", "path": "a", "size": 3, "oid": "a" * 40}


def answered(body: object) -> Response:
    return Response(status=200, headers={}, body=json.dumps(body).encode())


@pytest.mark.parametrize(
    "security",
    [{"safe": True, "avScan": {"virusFound": False}}, {"hf": {"safe": True}}, {"status": 7}, "safe", [], 1],
)
def test_a_scan_without_status(security):
    data = {**FILE, "securityFileStatus": security, "brandNew": {"x": 1}}
    file = structure_repo_file(data)
    assert (file.path, file.security) == ("a", None)
    assert file.extra == {"securityFileStatus": security, "brandNew": {"x": 1}}
    assert unstructure_repo_file(file) == data


def test_several_invalid_members():
    data = {**FILE, "securityFileStatus": {}, "lastCommit": {"title": "no id"}, "xetHash": "d" * 64}
    file = structure_repo_file(data)
    assert (file.last_commit, file.security, file.xet_hash) == (None, None, "d" * 64)
    assert unstructure_repo_file(file) == data


def test_an_invalid_item_of_an_optional_list_keeps_the_whole_list():
    data = {"_id": "1", "id": "o/m", "private": False, "siblings": [{"rfilename": "a"}, {"name": "b"}]}
    info = structure_model_info(data)
    assert info.siblings is None
    assert info.extra is not None
    assert info.extra["siblings"] == data["siblings"]
    assert unstructure_model_info(info) == data


def test_an_invalid_item_of_a_required_list_is_left_out(caplog):
    ref = {"name": "main", "ref": "refs/heads/main", "targetCommit": "c" * 40}
    data = {"branches": [{"name": "odd"}, ref, 7], "converts": [], "tags": []}
    refs = structure_git_refs(data)
    assert [branch.name for branch in refs.branches] == ["main"]
    assert refs.extra == {"branches": data["branches"]}
    assert [record.args[:2] for record in caplog.records] == [("git_ref_info", 0), ("git_ref_info", 2)]
    assert unstructure_git_refs(refs) == data
    with pytest.raises(TypeError):
        structure_git_refs({**data, "tags": 7})


@pytest.mark.parametrize(
    ("member", "value"),
    [("downloads", "many"), ("tags", "a"), ("cardData", ["a"]), ("lastModified", "yesterday"), ("createdAt", 7)],
)
def test_a_wrong_type_of_an_optional_member(member, value):
    data = {"_id": "1", "id": "o/m", "likes": 3, member: value}
    info = structure_model_info(data)
    assert (info.id, info.likes, info.extra) == ("o/m", 3, {member: value})
    assert vars(info)[snake(member)] is None
    assert unstructure_model_info(info) == data


@pytest.mark.parametrize("data", [{"id": 7}, {"id": None}, {}])
def test_a_member_that_the_hub_always_sends(data):
    with pytest.raises((TypeError, KeyError)):
        structure_model_info(data)


def test_an_invalid_item_of_a_page_is_left_out_with_a_warning(caplog):
    page = [{"id": "o/a"}, {"id": 7}, {"likes": 1}, {"id": "o/b"}, "odd"]
    assert [info.id for info in list_models().parse(answered(page))] == ["o/a", "o/b"]
    assert [record.args[:2] for record in caplog.records] == [("model_info", 1), ("model_info", 1), ("model_info", 2)]


def test_a_page_of_invalid_items_fails():
    with pytest.raises(TypeError):
        list_models().parse(answered([{"id": 7}, {"id": 8}]))


def test_files_are_never_left_out():
    with pytest.raises(TypeError):
        list_repo_tree("o/m", repo_type="model", revision="main").parse(answered([FILE, {**FILE, "oid": None}, FILE]))


COLLECTION = {
    "slug": "ann/set-1",
    "title": "Set",
    "owner": {"name": "ann", "fullname": "Ann", "avatarUrl": "/ann.png", "type": "user"},
    "items": [],
    "lastUpdated": "2024-02-29T12:00:00.000Z",
    "private": False,
    "theme": "blue",
    "upvotes": 3,
}


def test_a_required_object_without_required_members_keeps_the_others():
    owner = {"name": "ann", "avatarUrl": 7, "brandNew": 1}
    data = {**COLLECTION, "owner": owner}
    collection = structure_collection(data)
    account = collection.owner_info

    assert (collection.owner, account.name, account.is_pro) == ("ann", "ann", None)
    assert account.extra == {"avatarUrl": 7, "brandNew": 1}
    assert collection.extra == {"owner": owner}
    assert (account.to_dict(), unstructure_collection(collection)) == (owner, data)
    for name in ("fullname", "avatar_url", "type"):
        with pytest.raises(AttributeError, match=f"the Hub did not send a valid '{name}' of Account"):
            getattr(account, name)
    with pytest.raises(AttributeError, match="'avatar_url' of Account"):
        _ = account.avatarUrl
    with pytest.raises(AttributeError, match="'Account' object has no attribute 'nothing'"):
        _ = account.nothing


def test_an_object_with_unset_members_is_a_value():
    account = structure_collection({**COLLECTION, "owner": {"name": "ann"}}).owner_info
    assert repr(account) == "Account(name='ann')"
    assert vars(account)["name"] == dataclasses.asdict(account)["name"] == "ann"
    assert "fullname" not in vars(account)
    for other in (copy.copy(account), copy.deepcopy(account), pickle.loads(pickle.dumps(account))):
        assert other == account
        assert other.to_dict() == {"name": "ann"}
    account.fullname = "Ann"
    assert account.to_dict() == {"name": "ann", "fullname": "Ann"}


@pytest.mark.parametrize("owner", [None, "ann", 7, [], {}])
def test_a_required_object_that_is_none_has_no_members(owner):
    collection = structure_collection({**COLLECTION, "owner": owner})
    assert (collection.slug, collection.owner, collection.extra) == ("ann/set-1", "ann", {"owner": owner})
    assert not hasattr(collection.owner_info, "name")
    assert unstructure_collection(collection) == {**COLLECTION, "owner": owner}


def test_a_required_object_that_is_absent_has_no_members():
    collection = structure_collection({name: value for name, value in COLLECTION.items() if name != "owner"})
    assert (collection.title, collection.owner, collection.extra) == ("Set", "ann", None)
    assert not hasattr(collection.owner_info, "name")


def test_objects_within_an_invalid_object_are_used():
    data = {"data": {**COLLECTION, "theme": None, "owner": {"name": "ann"}}}
    updated = structure_updated_collection(data)
    assert (updated.data.title, updated.data.owner) == ("Set", "ann")
    assert not hasattr(updated.data, "theme")
    assert updated.to_dict() == data
    assert updated.data.to_dict() == data["data"]


def test_an_invalid_value_of_a_required_map_is_left_out(caplog):
    data = {"harnesses": {"odd": {}, "good": {"prettyLabel": "Good"}}, "standardEnvVars": []}
    found = structure_agent_harnesses(data)
    assert [*found.harnesses] == ["good"]
    assert [record.args[:2] for record in caplog.records] == [("agent_harness", "odd")]
    assert found.to_dict() == data


def test_the_only_item_of_a_page_is_left_out_with_a_warning(caplog):
    assert list_models().parse(answered([{"likes": 1}])) == []
    assert [record.args[:2] for record in caplog.records] == [("model_info", 0)]


@pytest.mark.parametrize("lfs", [{"oid": "c" * 64}, {"oid": 1, "size": 3, "pointerSize": 127}, "lfs"])
def test_what_decides_how_a_file_is_stored_is_never_left_out(lfs):
    with pytest.raises((TypeError, KeyError)):
        structure_repo_file({**FILE, "lfs": lfs})


@pytest.mark.parametrize("actions", [{"upload": {}}, {"upload": {"href": 1}}, "upload"])
def test_an_invalid_upload_action_does_not_mean_that_the_object_is_stored(actions):
    with pytest.raises((TypeError, KeyError, AttributeError)):
        structure_lfs_batch_object({"oid": "c" * 64, "size": 3, "actions": actions})


STRICT = {"lfs_batch", "preupload", "list_repo_tree", "paths_info", "list_lfs_files"}
"""Operations whose answers decide which bytes are sent or received."""


def nested_members(value: Any, path: tuple[Any, ...] = (), depth: int = 0) -> Iterator[tuple[Any, ...]]:
    """Paths of the members of all objects within the objects of an answer."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if depth:
                yield (*path, name)
            yield from nested_members(inner, (*path, name), depth + 1)
    if isinstance(value, list):
        for position, inner in enumerate(value):
            yield from nested_members(inner, (*path, position), depth)


@pytest.fixture(scope="module")
def members() -> Callable[[], list[tuple[Operation, Any, tuple[Any, ...]]]]:
    """Nested members of all captured answers, each member of an operation's answers once."""
    if not CORPUS.exists():
        pytest.skip("no captured responses")
    document = json.loads((ROOT / "generated" / "openapi.json").read_text())
    checker = Checker(load(ROOT / "spec"), document)
    found: dict[tuple[Any, ...], tuple[Operation, Any, tuple[Any, ...]]] = {}
    for file in sorted(CORPUS.glob("*.json"), key=lambda path: (path.stat().st_size, path.name)):
        answer = Captured.read(file)
        operation = checker.operation(answer) if answer.status in (None, 200, 201) else None
        if operation is None or operation.answer != "model" or operation.name in STRICT:
            continue
        for path in nested_members(answer.body):
            general = ("*" if isinstance(step, int) else step for step in path)
            found.setdefault((operation.name, *general), (operation, answer.body, path))
    places = [*found.values()]
    return lambda: places  # hypothesis would print a list


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    number=st.integers(0, 1 << 20),
    value=st.sampled_from(["dropped", None, "x", 7, 0.5, True, [], [7], {}, {"a": 1}]),
)
def test_one_nested_member_never_costs_the_whole_answer(members, number, value):
    operation, body, (*parents, last) = members()[number % len(members())]
    changed = holder = copy.deepcopy(body)
    for step in parents:
        holder = holder[step]
    if value == "dropped":
        del holder[last]
    else:
        holder[last] = value
    read = getattr(importlib.import_module(f"hub_typed_api.operations.{operation.area}"), f"_{operation.name}")
    result, right = read(answered(changed)), read(answered(body))
    repr(result)
    if isinstance(result, Model) and isinstance(right, Model):
        assert value == "dropped" or read(answered(result.to_dict())) == result
        for field in attrs.fields(type(result)):
            if field.metadata.get("wire", field.name) not in (parents[0], "*"):
                assert getattr(result, field.name) == getattr(right, field.name)
