"""Small files of an upload: their contents are read once and kept in memory until the commit."""

from __future__ import annotations

import base64
import os
from collections import Counter
from pathlib import Path

import pytest

from hub_typed.errors import SourceChangedError
from hub_typed.flows.commits.folder import upload_folder
from hub_typed.flows.lfs import content as contents


@pytest.fixture
def reads(monkeypatch):
    """Counts how often each file is opened for its content."""
    opened: Counter[str] = Counter()
    original = contents.open_source

    def counted(source):
        opened[Path(source).name] += 1
        return original(source)

    monkeypatch.setattr(contents, "open_source", counted)
    return opened


def upload(run, folder):
    return run(lambda io: upload_folder(io, repo_id="me/repo", folder_path=folder))


def committed(hub):
    """Contents of the regular files of the commit, by path."""
    values = [line["value"] for one in hub.of("commit") for line in one.lines if line["key"] == "file"]
    return {value["path"]: base64.b64decode(value["content"]) for value in values}


def meanwhile(hub, change):
    """Do something while the Hub is asked for the upload modes."""
    answer = hub.preupload

    def preupload(one):
        change()
        return answer(one)

    hub.preupload = preupload


@pytest.mark.parametrize(("size", "times"), [(0, 1), (8192, 1), (8193, 2)])
@pytest.mark.parametrize("replaces", [False, True])
def test_a_small_file_is_read_once(run, hub, tmp_path, reads, size, times, replaces):
    (tmp_path / "a.txt").write_bytes(bytes(size))
    if replaces:
        hub.has("a.txt", b"before")
    upload(run, tmp_path)
    assert reads["a.txt"] == times + (replaces and times > 1)
    assert committed(hub) == {"a.txt": bytes(size)}


def test_a_small_lfs_file_is_read_once(run, hub, tmp_path, reads):
    (tmp_path / "a.bin").write_bytes(b"content")
    upload(run, tmp_path)
    assert reads["a.bin"] == 1
    assert hub.stored == {hub.sha256(b"content"): b"content"}


def test_only_so_many_small_files_are_kept_in_memory(run, hub, tmp_path, reads, monkeypatch):
    monkeypatch.setattr("hub_typed.flows.commits.uploads.FILES_PER_REQUEST", 2)
    monkeypatch.setattr("hub_typed.flows.commits.uploads.MAX_KEPT_FILES", 4)
    for number in range(6):
        (tmp_path / f"{number}.txt").write_bytes(b"%d" % number)
    upload(run, tmp_path)
    assert reads == {"0.txt": 1, "1.txt": 1, "2.txt": 1, "3.txt": 1, "4.txt": 2, "5.txt": 2}
    assert committed(hub) == {f"{number}.txt": b"%d" % number for number in range(6)}


@pytest.mark.parametrize(
    "change",
    [lambda path: path.write_bytes(b"longer"), lambda path: path.unlink(missing_ok=True)],
    ids=["changes", "is deleted"],
)
def test_a_small_file_that_changes_after_it_was_read_is_not_committed(run, hub, tmp_path, change):
    path = tmp_path / "a.txt"
    path.write_bytes(b"short")
    meanwhile(hub, lambda: change(path))
    with pytest.raises(SourceChangedError, match=r"a\.txt changed during the upload"):
        upload(run, tmp_path)
    assert not committed(hub)


def test_a_small_file_that_is_overwritten_unnoticed_is_committed_as_it_was_first_read(run, hub, tmp_path):
    path = tmp_path / "a.txt"
    path.write_bytes(b"before")
    status = path.stat()

    def overwrite():
        path.write_bytes(b"after!")
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    meanwhile(hub, overwrite)
    upload(run, tmp_path)
    assert committed(hub) == {"a.txt": b"before"}
