"""Scans of hand-made caches, and deletions."""

from __future__ import annotations

import logging
import os
import pickle
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hub_typed import CacheNotFound, scan_cache_dir
from hub_typed.errors import UnsafePathError
from hub_typed.flows.files.formatting import format_age, format_size

OLD, NEW, OTHER = "a" * 40, "b" * 40, "c" * 40
SHARED, GONE, FRESH = "1" * 40, "2" * 64, "3" * 64


@pytest.fixture
def cache(tmp_path):
    return tmp_path.resolve() / "hub"


def add(repo: Path, commit: str, path: str, blob: str, size: int) -> Path:
    """Write a cached file as clients do."""
    content = repo / "blobs" / blob
    content.parent.mkdir(parents=True, exist_ok=True)
    content.write_bytes(b"." * size)
    link = repo / "snapshots" / commit / path
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(os.path.relpath(content, link.parent))
    return link


def name(repo: Path, ref: str, commit: str) -> None:
    file = repo / "refs" / ref
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(commit)


@pytest.fixture
def model(cache):
    """Two commits that share a blob; the newer one is main, the older one a pull request."""
    repo = cache / "models--owner--name"
    add(repo, OLD, "config.json", SHARED, 10)
    add(repo, OLD, "deep/er/weights.bin", GONE, 200)
    add(repo, NEW, "config.json", SHARED, 10)
    add(repo, NEW, "copy.json", SHARED, 10)
    add(repo, NEW, "deep/er/weights.bin", FRESH, 3000)
    name(repo, "main", NEW)
    name(repo, "refs/pr/1", OLD)
    return repo


@pytest.fixture
def dataset(cache):
    repo = cache / "datasets--squad"
    add(repo, OTHER, "data.csv", FRESH, 3000)
    name(repo, "main", OTHER)
    return repo


def only(found):
    (one,) = found
    return one


def left(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if not path.is_dir()}


def test_repositories_commits_and_files_are_found(cache, model, dataset):
    (cache / "CACHEDIR.TAG").touch()
    (cache / ".locks" / "models--owner--name").mkdir(parents=True)
    (cache / ".DS_Store").touch()
    (model / "snapshots" / "Thumbs.db").touch()
    (model / "refs" / "desktop.ini").touch()
    found = scan_cache_dir(cache)
    assert found.warnings == []
    assert (found.cache_dir, found.size_on_disk, found.size_on_disk_str) == (cache, 6210, "6.2K")
    repos = {repo.cache_id: repo for repo in found.repos}
    assert set(repos) == {"model/owner/name", "dataset/squad"}
    repo = repos["model/owner/name"]
    assert (repo.repo_id, repo.repo_type, repo.repo_path) == ("owner/name", "model", model)
    assert (repo.size_on_disk, repo.size_on_disk_str, repo.nb_files) == (3210, "3.2K", 3)
    assert {ref: one.commit_hash for ref, one in repo.refs.items()} == {"main": NEW, "refs/pr/1": OLD}
    young = repo.refs["main"]
    assert (young.snapshot_path, young.size_on_disk, young.nb_files) == (model / "snapshots" / NEW, 3010, 3)
    file = only(file for file in young.files if file.file_name == "weights.bin")
    stat = (model / "blobs" / FRESH).stat()
    assert (file.file_path, file.blob_path) == (young.snapshot_path / "deep/er/weights.bin", model / "blobs" / FRESH)
    assert (file.size_on_disk, file.size_on_disk_str) == (3000, "3.0K")
    assert (file.blob_last_modified, file.blob_last_accessed) == (stat.st_mtime, stat.st_atime)
    assert pickle.loads(pickle.dumps(found)).repos == found.repos


def test_the_cache_of_the_environment_is_looked_through(cache, dataset, monkeypatch):
    monkeypatch.setenv("HF_HUB_CACHE", str(cache))
    assert only(scan_cache_dir().repos).repo_id == "squad"


