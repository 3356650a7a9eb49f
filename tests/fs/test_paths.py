"""Paths: what names a repository, a revision and a file."""

from __future__ import annotations

import pytest

from hub_typed.fs import HfFileSystemResolvedBucketPath, HubFileSystem
from hub_typed.fs.paths import resolve


@pytest.mark.parametrize(
    ("path", "repo_type", "repo_id", "revision", "path_in_repo"),
    [
        ("o/n", "model", "o/n", "main", ""),
        ("models/o/n/a/b", "model", "o/n", "main", "a/b"),
        ("datasets/o/n/a b@c.txt", "dataset", "o/n", "main", "a b@c.txt"),
        ("spaces/o/n@dev/app.py", "space", "o/n", "dev", "app.py"),
        ("kernels/o/n@v1/build/a.so", "kernel", "o/n", "v1", "build/a.so"),
        ("o/n@refs/pr/12/f", "model", "o/n", "refs/pr/12", "f"),
        ("o/n@refs/pr/12", "model", "o/n", "refs/pr/12", ""),
        ("datasets/o/n@refs/convert/parquet/d/0.parquet", "dataset", "o/n", "refs/convert/parquet", "d/0.parquet"),
        ("o/n@feature%2Fx/f", "model", "o/n", "feature/x", "f"),
        ("o/n@refs%2Fpr%2F1/f", "model", "o/n", "refs/pr/1", "f"),
        ("o/n@refs/heads/f", "model", "o/n", "refs", "heads/f"),
    ],
)
def test_a_path_is_taken_apart(path, repo_type, repo_id, revision, path_in_repo):
    found = resolve(path)
    assert (found.repo_type, found.repo_id, found.revision, found.path_in_repo) == (
        repo_type,
        repo_id,
        revision,
        path_in_repo,
    )
    assert found.unresolve() == path.removeprefix("models/")


def test_a_revision_may_be_given_beside_the_path():
    assert resolve("o/n/f", "v1").unresolve() == "o/n@v1/f"
    assert resolve("o/n/f", "a/b").unresolve() == "o/n@a%2Fb/f"
    assert resolve("o/n/f", "refs/pr/1").unresolve() == "o/n@refs/pr/1/f"
    assert resolve("o/n@v1/f", "v1").unresolve() == "o/n@v1/f"
    found = resolve("o/n@refs/pr/10/f", "refs")
    assert (found.revision, found.path_in_repo) == ("refs", "pr/10/f")
    with pytest.raises(ValueError, match="has the revision 'v1', but 'v2' is asked for"):
        resolve("o/n@v1/f", "v2")


@pytest.mark.parametrize("path", ["", "o", "datasets", "datasets/o", "/", "@main/x"])
def test_what_is_above_repositories_does_not_exist(fs: HubFileSystem, path: str):
    with pytest.raises(FileNotFoundError, match=r"Pass hf://\[.*\]owner/name"):
        fs.info(path)
    assert not fs.exists(path)
    assert not fs.isdir(path)


def test_a_path_in_a_bucket_has_no_revision():
    found = resolve("buckets/o/n/logs/a b.txt")
    assert found == HfFileSystemResolvedBucketPath("o/n", "logs/a b.txt")
    assert (found.root, found.unresolve(), str(found.at(""))) == (
        "buckets/o/n",
        "buckets/o/n/logs/a b.txt",
        "hf://buckets/o/n",
    )
    with pytest.raises(ValueError, match="has no revisions, but 'v1' is asked for"):
        resolve("buckets/o/n/f", "v1")


def test_both_protocols_are_taken_off(fs: HubFileSystem):
    assert fs.resolve_path("hf://datasets/o/n/f") == fs.resolve_path("hub-typed://datasets/o/n/f")
    assert fs.unstrip_protocol("datasets/o/n/f") == "hf://datasets/o/n/f"
