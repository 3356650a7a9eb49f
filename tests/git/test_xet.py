"""git-lfs and Xet: each reads what came by the other."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from hub_typed import HfApi, Settings
from hub_typed.local import LocalHub

FILES = {
    "random.bin": b"\0" + random.Random(1).randbytes(3_000_000),
    "deep/zeros.bin": bytes(500_000),
    "small.bin": b"\0small",
}
pytestmark = pytest.mark.usefixtures("git_lfs")


@pytest.fixture
def api(xet_hub: LocalHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Our client with Xet, and a repository."""
    monkeypatch.setenv("HF_XET_CACHE", str(tmp_path / "xet"))
    settings = Settings(xet=True, cache_dir=str(tmp_path / "cache"), progress=False)
    with HfApi(xet_hub.endpoint, xet_hub.token, settings=settings) as api:
        api.create_repo("thing")
        yield api


def operations(hub: LocalHub) -> set[str]:
    return set(hub.stats.snapshot().requests)


def test_git_lfs_reads_what_this_client_uploaded_by_xet(xet_hub, api, git, tmp_path):
    for name, content in FILES.items():
        path = tmp_path / "folder" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    api.upload_folder(repo_id=f"{xet_hub.user}/thing", folder_path=tmp_path / "folder")
    assert "xet_storage.upload_xorb" in operations(xet_hub)
    assert not operations(xet_hub) & {"storage.upload", "storage.upload_part"}

    files = git.clone(f"{xet_hub.endpoint}/{xet_hub.user}/thing").files()

    assert {name: files.get(name) for name in FILES} == FILES


def test_this_client_reads_by_xet_what_git_lfs_pushed(xet_hub, api, git):
    url = xet_hub.endpoint.replace("://", f"://somebody:{xet_hub.token}@")
    clone = git.clone(f"{url}/{xet_hub.user}/thing")
    clone.commit_files("Add files", FILES)
    clone("push", "--quiet", "origin", "main")
    assert "storage.upload" in operations(xet_hub)

    # Not a snapshot: the lists of files name the Xet hash of such a file only after somebody has asked for it.
    found = {name: api.hf_hub_download(f"{xet_hub.user}/thing", name) for name in FILES}

    assert {name: Path(path).read_bytes() for name, path in found.items()} == FILES
    assert "storage.download_xorb" in operations(xet_hub)