def test_the_youngest_content_counts(cache, model):
    os.utime(model / "blobs" / SHARED, (1000, 2000))
    os.utime(model / "blobs" / GONE, (500, 3000))
    os.utime(model / "blobs" / FRESH, (4000, 2500))
    repo = only(scan_cache_dir(cache).repos)
    assert (repo.last_accessed, repo.last_modified) == (4000, 3000)
    assert {one.commit_hash: one.last_modified for one in repo.revisions} == {OLD: 3000, NEW: 2500}
    assert repo.last_modified_str.endswith(" years ago")


def test_a_cache_without_links(cache):
    file = cache / "models--owner--name" / "snapshots" / OLD / "config.json"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"{}")
    found = scan_cache_dir(cache)
    assert only(only(only(found.repos).revisions).files).blob_path == file
    plan = found.delete_files(*only(only(found.repos).revisions).files)
    assert (plan.expected_freed_size, plan.blobs, plan.files) == (2, frozenset(), {file})


def test_no_cache_and_no_folder(tmp_path):
    with pytest.raises(CacheNotFound, match="nothing was downloaded") as caught:
        scan_cache_dir(tmp_path / "none")
    assert caught.value.cache_dir == tmp_path.resolve() / "none"
    assert pickle.loads(pickle.dumps(caught.value)).cache_dir == caught.value.cache_dir
    (tmp_path / "file").touch()
    with pytest.raises(ValueError, match="is a file"):
        scan_cache_dir(tmp_path / "file")


HARMS = {
    "a ref to nothing": (lambda repo: name(repo, "gone", OTHER), f"'gone', which is {OTHER}"),
    "no snapshots": (lambda repo: (repo / "snapshots").rename(repo / "elsewhere"), "no folder 'snapshots'"),
    "a file among commits": (lambda repo: (repo / "snapshots" / "file").touch(), "not the folder of a commit"),
    "a ref of bytes": (lambda repo: (repo / "refs" / "bad").write_bytes(b"\xff"), "cannot be read"),
    "an unknown type": (
        lambda repo: repo.rename(repo.with_name("unknown--owner--name")),
        "not the folder of a repository",
    ),
    "a file among repositories": (
        lambda repo: repo.with_name("models--file").touch(),
        "not the folder of a repository",
    ),
}


@pytest.mark.parametrize(("harm", "words"), HARMS.values(), ids=HARMS)
def test_what_is_damaged_is_warned_of_and_left_out(cache, model, dataset, harm, words):
    harm(model)
    found = scan_cache_dir(cache)
    assert words in str(only(found.warnings))
    assert "squad" in {repo.repo_id for repo in found.repos}


def circle(link: Path) -> None:
    link.unlink()
    link.symlink_to(link.name)


BROKEN = {
    "its blob is gone": (lambda repo: (repo / "blobs" / FRESH).unlink(), "broken link"),
    "a circle": (lambda repo: circle(repo / "snapshots" / NEW / "deep" / "er" / "weights.bin"), "cannot be read"),
    "a blob in a file": (
        lambda repo: ((repo / "blobs" / FRESH).unlink(), (repo / "blobs" / FRESH).symlink_to("x/y")),
        "broken link",
    ),
}


