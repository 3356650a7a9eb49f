"""Links in a local folder: refused by default, followed to folders if the user allows it, never through a file."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from hub_typed.disk.folders import Folder
from hub_typed.errors import DiskError, SettingsError, UnsafePathError
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.snapshot import snapshot_download
from hub_typed.flows.files.verify import verify_repo_checksums
from hub_typed.flows.local_files import files_below
from hub_typed.settings import Settings

REPO = "org/model"
README = b"# A model\n"
WEIGHTS = b"0123456789abcdef"
NAME = "sub/deep/weights.bin"


@pytest.fixture
def commit(hub, large):
    return hub.commit({"README.md": README, NAME: large(WEIGHTS), "sub/x": b"x"})


@pytest.fixture
def outside(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    return outside


@pytest.fixture
def folder(tmp_path, outside):
    """A local folder whose `sub` leads to a folder elsewhere."""
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "sub").symlink_to(outside)
    return folder


@pytest.fixture
def other_disk(monkeypatch, outside):
    """Files cannot be moved to the folder outside, as if it were on another disk."""
    move = Folder.move

    def moved(self, name, target, new_name):
        if (self.path != target.path) and Path(target.path).resolve().is_relative_to(outside):
            raise OSError(errno.EXDEV, "Invalid cross-device link")
        move(self, name, target, new_name)

    monkeypatch.setattr(Folder, "move", moved)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_link_to_a_folder_is_refused_by_default_and_both_settings_are_named(run, commit, folder, outside):
    for flow, arguments in ((hf_hub_download, [NAME]), (snapshot_download, [])):
        with pytest.raises(UnsafePathError, match="symbolic link") as caught:
            run(flow, REPO, *arguments, local_dir=folder)
        assert 'Settings(local_dir_links="follow")' in str(caught.value)
        assert "HUB_TYPED_LOCAL_DIR_LINKS=follow" in str(caught.value)
    assert names(outside) == []


@pytest.mark.parametrize("disk", ["the same disk", "another disk"])
def test_a_link_to_a_folder_is_followed_if_the_user_allows_it(run, hub, commit, folder, outside, disk, request):
    if disk == "another disk":
        request.getfixturevalue("other_disk")
    run.set(local_dir_links="follow")
    run(snapshot_download, REPO, local_dir=folder)
    assert names(outside) == ["deep/weights.bin", "x"]
    assert (outside / "deep" / "weights.bin").read_bytes() == WEIGHTS
    assert (folder / "sub").is_symlink()
    hub.forget()
    run(hf_hub_download, REPO, NAME, local_dir=folder, revision=commit)
    assert hub.asked == [], "the record of the file is found"


@pytest.mark.usefixtures("other_disk")
def test_a_file_of_the_cache_is_copied_to_another_disk(run, hub, commit, folder, outside):
    run.set(local_dir_links="follow")
    run(hf_hub_download, REPO, NAME)
    hub.forget()
    run(hf_hub_download, REPO, NAME, local_dir=folder)
    assert names(outside) == ["deep/weights.bin"]
    assert not any(asked.startswith("GET") for asked in hub.asked)


@pytest.mark.usefixtures("other_disk")
def test_a_copy_on_another_disk_is_verified(run, commit, folder, outside, monkeypatch):
    run.set(local_dir_links="follow")
    from hub_typed.flows.files import partial_files

    write = partial_files.write_all
    monkeypatch.setattr(
        partial_files.PartialFile,
        "_copy_to",
        lambda self, descriptor, digest: (write(descriptor, b"damaged"), digest.update(b"damaged")),
    )
    with pytest.raises(DiskError, match="other bytes than were written"):
        run(hf_hub_download, REPO, NAME, local_dir=folder)
    assert names(outside) == []


@pytest.mark.usefixtures("other_disk")
def test_copies_of_processes_that_ended_are_deleted_and_files_of_the_user_kept(run, commit, folder, outside):
    from hub_typed.disk.owners import end_owner, new_owner

    run.set(local_dir_links="follow")
    owner = new_owner("")
    end_owner(owner)
    (outside / "deep").mkdir()
    for name in (f".{owner}.copy", "mine.copy", ".mine.copy", "mine.tmp"):
        (outside / "deep" / name).write_text("x")
    run(hf_hub_download, REPO, NAME, local_dir=folder)
    assert names(outside / "deep") == [".mine.copy", "mine.copy", "mine.tmp", "weights.bin"]


def test_a_link_in_place_of_a_file_is_replaced_also_where_links_are_followed(run, commit, folder, outside):
    run.set(local_dir_links="follow")
    (outside / "other").write_bytes(b"of others")
    (outside / "x").symlink_to(outside / "other")
    run(hf_hub_download, REPO, "sub/x", local_dir=folder)
    assert not (outside / "x").is_symlink()
    assert (outside / "other").read_bytes() == b"of others"


@pytest.mark.parametrize("link", [".cache", ".cache/huggingface", ".cache/huggingface/download"])
def test_links_in_the_metadata_folder_are_refused_also_where_links_are_followed(run, commit, folder, outside, link):
    run.set(local_dir_links="follow")
    (folder / link).parent.mkdir(parents=True, exist_ok=True)
    (folder / link).symlink_to(outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert names(outside) == []


@pytest.mark.parametrize("place", ["snapshots", "blobs", "snapshots/{commit}/sub"])
def test_links_in_the_cache_are_refused_also_where_links_are_followed(run, cache, commit, outside, place):
    run.set(local_dir_links="follow")
    link = cache / "models--org--model" / place.format(commit=commit)
    link.parent.mkdir(parents=True)
    link.symlink_to(outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        run(hf_hub_download, REPO, NAME)
    assert names(outside) == []


def test_a_link_that_leads_nowhere_is_told(run, commit, folder, outside):
    run.set(local_dir_links="follow")
    outside.rmdir()
    with pytest.raises(UnsafePathError, match="does not lead to a folder"):
        run(hf_hub_download, REPO, NAME, local_dir=folder)
    outside.write_text("a file")
    with pytest.raises(UnsafePathError, match="does not lead to a folder"):
        run(hf_hub_download, REPO, NAME, local_dir=folder)


def test_files_behind_a_followed_link_are_verified_and_repaired(run, commit, folder, outside):
    run.set(local_dir_links="follow")
    run(snapshot_download, REPO, local_dir=folder)
    (outside / "x").write_bytes(b"y")
    found = run(verify_repo_checksums, REPO, local_dir=folder)
    assert (found.checked_count, [one["path"] for one in found.mismatches], found.missing_paths) == (3, ["sub/x"], [])
    run(verify_repo_checksums, REPO, local_dir=folder, repair=True)
    assert (outside / "x").read_bytes() == b"x"


def test_a_circle_of_links_is_walked_once(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "file").write_text("x")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    assert files_below(str(tmp_path), follow=True) == ["a/file"]


@pytest.mark.parametrize("value", ["follow", " FOLLOW "])
def test_the_variable_allows_links(value):
    assert Settings.from_environment({"HUB_TYPED_LOCAL_DIR_LINKS": value}).local_dir_links == "follow"
    assert Settings.from_environment({"HUB_TYPED_LOCAL_DIR_LINKS": ""}).local_dir_links == "refuse"


def test_another_value_is_refused_with_the_name_of_the_variable():
    with pytest.raises(SettingsError, match="HUB_TYPED_LOCAL_DIR_LINKS"):
        Settings.from_environment({"HUB_TYPED_LOCAL_DIR_LINKS": "yes"})
