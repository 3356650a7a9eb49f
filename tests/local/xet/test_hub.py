"""Xet storage in a Hub: what its repositories name, and restarts."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub_typed.local.server.app import Hub
from tests.local.xet.material import put


@pytest.fixture
def hub(tmp_path: Path) -> Hub:
    return Hub(tmp_path / "hub", xet=True)


def test_content_that_no_revision_names_is_garbage(hub, ada):
    assert hub.xet is not None
    kept, changed, never = (put(hub.xet, content) for content in (b"kept", b"changed", b"never committed"))
    for file in (kept, changed):
        hub.lfs.note_upload(file.sha256 or "", repo=hub.store.find("model", "ada/m").facts.id, user="ada")
    for path, file in (("a", kept), ("b", changed)):
        assert ada.commit("models/ada/m", ada.large(path, file.sha256 or "", file.size)).status == 200
    ada.put("models/ada/m", "b", b"now without LFS")

    hub.collect_garbage()
    assert hub.lfs.size(never.sha256 or "") is not None, "its commit may follow"

    hub.collect_garbage(older_than=0)
    assert [hub.lfs.size(file.sha256 or "") for file in (kept, changed, never)] == [4, 7, None]


def test_content_of_xet_is_deleted_from_a_repository_for_good(hub, ada):
    assert hub.xet is not None
    file = put(hub.xet, b"secret")
    hub.lfs.note_upload(file.sha256 or "", repo=hub.store.find("model", "ada/m").facts.id, user="ada")
    assert ada.commit("models/ada/m", ada.large("a", file.sha256 or "", 6)).status == 200
    (listed,) = ada("GET", "/api/models/ada/m/lfs-files").json()

    ada("POST", "/api/models/ada/m/lfs-files/batch", {"deletions": {"sha": [listed["fileOid"]]}})

    assert hub.lfs.size(file.sha256 or "") is None
    assert hub.xet.file(file.hash) is None
    assert [path for path in (hub.xet.root / "xorbs").rglob("*") if path.is_file()] == []


def test_what_a_killed_hub_left_is_removed_when_it_starts(hub, tmp_path):
    assert hub.xet is not None
    file = put(hub.xet, b"content")
    (hub.xet.root / "incoming" / "part").touch()
    hub.stop()

    again = Hub(tmp_path / "hub", xet=True)

    assert again.xet is not None
    assert list((again.xet.root / "incoming").iterdir()) == []
    assert again.lfs.size(file.sha256 or "") == 7