@pytest.mark.parametrize(("harm", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_link_hides_one_file_and_not_its_repository(cache, model, harm, words):
    harm(model)
    found = scan_cache_dir(cache)
    warning = str(only(found.warnings))
    assert words in warning
    assert "weights.bin" in warning
    repo = only(found.repos)
    files = {revision.commit_hash: {file.file_name for file in revision.files} for revision in repo.revisions}
    assert files == {OLD: {"config.json", "weights.bin"}, NEW: {"config.json", "copy.json"}}
    assert (repo.nb_files, repo.size_on_disk, found.size_on_disk) == (2, 210, 210)
    found.delete_revisions(NEW).execute()
    assert not (model / "snapshots" / NEW).exists()


def test_a_broken_link_of_every_revision_leaves_the_others(cache, model):
    (model / "blobs" / SHARED).unlink()
    found = scan_cache_dir(cache)
    assert len(found.warnings) == 3
    assert only(found.repos).nb_files == 2


def test_broken_off_downloads_are_told_apart(cache, dataset):
    (dataset / "blobs" / f"{GONE}.incomplete").write_bytes(b"12345")
    found = scan_cache_dir(cache)
    assert only(found.incomplete_files).file_path == dataset / "blobs" / f"{GONE}.incomplete"
    assert (found.incomplete_size_on_disk, found.size_on_disk) == (5, 3000)


def test_contents_that_repositories_share_count_once_and_stay(cache, model, dataset):
    """As written by clients with Xet: the blob is a link into a marked folder."""
    store = cache / "blobs"
    (store / "ab").mkdir(parents=True)
    (store / ".huggingface-shared-blobs").write_text("1\n")
    (store / "ab" / GONE).write_bytes(b"." * 3000)
    for repo in (model, dataset):
        (repo / "blobs" / FRESH).unlink()
        (repo / "blobs" / FRESH).symlink_to(f"../../blobs/ab/{GONE}")
    found = scan_cache_dir(cache)
    assert found.warnings == []
    assert found.size_on_disk == 10 + 200 + 3000
    assert {repo.size_on_disk for repo in found.repos} == {3210, 3000}
    plan = found.delete_revisions(NEW)
    assert plan.blobs == {model / "blobs" / FRESH}
    assert plan.expected_freed_size == 0
    plan.execute()
    assert (dataset / "blobs" / FRESH).stat().st_size == 3000


def test_a_commit_is_deleted_with_what_only_it_needs(cache, model):
    plan = scan_cache_dir(cache).delete_revisions(OLD)
    assert (plan.expected_freed_size, plan.expected_freed_size_str) == (200, "200.0")
    assert plan.blobs == {model / "blobs" / GONE}
    assert plan.refs == {model / "refs" / "refs" / "pr" / "1"}
    assert plan.snapshots == {model / "snapshots" / OLD}
    assert plan.repos == plan.files == frozenset()
    assert (model / "blobs" / GONE).exists()
    plan.execute()
    assert left(model) == {
        "refs/main",
        f"blobs/{SHARED}",
        f"blobs/{FRESH}",
        *(f"snapshots/{NEW}/{path}" for path in ("config.json", "copy.json", "deep/er/weights.bin")),
    }
    after = scan_cache_dir(cache)
    assert (after.warnings, after.size_on_disk) == ([], 3010)
    plan.execute()  # all is gone already


def test_a_repository_goes_with_its_last_commit(cache, model, dataset):
    (model / "blobs" / f"{OTHER}.incomplete").touch()
    plan = scan_cache_dir(cache).delete_revisions(OLD, NEW)
    assert (plan.repos, plan.expected_freed_size) == ({model}, 3210)
    assert plan.blobs == plan.refs == plan.snapshots == frozenset()
    plan.execute()
    assert os.listdir(cache) == [dataset.name]


def test_an_unknown_commit_is_warned_of(cache, model, caplog):
    with caplog.at_level(logging.WARNING, "hub_typed"):
        plan = scan_cache_dir(cache).delete_revisions(OTHER)
    assert plan.expected_freed_size == 0
    assert OTHER in caplog.text
    plan.execute()
    assert len(scan_cache_dir(cache).repos) == 1


def test_one_file_is_deleted_with_what_only_it_needs(cache, model):
    found = scan_cache_dir(cache)
    files = {file.file_path.relative_to(model / "snapshots").as_posix(): file for file in all_files(found)}
    plan = found.delete_files(files[f"{NEW}/deep/er/weights.bin"], files[f"{NEW}/config.json"])
    assert (plan.expected_freed_size, plan.blobs) == (3000, {model / "blobs" / FRESH})
    plan.execute()
    after = scan_cache_dir(cache)
    assert after.warnings == []
    assert {file.file_path for file in all_files(found)} - {file.file_path for file in all_files(after)} == plan.files


def all_files(found):
    return [file for repo in found.repos for revision in repo.revisions for file in revision.files]


def test_what_a_link_leads_to_elsewhere_is_not_deleted(cache, model, tmp_path):
    mine = tmp_path / "mine.txt"
    mine.write_text("mine")
    (model / "snapshots" / OLD / "link.txt").symlink_to(mine)
    plan = scan_cache_dir(cache).delete_revisions(OLD)
    assert plan.expected_freed_size == 200
    plan.execute()
    assert mine.read_text() == "mine"


def test_tables(cache, model, dataset):
    found = scan_cache_dir(cache)
    head, rule, first, second = found.export_as_table().splitlines()
    assert head.split()[:4] == ["REPO", "ID", "REPO", "TYPE"]
    assert set(rule) == {"-", " "}
    assert first.split() == [
        "squad",
        "dataset",
        "3.0K",
        "1",
        *["less", "than", "a", "minute", "ago"] * 2,
        "main",
        str(dataset),
    ]
    assert second.split()[:4] == ["owner/name", "model", "3.2K", "3"]
    lines = found.export_as_table(verbosity=1).splitlines()[2:]
    assert [line.split()[2] for line in lines] == [OTHER, OLD, NEW]
    assert lines[1].split()[-2:] == ["refs/pr/1", str(model / "snapshots" / OLD)]


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0.0"), (999, "999.0"), (1000, "1.0K"), (42_249, "42.2K"), (3_400_000_000, "3.4G")]
)
def test_sizes(count, text):
    assert format_size(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "less than a minute ago"),
        (60, "1 minute ago"),
        (3 * 3600 + 5, "3 hours ago"),
        (15 * 86_400, "2 weeks ago"),
        (800 * 86_400, "2 years ago"),
    ],
)
def test_ages(seconds, text):
    assert format_age(datetime.now(UTC).timestamp() - seconds) == text


