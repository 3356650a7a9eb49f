"""``hub-typed cache``."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub_typed import Settings, scan_cache_dir


@pytest.fixture
def commits(api) -> list[str]:
    """Two cached commits of a model, of which `main` is the second, and a cached dataset."""
    api.create_repo("local-user/m")
    api.create_repo("local-user/d", repo_type="dataset")
    found = []
    for content in (b"first", b"the second"):
        found.append(api.upload_file(path_or_fileobj=content, path_in_repo="a/x.txt", repo_id="local-user/m").oid)
        api.snapshot_download("local-user/m")
    api.upload_file(path_or_fileobj=b"1,2", path_in_repo="d.csv", repo_id="local-user/d", repo_type="dataset")
    api.hf_hub_download("local-user/d", "d.csv", repo_type="dataset")
    return found


def cached() -> set[str]:
    return {one.cache_id for one in scan_cache_dir().repos}


def revisions() -> set[str]:
    return {one.commit_hash for repo in scan_cache_dir().repos for one in repo.revisions}


def test_list_has_a_row_for_each_repository(run, commits):
    ended = run("cache", "list")
    assert (ended.code, ended.err) == (0, "")
    assert ended.lines[0] == "id\tsize\tfiles\taccessed\tmodified\trefs"
    assert [(row[0], row[1], row[2], row[5]) for row in ended.rows] == [
        ("dataset/local-user/d", "3", "1", "main"),
        ("model/local-user/m", str(15 + 1516), "3", "main"),
    ]
    assert run("cache", "ls", "-q").lines == ["dataset/local-user/d", "model/local-user/m"]


def test_list_as_json(run, commits):
    model = run("cache", "list", "--json", "--filter", "type=model").json()[0]
    assert (model["id"], model["repo_type"], model["repo_id"], model["refs"]) == (
        "model/local-user/m",
        "model",
        "local-user/m",
        ["main"],
    )
    assert Path(model["path"]).is_dir()


def test_list_for_people_has_units(run, commits):
    assert " 3 B " in run("cache", "list", terminal=True).out


def test_list_of_revisions(run, commits):
    ended = run("cache", "list", "--revisions", "--filter", "type=model", "-q")
    assert sorted(ended.lines) == sorted(commits)


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        (["size>1KB"], ["model"]),
        (["size<=3"], ["dataset"]),
        (["accessed>1h"], []),
        (["modified<1h", "type=dataset"], ["dataset"]),
        (["name=user/d"], ["dataset"]),
        (["refs!=main"], []),
    ],
)
def test_filters_all_hold(run, commits, filters, names):
    options = [word for one in filters for word in ("--filter", one)]
    assert [line.partition("/")[0] for line in run("cache", "list", "-q", *options).lines] == names


@pytest.mark.parametrize("text", ["size", "size>many", "size>1XB", "age>1d", "type>model"])
def test_an_invalid_filter_is_refused(run, commits, text):
    ended = run("cache", "list", "-f", text)
    assert ended.code == 2
    assert repr(text) in ended.error


def test_sort_and_limit(run, commits):
    assert run("cache", "list", "--sort", "size", "--limit", "1", "-q").lines == ["model/local-user/m"]
    assert run("cache", "list", "--sort", "size:asc", "--limit", "1", "-q").lines == ["dataset/local-user/d"]


def test_without_a_cache_it_says_where_it_looked(run, tmp_path):
    ended = run("cache", "list", "--cache-dir", tmp_path / "none")
    assert ended.code == 3
    assert str(tmp_path / "none") in ended.error


def test_invalid_folders_are_mentioned(run, commits):
    (Path(Settings.from_environment().cache_dir) / "models--broken").mkdir()
    assert "--show-warnings" in run("cache", "list", terminal=True).err
    assert "models--broken" in run("cache", "list", "--show-warnings").err


def test_verify_of_intact_files(run, commits):
    ended = run("cache", "verify", "local-user/m")
    assert (ended.code, ended.out) == (0, "")
    found = run("cache", "verify", "local-user/m", "--json").json()
    assert (found["checked_count"], found["mismatches"]) == (2, [])
    assert "2 files of local-user/m" in run("cache", "verify", "local-user/m", terminal=True).err


def test_verify_finds_a_changed_file(run, api, commits):
    path = api.hf_hub_download("local-user/m", "a/x.txt")
    Path(os.path.realpath(path)).write_bytes(b"changed")
    ended = run("cache", "verify", "local-user/m")
    assert ended.code == 1
    assert [row[:2] for row in ended.rows] == [["differs", "a/x.txt"]]
    assert "1 files of local-user/m" in ended.err


def test_verify_can_fail_on_missing_and_extra_files(run, api, commits, tmp_path):
    api.hf_hub_download("local-user/m", "a/x.txt", local_dir=tmp_path)
    (tmp_path / "more.txt").write_text("more")
    options = ("cache", "verify", "local-user/m", "--local-dir", tmp_path, "-q")
    assert run(*options).code == 0
    assert run(*options).lines == [".gitattributes", "more.txt"]
    assert run(*options, "--fail-on-missing-files").code == 1
    assert run(*options, "--fail-on-extra-files").code == 1


def test_verify_of_what_is_not_cached(run, api):
    api.create_repo("local-user/m")
    assert run("cache", "verify", "local-user/m").code == 3


def test_verify_without_a_network(run, commits, offline):
    assert run("cache", "verify", "local-user/m").code == 5


def test_rm_of_a_repository(run, commits):
    ended = run("cache", "rm", "dataset/local-user/d", "--yes")
    assert ended.code == 0
    assert ended.lines[-2] == "freed\t3"
    assert cached() == {"model/local-user/m"}


def test_rm_of_a_commit(run, commits):
    assert run("cache", "rm", commits[0][:8], "--yes").code == 0
    assert commits[0] not in revisions()
    assert commits[1] in revisions()


def test_rm_of_a_file(run, commits):
    ended = run("cache", "rm", "model/local-user/m/a/x.txt", "--yes", "--json")
    assert [Path(path).name for path in ended.json()["deleted"]] == ["x.txt", "x.txt"]
    assert ended.json()["freed"] == 15


def test_rm_asks_first(run, commits):
    assert run("cache", "rm", "dataset/local-user/d").code == 2
    ended = run("cache", "rm", "dataset/local-user/d", typed="\n", terminal=True)
    assert ended.code == 1
    assert "This will delete dataset/local-user/d from the cache and free 3 B. Go on? [y/N]" in ended.err
    assert len(cached()) == 2
    assert run("cache", "rm", "dataset/local-user/d", typed="yes\n", terminal=True).code == 0
    assert len(cached()) == 1


def test_rm_as_a_dry_run_deletes_nothing(run, commits):
    ended = run("cache", "rm", "dataset/local-user/d", "--dry-run", terminal=True)
    assert ended.out == "Would delete dataset/local-user/d: 3 B.\n"
    assert len(cached()) == 2


def test_rm_of_what_is_not_cached(run, commits):
    ended = run("cache", "rm", "model/local-user/m", "model/nobody/m", "--yes")
    assert ended.code == 3
    assert "model/nobody/m is not in the cache" in ended.error
    assert len(cached()) == 2


def test_rm_of_nothing(run):
    assert run("cache", "rm").code == 2


def test_prune_deletes_old_commits_and_partial_files(run, commits):
    blobs = Path(Settings.from_environment().cache_dir) / "models--local-user--m" / "blobs"
    (blobs / "abc.incomplete").write_bytes(b"12345")
    ended = run("cache", "prune", "--yes", terminal=True)
    assert ended.out.startswith("Deleted 1 commits without a ref and 1 incomplete downloads: ")
    assert revisions() >= {commits[1]}
    assert commits[0] not in revisions()
    assert not (blobs / "abc.incomplete").exists()
    assert run("cache", "prune", terminal=True).out == "There is nothing to delete.\n"
