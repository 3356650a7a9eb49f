"""Folders that stay open."""

from __future__ import annotations

import os
import threading

import pytest

from hub_typed.disk.folders import Folder
from hub_typed.disk.open_folders import MAX_IDLE, OpenFolders


@pytest.fixture
def opened():
    return []


@pytest.fixture
def folders(tmp_path, opened):
    root = Folder.root(tmp_path)

    def enter(names):
        opened.append(names)
        return root.enter(*names, make=True)

    folders = OpenFolders(enter)
    yield folders
    folders.close()
    root.close()


def test_a_folder_is_opened_once(folders, opened, tmp_path):
    for name in ("x", "y"):
        with folders.use("a", "b") as folder:
            os.close(folder.create(name))
    assert opened == [("a", "b")]
    assert sorted(os.listdir(tmp_path / "a" / "b")) == ["x", "y"]


def test_only_some_idle_folders_stay_open(folders, opened):
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    for number in range(3 * MAX_IDLE):
        with folders.use(str(number)):
            pass
    if before:
        assert len(os.listdir("/proc/self/fd")) - before <= MAX_IDLE + 1
    with folders.use("0"):
        pass
    assert opened.count(("0",)) == 2


def test_a_folder_in_use_stays_open(folders):
    with folders.use("used") as used:
        for number in range(2 * MAX_IDLE):
            with folders.use(str(number)):
                pass
        os.close(used.create("x"))


def test_a_failure_leaves_nothing_behind(folders, tmp_path):
    (tmp_path / "file").touch()
    for _ in range(2):
        with pytest.raises(NotADirectoryError), folders.use("file"):
            pass


def test_several_threads(folders, tmp_path):
    def write(number):
        for name in range(100):
            with folders.use(str(name)) as folder:
                os.close(folder.create(str(number)))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(len(files) for _, _, files in os.walk(tmp_path)) == 400
