"""Steps on the disk that are done, or not begun."""

from __future__ import annotations

import os
import shutil

import pytest

from hub_typed.flows.files.disk import copy_file, create_text, is_whole, move_file, replace_text


@pytest.fixture
def steps(monkeypatch):
    """What was asked of the disk, in order."""
    seen = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor):
        seen.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def replaced(source, target):
        seen.append(("replace", str(target)))
        replace(source, target)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return seen


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="names of open files are looked up in /proc")
def test_a_moved_file_is_on_the_disk_before_it_is_in_its_place(tmp_path, steps):
    source, target = tmp_path / "a", tmp_path / "new" / "b"
    source.write_bytes(b"x")
    move_file(source, target)
    assert steps == [("sync", str(source)), ("replace", str(target)), ("sync", str(target.parent))]
    assert target.read_bytes() == b"x"
    assert not source.exists()


def test_a_copy_that_fails_leaves_nothing(tmp_path, monkeypatch):
    source, target, scratch = tmp_path / "a", tmp_path / "b", tmp_path / "scratch"
    source.write_bytes(b"new")
    target.write_bytes(b"old")

    def half(_, to):
        with open(to, "wb") as file:
            file.write(b"n")
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", half)
        with pytest.raises(OSError, match="No space"):
            copy_file(source, target, scratch)
    assert target.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [source, target]
    copy_file(source, target, scratch)
    assert target.read_bytes() == b"new"


def test_text_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "ref"
    replace_text(path, "old", tmp_path)

    def refused(*_):
        raise OSError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="Permission"):
        replace_text(path, "new", tmp_path)
    assert path.read_text() == "old"
    assert sorted(tmp_path.iterdir()) == [path.parent]


def test_a_mark_is_made_once_and_never_in_the_way(tmp_path):
    create_text(tmp_path / "mark", "first")
    create_text(tmp_path / "mark", "second")
    assert (tmp_path / "mark").read_text() == "first"
    create_text(tmp_path / "missing" / "mark", "x")


def test_sizes(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    assert is_whole(tmp_path / "a", 3)
    assert not is_whole(tmp_path / "a", 2)
    assert not is_whole(tmp_path / "b", 0)
