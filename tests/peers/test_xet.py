"""Xet: the official and the JavaScript client upload to the embedded Hub, and each reads what the other wrote."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

import attrs
import pytest

from hub_typed import HfApi
from hub_typed.local import LocalHub
from hub_typed.local.faults import ExpiredTokens, Status
from tests.peers.conftest import Side
from tests.peers.node import NodeMissingError, run

pytestmark = pytest.mark.timeout(300)  # the first run installs the clients

CHANCE = random.Random(12)
LARGE = CHANCE.randbytes(3_000_000)
FILES = {
    "random.bin": LARGE,
    "changed.bin": LARGE[:1_000_000] + b"changed" + LARGE[1_000_000:],  # ranges that lie apart
    "deep/zeros.bin": bytes(500_000),
    "small.bin": b"\0small",
    "README.md": b"# Xet\n",
}
PATIENCE = 120
THROUGH_LFS = {"lfs.lfs_batch", "storage.upload", "storage.upload_part", "storage.download"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    for name, content in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)
    return root


@pytest.fixture
def repo_id(xet_hub: LocalHub) -> str:
    with HfApi() as api:
        return api.create_repo("xet").repo_id


def operations(hub: LocalHub) -> set[str]:
    """What was asked for since the last call."""
    found = set(hub.stats.snapshot().requests)
    hub.stats.reset()
    return found


def hashes(files: dict[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


def downloaded(side: Side, repo_id: str, folder: Path, **environment: str) -> dict[str, str]:
    return side.run("xet.py", "download", repo_id, str(folder), **environment)


def script(hub: LocalHub, *arguments: str) -> dict[str, str]:
    """Run the script for the JavaScript client."""
    path = Path(__file__).parent / "xet.mjs"
    try:
        return json.loads(run(path, hub.endpoint, hub.token, *arguments, patience=PATIENCE))
    except NodeMissingError as error:
        pytest.skip(f"Not tested against the client for JavaScript: {error}")


def test_what_the_official_client_uploads_through_xet_all_read(official, xet_hub, repo_id, folder, tmp_path):
    official.run("xet.py", "upload", repo_id, str(folder))
    sent = operations(xet_hub)
    assert {"xet_storage.upload_xorb", "xet_storage.upload_shard"} <= sent
    assert not sent & THROUGH_LFS

    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    read = operations(xet_hub)
    assert {"xet.get_xet_read_token", "xet_storage.get_reconstruction", "storage.download_xorb"} <= read
    assert not read & THROUGH_LFS
    without = attrs.evolve(official, environment=official.environment | {"HF_HUB_DISABLE_XET": "1"})
    assert downloaded(without, repo_id, tmp_path / "lfs") == hashes(FILES)
    assert "storage.download" in operations(xet_hub)
    assert script(xet_hub, "download", repo_id, *FILES) == hashes(FILES)
    assert "xet_storage.get_reconstruction" in operations(xet_hub)
    with HfApi() as api:
        ours = Path(api.snapshot_download(repo_id, local_dir=tmp_path / "ours"))
    assert hashes({name: (ours / name).read_bytes() for name in FILES}) == hashes(FILES)


def test_what_the_javascript_client_uploads_through_xet_all_read(official, xet_hub, repo_id, folder, tmp_path):
    script(xet_hub, "upload", repo_id, str(folder), *FILES)
    sent = operations(xet_hub)
    assert "xet_storage.upload_xorb" in sent
    assert not sent & (THROUGH_LFS - {"lfs.lfs_batch"})
    assert script(xet_hub, "download", repo_id, *FILES) == hashes(FILES)
    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    with HfApi() as api:
        ours = Path(api.snapshot_download(repo_id, local_dir=tmp_path / "ours"))
    assert hashes({name: (ours / name).read_bytes() for name in FILES}) == hashes(FILES)


def test_what_this_client_uploads_through_xet_all_read(official, xet_hub, repo_id, folder, tmp_path, monkeypatch):
    monkeypatch.delenv("HF_HUB_DISABLE_XET", raising=False)
    with HfApi() as api, pytest.warns(UserWarning, match="yaml metadata"):
        api.upload_folder(repo_id=repo_id, folder_path=folder)
    sent = operations(xet_hub)
    assert {"xet_storage.upload_xorb", "xet_storage.upload_shard"} <= sent
    assert not sent & THROUGH_LFS
    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    assert script(xet_hub, "download", repo_id, *FILES) == hashes(FILES)
    without = attrs.evolve(official, environment=official.environment | {"HF_HUB_DISABLE_XET": "1"})
    assert downloaded(without, repo_id, tmp_path / "lfs") == hashes(FILES)


def test_what_came_by_lfs_is_read_through_xet(official, xet_hub, repo_id, folder, tmp_path):
    without = attrs.evolve(official, environment=official.environment | {"HF_HUB_DISABLE_XET": "1"})
    without.run("xet.py", "upload", repo_id, str(folder))
    assert "storage.upload" in operations(xet_hub)
    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    assert "storage.download_xorb" in operations(xet_hub)
    assert script(xet_hub, "download", repo_id, *FILES) == hashes(FILES)


def test_the_official_client_proposes_files_through_xet(official, xet_hub, repo_id, folder, tmp_path):
    xet_hub.add_user("bob")
    stranger = attrs.evolve(official, environment=official.environment | {"HF_TOKEN": xet_hub.add_user("bob")})
    stranger.run("xet.py", "propose", repo_id, str(folder))
    assert "xet_storage.upload_shard" in operations(xet_hub)
    assert downloaded(official, f"{repo_id}@refs/pr/1", tmp_path / "xet") == hashes(FILES)


@pytest.mark.parametrize(
    ("operation", "instead"),
    [
        ("xet_storage.get_reconstruction", "xet_storage.get_reconstruction_v1"),
        ("xet_storage.upload_shard", "xet_storage.upload_shard_v1"),
    ],
)
def test_a_storage_without_the_newer_version_serves_the_older_one(
    official, xet_hub, repo_id, folder, tmp_path, operation, instead
):
    fault = xet_hub.faults.add(Status(404), operation=operation)
    official.run("xet.py", "upload", repo_id, str(folder))
    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    assert fault.count > 0
    assert instead in operations(xet_hub)


def test_the_official_client_renews_tokens_before_they_expire(official, xet_hub, repo_id, folder, tmp_path):
    xet_hub.hub.xet_tokens.lifetime = 5
    official.run("xet.py", "upload", repo_id, str(folder))
    assert downloaded(official, repo_id, tmp_path / "xet") == hashes(FILES)
    requests = xet_hub.stats.snapshot().requests
    assert (requests["xet.get_xet_write_token"] > 1, requests["xet.get_xet_read_token"] > 1) == (True, True)


def test_the_official_client_fails_where_a_token_ends_early(official, xet_hub, repo_id, folder):
    """It knows a token by its time of expiration, and takes 401 for final."""
    fault = xet_hub.faults.add(ExpiredTokens(), operation="xet_storage.upload_xorb", times=1)
    with official.start("xet.py", "upload", repo_id, str(folder)) as running:
        _, complaint = running.communicate(timeout=PATIENCE)
    assert (running.returncode, "401 Unauthorized" in complaint, fault.count) == (1, True, 1)
