"""Buckets: the official client works with the embedded Hub as with the real one, and this client does the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

pytestmark = pytest.mark.timeout(300)  # the first run installs the official client


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "folder"
    (root / "d").mkdir(parents=True)
    (root / "a.txt").write_text("one")
    (root / "d" / "b.txt").write_text("two " * 10_000)
    return root


def test_both_clients_do_the_same_with_buckets(official, ours_with_xet, xet_hub, folder, tmp_path):
    told = []
    for side in (official, ours_with_xet):
        place = tmp_path / side.library / "folder"
        shutil.copytree(folder, place)
        told.append(side.run("buckets.py", xet_hub.user, "b", str(place)))
        assert [one.repo_id for one in xet_hub.hub.buckets.all()] == []

    assert told[0] == told[1]
    assert told[0]["tree"] == [["file", "a.txt", 3], ["file", "d/e/b.txt", 40_000], ["file", "d/empty.csv", 0]]
    assert told[0]["downloaded"] == {"a.txt": "one", "d/e/b.txt": "two " * 10_000, "d/empty.csv": ""}
    assert (told[0]["partial"], told[0]["failed"]) == ("BucketBatchError", "BucketBatchError")
    assert told[0]["copies"] == [["file", "copy.txt", 3]]
    assert [one["skips"] for one in told[0]["up"]] == [0, 2]
    assert told[0]["synced"] == {"d/b.txt": "two " * 10_000}
    assert {path for _, path, _ in told[0]["copied"]} >= {"model/config.json", "model/w.bin", "d2/empty.csv"}


def test_the_file_system_of_the_official_client_works_on_buckets(official, xet_hub, hub_bucket):
    large = bytes(range(256)) * 1000
    bucket = hub_bucket({"large.bin": large, "a.txt": "text"})
    root = f"buckets/{bucket.bucket_id}"

    told = official.run("bucket_files.py", bucket.bucket_id)

    assert told["ls"] == [[f"{root}/a.txt", f"{root}/d", f"{root}/large.bin"], [f"{root}/d/written.txt"]]
    assert told["find"] == [f"{root}/a.txt", f"{root}/d/written.txt", f"{root}/large.bin"]
    assert told["info"] == [len(large), True, False]
    assert (told["cat"], told["part"].encode("latin-1")) == ("written", large[100_000:100_010])
    assert told["after"] == [f"{root}/a.txt", f"{root}/copy.txt", f"{root}/large.bin"]
