"""Large files that are deleted from a repository by their hash."""

from __future__ import annotations

import pytest

CONTENT = b"large\0"


@pytest.fixture
def oid(ada):
    oid = ada.upload(CONTENT)
    assert ada.commit("models/ada/m", ada.large("a.bin", oid), ada.large("b/c.bin", oid)).status == 200
    return oid


def paths(caller, repo="models/ada/m"):
    return [one["path"] for one in caller("GET", f"/api/{repo}/tree/main?recursive=true").json()]


def test_a_deleted_file_leaves_all_commits_and_the_store(hub, ada, oid):
    assert ada("DELETE", f"/api/models/ada/m/lfs-files/{oid}").status == 200

    assert paths(ada) == [".gitattributes"]
    assert ada("GET", "/ada/m/resolve/main/a.bin").error == (404, "EntryNotFound")
    assert hub.lfs.size(oid) is None
    assert ada("DELETE", f"/api/models/ada/m/lfs-files/{oid}").status == 404


def test_without_a_new_history_only_the_content_is_deleted(ada, oid):
    head = ada("GET", "/api/models/ada/m").json()["sha"]

    assert ada("DELETE", f"/api/models/ada/m/lfs-files/{oid}?rewriteHistory=false").status == 200

    assert ada("GET", "/api/models/ada/m").json()["sha"] == head
    assert "a.bin" in paths(ada)
    assert ada("GET", ada("GET", "/ada/m/resolve/main/a.bin").headers["location"]).status == 404


def test_another_repository_keeps_the_content(hub, ada, oid):
    assert ada("POST", "/api/repos/create", {"name": "other"}).status == 200
    assert ada.commit("models/ada/other", ada.large("x.bin", oid)).status == 200

    assert ada("DELETE", f"/api/models/ada/m/lfs-files/{oid}").status == 200

    assert hub.lfs.size(oid) == len(CONTENT)
    assert ada("GET", ada("GET", "/ada/other/resolve/main/x.bin").headers["location"]).body == CONTENT


def test_readers_delete_nothing(bob, ada, oid):
    assert bob("DELETE", f"/api/models/ada/m/lfs-files/{oid}").status == 403
    assert "a.bin" in paths(ada)
