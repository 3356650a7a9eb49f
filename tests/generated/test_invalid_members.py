"""An invalid object in an optional member does not fail the rest of a response."""

from __future__ import annotations

import pytest

from hub_typed_api.codec.lfs import structure_lfs_batch_object
from hub_typed_api.codec.models import structure_model_info, unstructure_model_info
from hub_typed_api.codec.tree import structure_repo_file, unstructure_repo_file

FILE = {"type": "file", "path": "a", "size": 3, "oid": "a" * 40}


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


def test_an_invalid_item_of_a_list_keeps_the_whole_list():
    data = {"_id": "1", "id": "o/m", "private": False, "siblings": [{"rfilename": "a"}, {"name": "b"}]}
    info = structure_model_info(data)
    assert info.siblings is None
    assert info.extra is not None
    assert info.extra["siblings"] == data["siblings"]
    assert unstructure_model_info(info) == data


@pytest.mark.parametrize("lfs", [{"oid": "c" * 64}, {"oid": 1, "size": 3, "pointerSize": 127}, "lfs"])
def test_what_decides_how_a_file_is_stored_is_never_left_out(lfs):
    with pytest.raises((TypeError, KeyError)):
        structure_repo_file({**FILE, "lfs": lfs})


@pytest.mark.parametrize("actions", [{"upload": {}}, {"upload": {"href": 1}}, "upload"])
def test_an_invalid_upload_action_does_not_mean_that_the_object_is_stored(actions):
    with pytest.raises((TypeError, KeyError, AttributeError)):
        structure_lfs_batch_object({"oid": "c" * 64, "size": 3, "actions": actions})
