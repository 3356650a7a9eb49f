"""File operations that are completed or have no effect."""

from __future__ import annotations

import errno
import os

import pytest

from hub_typed.disk.files import (
    copy_file,
    create_text,
    digest_for_etag,
    disk_errors,
    has_size,
    replace_text,
    update_digest,
    write_all,
)
from hub_typed.disk.folders import Folder
from hub_typed.errors import DiskError, HubError, TransportError, UnsafePathError
from hub_typed.flows.files.partial_files import PartialFiles


@pytest.fixture
def folder(tmp_path):
    with Folder.root(tmp_path) as opened:
        yield opened


@pytest.fixture
def steps(monkeypatch):
    """Record the calls of fsync and replace, in order."""
    seen = []
    fsync, replace = os.fsync, os.replace

    def synced(descriptor):
        seen.append(("sync", os.readlink(f"/proc/self/fd/{descriptor}")))
        fsync(descriptor)

    def replaced(source, target, **where):
        seen.append(("replace", str(target)))
        replace(source, target, **where)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(os, "replace", replaced)
    return seen


@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="names of open files are looked up in /proc")
def test_a_moved_file_is_on_the_disk_before_it_is_in_its_place(tmp_path, folder, steps):
    part = PartialFiles(folder, "stem", None, "b", 1).claim(digest_for_etag("a" * 40, 1), lambda: None, force=False)
    part.write(b"x")
    with folder.enter("new", make=True) as target:
        part.move(target, "b", digest_for_etag("a" * 40, 1), "a" * 40)
    assert steps == [("sync", str(tmp_path / part.name)), ("replace", "b"), ("sync", str(tmp_path / "new"))]
    assert (tmp_path / "new" / "b").read_bytes() == b"x"
    assert os.listdir(tmp_path) == ["new"]


def test_a_copy_that_fails_leaves_nothing(tmp_path, folder, monkeypatch):
    source, target = tmp_path / "a", tmp_path / "b"
    source.write_bytes(b"new")
    target.write_bytes(b"old")

    def half(descriptor, data):
        os.pwrite(descriptor, data[:1], 0)
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(OSError, match="No space"):
            copy_file(source, folder, "b", folder, "stem")
    assert target.read_bytes() == b"old"
    assert sorted(tmp_path.iterdir()) == [source, target]
    copy_file(source, folder, "b", folder, "stem")
    assert target.read_bytes() == b"new"
    assert sorted(tmp_path.iterdir()) == [source, target]


def test_text_is_replaced_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "ref"
    replace_text(path, "old")

    def refused(*_, **__):
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(OSError, match="Permission"):
        replace_text(path, "new")
    assert path.read_text() == "old"
    assert sorted(path.parent.iterdir()) == [path]


def test_a_mark_is_made_once_and_never_in_the_way(tmp_path, folder):
    create_text(folder, "mark", "first")
    create_text(folder, "mark", "second")
    assert (tmp_path / "mark").read_text() == "first"
    (tmp_path / "link").symlink_to(tmp_path / "outside")
    create_text(folder, "link", "x")
    assert not (tmp_path / "outside").exists()
    tmp_path.joinpath("mark").unlink()
    os.chmod(tmp_path, 0o500)
    try:
        create_text(folder, "mark", "x")
    finally:
        os.chmod(tmp_path, 0o700)


def test_sizes(tmp_path):
    (tmp_path / "a").write_bytes(b"123")
    os.mkfifo(tmp_path / "pipe")
    assert has_size(tmp_path / "a", 3)
    assert not has_size(tmp_path / "a", 2)
    assert not has_size(tmp_path / "b", 0)
    assert not has_size(tmp_path / "pipe", 0)


def test_reading_does_not_wait_for_a_pipe(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="regular"):
        update_digest(digest_for_etag("a" * 40, 0), tmp_path / "pipe", lambda: None)


def test_a_disk_that_takes_a_few_bytes_at_a_time(monkeypatch, tmp_path):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: write(descriptor, data[:3]))
    with open(tmp_path / "a", "wb") as file:
        write_all(file.fileno(), b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"


@pytest.mark.parametrize(
    ("number", "advice"),
    [
        (errno.ENOSPC, "Free some space"),
        (errno.EDQUOT, "Free some space"),
        (errno.EROFS, "local_files_only=True"),
        (errno.EACCES, "local_files_only=True"),
        (errno.EISDIR, "Move it away"),
        (errno.ENOTDIR, "Move it away"),
        (errno.ENOENT, "Try again"),
        (errno.EMFILE, "ulimit -n"),
        (errno.ENFILE, "ulimit -n"),
        (errno.EIO, "Check the disk"),
    ],
)
def test_an_error_of_the_disk_says_what_to_do(number, advice):
    with pytest.raises(DiskError, match=advice) as caught, disk_errors("config.json", "/the/folder"):
        raise OSError(number, os.strerror(number), "config.json")
    assert isinstance(caught.value, HubError)
    assert isinstance(caught.value, OSError)
    assert caught.value.errno == number
    assert "/the/folder" in str(caught.value)


def test_other_errors_stay_what_they_are():
    with pytest.raises(TransportError), disk_errors("x", "y"):
        raise TransportError("the connection broke")


@pytest.mark.parametrize("name", ["", ".", "..", "../file", "sub/file", "/file", "{outside}", "a\x00b"])
def test_what_is_named_in_a_folder_is_a_name_and_no_path(tmp_path, name):
    outside, inside = tmp_path / "file", tmp_path / "inside"
    outside.write_text("precious")
    inside.mkdir()
    (inside / "one").write_text("1")
    name = name.format(outside=outside)
    with Folder.root(inside) as folder:
        for do in (
            lambda: folder.create(name),
            lambda: folder.open(name, os.O_RDWR),
            lambda: folder.read(name),
            lambda: folder.status(name),
            lambda: folder.move("one", folder, name),
            lambda: folder.move(name, folder, "one"),
            lambda: folder.rename_exclusive("one", name),
            lambda: folder.remove(name),
            lambda: folder.remove_all(name),
            lambda: folder.link(name, "one"),
            lambda: folder.touch(name),
            lambda: folder.enter(name, make=True),
            lambda: folder.enter("one", name, make=True),
        ):
            with pytest.raises(UnsafePathError, match="is not a valid name of a file"):
                do()
    assert outside.read_text() == "precious"
    assert os.listdir(inside) == ["one"]
