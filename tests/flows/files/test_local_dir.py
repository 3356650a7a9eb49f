"""Downloads into a local folder."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path

import pytest

from hub_typed.errors import (
    EntryNotFoundError,
    HfHubHTTPError,
    IntegrityError,
    LocalEntryNotFoundError,
    TransportError,
    UnsafePathError,
)
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.local_dir import LocalFolder
from hub_typed.flows.files.snapshot import snapshot_download
from hub_typed.settings import Settings

REPO = "org/model"
README = b"# A model\n"
README_ID = "c06b64da4b222b355e7a83daac91e2572f67e525"
WEIGHTS = b"0123456789abcdef"
WEIGHTS_ID = "9f9f5111f7b27a781f1f1ddde5ebc2dd2b796bfc7365c9c28b548e564176929f"
RECORDS = ".cache/huggingface/download"
NOW = 2_000_000_000.0


@pytest.fixture
def commit(hub, large):
    return hub.commit({"README.md": README, "sub/weights.bin": large(WEIGHTS)})


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mine"


def test_what_is_in_the_folder(run, cache, commit, folder, listing):
    readme = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    weights = run(hf_hub_download, REPO, "weights.bin", subfolder="sub", local_dir=str(folder))
    assert (readme, weights) == (str(folder / "README.md"), str(folder / "sub" / "weights.bin"))
    found = listing(folder)
    assert found.pop(".cache/huggingface/CACHEDIR.TAG").startswith("Signature: 8a477f597d28d172789f06886806bc55\n")
    assert found == {
        "README.md": README.decode(),
        "sub/weights.bin": WEIGHTS.decode(),
        ".cache/huggingface/.gitignore": "*",
        f"{RECORDS}/README.md.lock": "",
        f"{RECORDS}/README.md.metadata": f"{commit}\n{README_ID}\n{NOW}\n",
        f"{RECORDS}/sub/weights.bin.lock": "",
        f"{RECORDS}/sub/weights.bin.metadata": f"{commit}\n{WEIGHTS_ID}\n{NOW}\n",
    }
    assert not cache.exists()


def test_a_file_of_the_commit_asks_nothing(run, hub, commit, folder):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    hub.forget()
    assert run(hf_hub_download, REPO, "README.md", local_dir=folder, revision=commit) == path
    assert hub.asked == []
    run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert hub.asked == ["HEAD /org/model/resolve/main/README.md"]


def test_a_newer_commit_with_the_same_file(run, hub, commit, folder):
    run(hf_hub_download, REPO, "README.md", local_dir=folder)
    newer = hub.commit({"README.md": README, "more": b"more"})
    hub.forget()
    run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]
    assert (folder / RECORDS / "README.md.metadata").read_text() == f"{newer}\n{README_ID}\n{NOW}\n"


def test_a_newer_file(run, hub, commit, folder):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    hub.commit({"README.md": b"newer"})
    run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert Path(path).read_bytes() == b"newer"


@pytest.mark.parametrize(("name", "content"), [("README.md", README), ("sub/weights.bin", WEIGHTS)])
def test_a_file_that_somebody_else_put_there(run, hub, commit, folder, name, content):
    (folder / "sub").mkdir(parents=True)
    (folder / name).write_bytes(content)
    path = run(hf_hub_download, REPO, name, local_dir=folder)
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]
    assert (folder / RECORDS / f"{name}.metadata").read_text().startswith(commit)
    (folder / RECORDS / f"{name}.metadata").unlink()
    Path(path).write_bytes(b"x" * len(content))
    run(hf_hub_download, REPO, name, local_dir=folder)
    assert Path(path).read_bytes() == content


def test_a_file_that_was_changed_since(run, commit, folder):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    Path(path).write_bytes(b"# My model")
    os.utime(path, (NOW + 2, NOW + 2))
    assert run(hf_hub_download, REPO, "README.md", local_dir=folder, revision=commit) == path
    assert Path(path).read_bytes() == README


@pytest.mark.parametrize("kept", ["", "x", f"{'a' * 40}\n{'b' * 40}\nnever\n", "\xff"])
def test_a_damaged_record(run, commit, folder, kept):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    record = folder / RECORDS / "README.md.metadata"
    record.write_text(kept, encoding="latin-1")
    assert run(hf_hub_download, REPO, "README.md", local_dir=folder, revision=commit) == path
    assert record.read_text() == f"{commit}\n{README_ID}\n{NOW}\n"


def test_a_file_that_was_cut(run, commit, folder):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    os.truncate(path, 3)
    run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert Path(path).read_bytes() == README


def test_a_file_in_the_cache_is_copied(run, hub, commit, folder):
    run(hf_hub_download, REPO, "sub/weights.bin")
    hub.forget()
    path = run(hf_hub_download, REPO, "sub/weights.bin", local_dir=folder)
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD"]
    assert Path(path).read_bytes() == WEIGHTS
    assert not Path(path).is_symlink()
    assert (folder / RECORDS / "sub" / "weights.bin.metadata").read_text().startswith(f"{commit}\n{WEIGHTS_ID}\n")


def test_force_download(run, hub, commit, folder):
    path = run(hf_hub_download, REPO, "sub/weights.bin", local_dir=folder)
    hub.forget()
    assert run(hf_hub_download, REPO, "sub/weights.bin", local_dir=folder, force_download=True) == path
    assert [asked.partition(" ")[0] for asked in hub.asked] == ["HEAD", "GET", "GET"]


def test_a_break_is_resumed_in_a_later_run(run, hub, commit, folder, spoil):
    spoil(cut=5)
    spoil(status=404)
    with pytest.raises(HfHubHTTPError, match="404"):
        run(hf_hub_download, REPO, "README.md", local_dir=folder)
    short = base64.urlsafe_b64encode(hashlib.sha1(b"README.md.metadata", usedforsecurity=False).digest()).decode()
    partial = folder / RECORDS / f"{short}.{README_ID}.incomplete"
    assert partial.read_bytes() == README[:5]
    hub.forget()
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert hub.asked[1].endswith(" from 5")
    assert Path(path).read_bytes() == README
    assert not partial.exists()


def test_wrong_bytes_leave_the_old_file(run, hub, commit, folder, spoil):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    hub.commit({"README.md": b"newer"})
    spoil(body=b"older")
    with pytest.raises(IntegrityError):
        run(hf_hub_download, REPO, "README.md", local_dir=folder)
    assert Path(path).read_bytes() == README
    assert (folder / RECORDS / "README.md.metadata").read_text().startswith(commit)


@pytest.mark.parametrize("down", [TransportError("no route"), 503])
def test_without_the_hub(run, hub, commit, folder, down):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    hub.down = down
    assert run(hf_hub_download, REPO, "README.md", local_dir=folder) == path
    with pytest.raises(LocalEntryNotFoundError, match=str(folder)):
        run(hf_hub_download, REPO, "other", local_dir=folder)


def test_local_files_only(run, hub, commit, folder):
    path = run(hf_hub_download, REPO, "README.md", local_dir=folder)
    hub.forget()
    assert run(hf_hub_download, REPO, "README.md", local_dir=folder, local_files_only=True) == path
    with pytest.raises(LocalEntryNotFoundError):
        run(hf_hub_download, REPO, "other", local_dir=folder, local_files_only=True)
    assert hub.asked == []


def test_a_missing_file_is_not_remembered(run, cache, commit, folder):
    with pytest.raises(EntryNotFoundError):
        run(hf_hub_download, REPO, "missing", local_dir=folder)
    assert not cache.exists()
    assert not folder.exists()


@pytest.mark.parametrize("link", ["sub", ".cache", ".cache/huggingface", ".cache/huggingface/download/sub"])
def test_a_link_out_of_the_folder_is_not_followed(run, commit, folder, tmp_path, link):
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / link).parent.mkdir(parents=True)
    (folder / link).symlink_to(outside)
    with pytest.raises(UnsafePathError, match="symbolic link"):
        run(hf_hub_download, REPO, "sub/weights.bin", local_dir=folder)
    assert list(outside.iterdir()) == []


def test_a_link_in_place_of_the_file_is_replaced(run, commit, folder, tmp_path):
    """Clients before 0.23 created links from local folders to the cache."""
    outside = tmp_path / "blob"
    outside.write_bytes(b"of others")
    folder.mkdir()
    (folder / "README.md").symlink_to(outside)
    path = Path(run(hf_hub_download, REPO, "README.md", local_dir=folder))
    assert path.read_bytes() == README
    assert not path.is_symlink()
    assert outside.read_bytes() == b"of others"


@pytest.mark.parametrize("name", [".cache/huggingface/download/x.metadata", ".Cache/HuggingFace/.gitignore"])
def test_the_place_of_records_is_not_written_by_a_repository(run, hub, folder, name):
    hub.commit({name: b"evil"})
    with pytest.raises(UnsafePathError, match="records"):
        run(hf_hub_download, REPO, name, local_dir=folder)
    assert not folder.exists()


@pytest.mark.parametrize("suffix", ["metadata", "lock"])
def test_a_folder_named_like_the_record_of_a_file_is_refused_by_name(run, hub, folder, suffix):
    hub.commit({"a/x": b"file", f"a/x.{suffix}/b/c": b"other"})
    message = rf"'a/x' cannot be written to the same folder as 'a/x\.{suffix}/b/c': the names of their records"
    for dry_run in (True, False):
        with pytest.raises(UnsafePathError, match=message):
            run(snapshot_download, REPO, local_dir=folder, dry_run=dry_run)
    assert not (folder / "a").exists()
    run(snapshot_download, REPO)


@pytest.mark.parametrize("suffix", ["metadata", "lock"])
def test_files_whose_records_conflict_are_refused_one_after_the_other(run, hub, tmp_path, suffix):
    names = ["a/x", f"a/x.{suffix}/b/c"]
    hub.commit(dict.fromkeys(names, b"content"))
    for number, (first, second) in enumerate([names, names[::-1]]):
        folder = tmp_path / str(number)
        run(hf_hub_download, REPO, first, local_dir=folder)
        with pytest.raises(UnsafePathError, match="file of an earlier download: the names of their records"):
            run(hf_hub_download, REPO, second, local_dir=folder)


@pytest.mark.parametrize("names", [["x", "x.metadata", "x.metadata.metadata"], ["x", "x.lock", "x.lock.metadata"]])
def test_files_named_like_the_records_of_others(run, hub, folder, names):
    hub.commit({name: name.encode() for name in names})
    run(snapshot_download, REPO, local_dir=folder)
    for name in names:
        path = run(hf_hub_download, REPO, name, local_dir=folder, force_download=True)
        assert Path(path).read_text() == name


def test_a_name_too_long_for_its_record(run, hub, folder):
    name = "x" * 250
    hub.commit({name: b"x"})
    assert Path(run(hf_hub_download, REPO, name)).read_bytes() == b"x"
    with pytest.raises(UnsafePathError, match="255 bytes"):
        run(hf_hub_download, REPO, name, local_dir=folder)
    assert not folder.exists()


def test_other_things_below_cache_are_files_like_any(run, hub, folder):
    hub.commit({".cache/x": b"x"})
    assert Path(run(hf_hub_download, REPO, ".cache/x", local_dir=folder)).read_bytes() == b"x"


def test_a_home_may_be_short(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    assert LocalFolder.of("~/x", None, Settings()).folder == tmp_path / "x"
