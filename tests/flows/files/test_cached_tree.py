"""Lists of files in the cache."""

from __future__ import annotations

import pytest

from hub_typed import get_cached_repo_tree
from hub_typed.errors import CachedRepoTreeNotFoundError, LocalEntryNotFoundError
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.resolved_revision import resolve_revision
from hub_typed.flows.files.snapshot import snapshot_download

REPO = "org/model"


@pytest.mark.parametrize("revision", [None, "main", "commit", "resolved"])
def test_the_list_of_a_downloaded_commit_is_read_without_a_request(run, hub, large, revision):
    commit = hub.commit({"a/x": b"text", "w.bin": large(b"12345")})
    given = {"commit": commit, "resolved": run(resolve_revision, REPO)}.get(revision, revision)
    run(snapshot_download, REPO)
    hub.forget()
    small, big = get_cached_repo_tree(REPO, revision=given, cache_dir=run.settings.cache_dir)
    assert hub.asked == []
    assert (small.path, small.size, small.lfs, small.xet_hash) == ("a/x", 4, None, None)
    assert big.lfs is not None
    assert (big.path, big.size, big.lfs.size, big.xet_hash) == ("w.bin", 5, 5, "e" * 64)


def test_the_pointer_size_is_that_of_the_pointer(run, hub, large):
    hub.commit({"w.bin": large(b"12345")})
    run(snapshot_download, REPO)
    (file,) = get_cached_repo_tree(REPO, cache_dir=run.settings.cache_dir)
    assert file.lfs is not None
    assert file.lfs.pointer_size == 126


def test_the_list_of_a_local_folder_is_read(run, hub, tmp_path):
    commit = hub.commit({"x": b"text"})
    run(snapshot_download, REPO, local_dir=tmp_path / "here")
    cache = run.settings.cache_dir
    assert [
        f.path for f in get_cached_repo_tree(REPO, revision=commit, local_dir=tmp_path / "here", cache_dir=cache)
    ] == ["x"]
    with pytest.raises(CachedRepoTreeNotFoundError, match="does not contain the commit"):
        get_cached_repo_tree(REPO, local_dir=tmp_path / "here", cache_dir=cache)
    run(resolve_revision, REPO)
    assert get_cached_repo_tree(REPO, local_dir=tmp_path / "here", cache_dir=cache)[0].path == "x"


def test_a_missing_list_is_an_error_that_names_the_commit(run, hub):
    commit = hub.commit({"x": b"text"})
    run(hf_hub_download, REPO, "x")
    with pytest.raises(LocalEntryNotFoundError, match=f"list of files of {REPO} at commit {commit}"):
        get_cached_repo_tree(REPO, cache_dir=run.settings.cache_dir)