@pytest.mark.parametrize("kind", ["a pipe", "a link to what never ends", "a link to a file"])
def test_a_ref_that_is_no_file_is_not_read(cache, model, tmp_path, kind):
    (tmp_path / "file").write_text(OLD)
    planted = model / "refs" / "planted"
    if kind == "a pipe":
        os.mkfifo(planted)
    else:
        planted.symlink_to("/dev/zero" if kind == "a link to what never ends" else tmp_path / "file")
    found = scan_cache_dir(cache)
    assert "refs/planted cannot be read" in str(only(found.warnings))
    assert "planted" not in only(found.repos).refs


@pytest.mark.parametrize("place", ["", "snapshots", "refs", "blobs", f"snapshots/{OLD}"])
def test_a_folder_of_the_cache_that_is_a_link_is_told_and_not_looked_at(cache, model, tmp_path, place):
    (model / place).rename(tmp_path / "elsewhere")
    (model / place).symlink_to(tmp_path / "elsewhere")
    found = scan_cache_dir(cache)
    assert (found.repos, len(found.warnings)) == (frozenset(), 1)
    assert "is a symbolic link" in str(only(found.warnings))


@pytest.mark.parametrize("place", ["", "snapshots", "refs", "blobs"])
def test_a_link_that_is_planted_before_a_deletion_leads_it_nowhere(cache, model, tmp_path, place):
    planned = scan_cache_dir(cache).delete_revisions(OLD)
    precious = tmp_path / "precious"
    (model / place).rename(precious)
    (model / place).symlink_to(precious)
    there = left(precious)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        planned.execute()
    assert left(precious) == there


def test_a_link_in_the_place_of_what_is_deleted_goes_itself(cache, model, tmp_path):
    planned = scan_cache_dir(cache).delete_revisions(OLD)
    (model / "snapshots" / OLD).rename(tmp_path / "precious")
    (model / "snapshots" / OLD).symlink_to(tmp_path / "precious")
    there = left(tmp_path / "precious")
    planned.execute()
    assert left(tmp_path / "precious") == there
    assert [path.name for path in (model / "snapshots").iterdir()] == [NEW]
