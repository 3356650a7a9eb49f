"""The files and folders of a repository."""

from __future__ import annotations

from urllib.parse import parse_qs

import pytest

from hub_typed.errors import EntryNotFoundError, HFValidationError
from hub_typed.flows.tree import get_paths_info, list_repo_files, list_repo_tree
from hub_typed.http.io import drive_all
from hub_typed_api.models import RepoFile, RepoFolder


def file(path):
    return {"type": "file", "path": path, "oid": "a" * 40, "size": 3}


def folder(path):
    return {"type": "directory", "path": path, "oid": "b" * 40, "size": 0}


def test_a_tree_holds_files_and_folders_over_all_pages(hub):
    hub.says(200, [folder("d"), file("d/a")], link='<https://hub.test/next>; rel="next"').says(200, [file("b")])
    found = list(drive_all(list_repo_tree(hub.io(), "o/n", recursive=True)))
    assert [(type(entry), entry.path) for entry in found] == [(RepoFolder, "d"), (RepoFile, "d/a"), (RepoFile, "b")]
    assert (found[0].tree_id, found[1].blob_id, found[1].size) == ("b" * 40, "a" * 40, 3)


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({}, "/api/models/o/n/tree/main"),
        ({"path_in_repo": ""}, "/api/models/o/n/tree/main"),
        ({"path_in_repo": "a b/c"}, "/api/models/o/n/tree/main/a%20b%2Fc"),
        ({"repo_type": "space", "revision": "refs/pr/1"}, "/api/spaces/o/n/tree/refs%2Fpr%2F1"),
        ({"recursive": True, "expand": True}, "/api/models/o/n/tree/main?recursive=true&expand=true"),
    ],
)
def test_a_tree_is_asked_for_by_revision_and_folder(hub, given, url):
    assert list(drive_all(list_repo_tree(hub.says(200, []).io(), "o/n", **given))) == []
    assert hub.asked[0].path == f"https://hub.test{url}"


def test_a_folder_that_is_not_there_is_told(hub):
    with pytest.raises(EntryNotFoundError):
        list(drive_all(list_repo_tree(hub.says(404, x_error_code="EntryNotFound").io(), "o/n", "missing")))
    with pytest.raises(HFValidationError):
        list(drive_all(list_repo_tree(hub.io(), "o/n", "../x")))


def test_the_files_are_the_paths_without_the_folders(hub):
    hub.says(200, [folder("d"), file("d/a"), file("b")])
    assert hub.run(list_repo_files(hub.io(), "o/n", revision="v1", repo_type="dataset")) == ["d/a", "b"]
    assert hub.asked[0].path == "https://hub.test/api/datasets/o/n/tree/v1?recursive=true"


@pytest.mark.parametrize(("paths", "sent"), [("b", ["b"]), (["d", "b"], ["d", "b"]), (("a b&c=d",), ["a b&c=d"])])
def test_paths_are_asked_about_in_a_form(hub, paths, sent):
    found = hub.run(get_paths_info(hub.says(200, [folder("d"), file("b")]).io(), "o/n", paths, expand=True))
    assert [(type(entry), entry.path) for entry in found] == [(RepoFolder, "d"), (RepoFile, "b")]
    (asked,) = hub.asked
    assert (asked.method, asked.path) == ("POST", "https://hub.test/api/models/o/n/paths-info/main")
    assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
    assert parse_qs(asked.body.decode()) == {"paths": sent, "expand": ["true"]}


def test_many_paths_are_asked_about_in_parts_and_come_back_in_order(hub):
    paths = [f"f{number}" for number in range(1200)]
    for first in (0, 500, 1000):
        hub.says(200, [file(path) for path in paths[first : first + 500]])
    found = hub.run(get_paths_info(hub.io(concurrency=1), "o/n", paths))
    assert [entry.path for entry in found] == paths
    assert [len(parse_qs(asked.body.decode())["paths"]) for asked in hub.asked] == [500, 500, 200]


def test_no_paths_need_no_request(hub):
    assert hub.run(get_paths_info(hub.io(), "o/n", [])) == []


def test_a_question_about_paths_may_be_repeated(hub):
    hub.says(503).says(200, [file("b")])
    assert len(hub.run(get_paths_info(hub.io(), "o/n", "b", revision="v1"))) == 1


def test_a_path_that_is_not_utf_8_is_refused_before_any_request(hub):
    with pytest.raises(HFValidationError, match="cannot be encoded as UTF-8"):
        hub.run(get_paths_info(hub.io(), "o/n", ["a", "caf\udce9.txt"]))
    assert hub.asked == []
