"""Repositories written by one client are read by the other, byte for byte; so is the cache that both share."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hub_typed import CommitOperationDelete, HfApi
from hub_typed.local import LocalHub

LARGE = "weights/model.safetensors"

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small model: text, an empty file, names that want encoding, and 5 MB that go through LFS."""
    chance = random.Random(20)
    files = {
        "README.md": b"---\nlicense: mit\ntags: [peer]\n---\n# Peer\n",
        "config.json": b'{"model_type": "bert"}\n',
        "empty.txt": b"",
        "gone.txt": b"not for long\n",
        "old/one.txt": b"1\n",
        "old/deep/two.txt": b"2\n",
        "sp\u00e4t & 100%/a file #1.txt": "gr\u00fc\u00dfe\n".encode(),
        LARGE: chance.randbytes(5_000_000),
    }
    root = tmp_path / "folder"
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def contents(root: str | Path) -> dict[str, bytes]:
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in Path(root).rglob("*") if path.is_file()}


def written_by_us(hub: LocalHub, folder: Path) -> str:
    repo_id = f"{hub.user}/ours"
    with HfApi() as api:
        api.create_repo(repo_id)
        api.upload_folder(repo_id=repo_id, folder_path=folder, commit_message="The folder")
        api.create_commit(
            repo_id, [CommitOperationDelete("old/"), CommitOperationDelete("gone.txt")], commit_message="Delete"
        )
        api.create_branch(repo_id, branch="try/this")
    return repo_id


def test_the_official_client_reads_what_we_wrote(local_hub: LocalHub, folder: Path, peer: Callable[..., Any]):
    repo_id = written_by_us(local_hub, folder)
    expected = {
        name: content for name, content in contents(folder).items() if not name.startswith(("old/", "gone.txt"))
    }

    seen = peer("official_reads.py", repo_id, LARGE)

    got = contents(seen["snapshot"])
    got.pop(".gitattributes", None)
    assert got == expected
    assert Path(seen["file"]).read_bytes() == expected[LARGE]
    assert set(seen["files"]) - {".gitattributes"} == set(expected)
    assert set(seen["files"]) <= set(seen["tree"])
    assert seen["commits"][:2] == ["Delete", "The folder"]
    assert set(seen["branches"]) == {"main", "try/this"}
    assert {"license:mit", "peer"} <= set(seen["tags"])
    sha256 = hashlib.sha256(expected[LARGE]).hexdigest()
    assert seen["siblings"][LARGE] == [len(expected[LARGE]), sha256]
    assert (seen["etag"], seen["size"]) == (sha256, len(expected[LARGE]))


def test_we_read_what_the_official_client_wrote(
    local_hub: LocalHub, folder: Path, peer: Callable[..., Any], tmp_path: Path
):
    repo_id = f"{local_hub.user}/theirs"
    before = contents(folder)
    expected = {name: content for name, content in before.items() if not name.startswith(("old/", "gone.txt"))}
    expected |= {"added.txt": b"added\n", "moved.bin": before[LARGE]}

    wrote = peer("official_writes.py", repo_id, str(folder), LARGE)

    with HfApi() as api:
        info = api.model_info(repo_id)
        files = api.list_repo_files(repo_id)
        commits = api.list_repo_commits(repo_id)
        refs = api.list_repo_refs(repo_id)
        latest = contents(api.snapshot_download(repo_id, cache_dir=tmp_path / "cache"))
        tagged = contents(api.snapshot_download(repo_id, revision="v1", cache_dir=tmp_path / "cache"))
        one = Path(api.hf_hub_download(repo_id, LARGE, revision="try/this", cache_dir=tmp_path / "cache"))

    for tree in (latest, tagged):
        tree.pop(".gitattributes", None)
    assert latest == expected
    assert tagged == before
    assert one.read_bytes() == before[LARGE]
    assert (info.sha, info.private) == (wrote["second"], True)
    assert set(files) - {".gitattributes"} == set(expected)
    assert [(commit.title, commit.commit_id) for commit in commits[:2]] == [
        ("Add and delete", wrote["second"]),
        ("The folder", wrote["first"]),
    ]
    assert {branch.name: branch.target_commit for branch in refs.branches} == {
        "main": wrote["second"],
        "try/this": wrote["second"],
    }
    assert [tag.name for tag in refs.tags] == ["v1"]


def test_both_share_one_cache(local_hub: LocalHub, folder: Path, peer: Callable[..., Any], tmp_path: Path):
    """What one has downloaded, the other finds without asking the Hub."""
    repo_id = written_by_us(local_hub, folder)
    ours, theirs = tmp_path / "ours", tmp_path / "theirs"
    with HfApi() as api:
        downloaded = api.snapshot_download(repo_id, cache_dir=ours)
        seen = peer("official_offline.py", repo_id, LARGE, HF_HUB_CACHE=str(ours), HF_HUB_OFFLINE="1")
        assert seen == {"file": f"{downloaded}/{LARGE}", "snapshot": downloaded}

        snapshot = peer("official_reads.py", repo_id, LARGE, HF_HUB_CACHE=str(theirs))["snapshot"]
        asked = len(local_hub.hub.requests)
        assert api.snapshot_download(repo_id, cache_dir=theirs, local_files_only=True) == snapshot
        assert api.hf_hub_download(repo_id, LARGE, cache_dir=theirs, local_files_only=True) == f"{snapshot}/{LARGE}"
        assert len(local_hub.hub.requests) == asked
    assert contents(snapshot) == contents(downloaded)


def test_the_embedded_hub_fails_as_the_official_client_expects(local_hub: LocalHub, peer: Callable[..., Any]):
    repo_id = f"{local_hub.user}/there"
    with HfApi() as api:
        api.create_repo(repo_id)
    assert peer("official_fails.py", repo_id) == {
        "repo": ["RepositoryNotFoundError", 404],
        "revision": ["RevisionNotFoundError", 404],
        "entry": ["RemoteEntryNotFoundError", 404],
        "taken": ["HfHubHTTPError", 409],
        "token": ["HfHubHTTPError", 401],
    }
