"""The files of a bucket on disk: restarts, killed processes, and how much is written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, strategies as st

from hub_typed.local.buckets import file_index
from hub_typed.local.buckets.file_index import FileIndex
from hub_typed.local.buckets.files import BucketFile, Files

NOW = "2026-01-01T00:00:00+00:00"


def file(number: int = 0, at: str = NOW) -> BucketFile:
    return BucketFile(xet_hash=f"{number:064}", sha256=f"{number:064}", size=number, uploaded_at=at)


def numbers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "files"


def test_changes_are_read_again(folder):
    index = FileIndex(folder)
    index.apply({"a": file(1), "b": file(2)}, NOW)
    index.apply({"a": None, "b": file(3)}, "2026-01-02T00:00:00+00:00")

    again = FileIndex(folder)

    assert again.files.all() == index.files.all() == {"b": file(3)}
    assert again.files.updated_at == "2026-01-02T00:00:00+00:00"


def test_files_that_were_read_do_not_change(folder):
    index = FileIndex(folder)
    index.apply({"a": file(1)}, NOW)
    before = index.files

    index.apply({"a": None, "b": file(2)}, NOW)

    assert (before.all(), before.size) == ({"a": file(1)}, 1)


def test_many_changes_become_one(folder, monkeypatch):
    monkeypatch.setattr(file_index, "_MAX_CHANGES", 4)
    index = FileIndex(folder)
    for number in range(5):
        index.apply({str(number): file(number)}, NOW)

    assert numbers(folder) == ["00000005.json"]
    index.apply({"0": None}, NOW)
    assert FileIndex(folder).files.all() == {str(number): file(number) for number in range(1, 5)}


def test_outdated_entries_do_not_pile_up(folder, monkeypatch):
    monkeypatch.setattr(file_index, "_MIN_OUTDATED", 10)
    index = FileIndex(folder)
    for _ in range(100):
        index.apply({str(number): file(number) for number in range(20)}, NOW)

    assert len(numbers(folder)) <= 2


@pytest.mark.parametrize("stop", ["write", "rename", "unlink"])
def test_a_killed_process_leaves_all_of_a_change_or_nothing(folder, monkeypatch, stop):
    monkeypatch.setattr(file_index, "_MAX_CHANGES", 2)
    index = FileIndex(folder)
    for number in range(2):
        index.apply({str(number): file(number)}, NOW)

    class Killed(BaseException):
        pass

    def killed(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(*{"write": (os, "open"), "rename": (os, "replace"), "unlink": (Path, "unlink")}[stop], killed)
        with pytest.raises(Killed):
            index.apply({"0": None, "2": file(2)}, NOW)

    before, after = {"0": file(0), "1": file(1)}, {"1": file(1), "2": file(2)}
    again = FileIndex(folder)
    assert numbers(folder) == (["00000003.json"] if stop == "unlink" else ["00000001.json", "00000002.json"])
    assert again.files.all() == (after if stop == "unlink" else before)
    again.apply({"3": file(3)}, NOW)
    assert FileIndex(folder).files.all() == again.files.all()


def test_incomplete_files_are_removed(folder):
    FileIndex(folder).apply({"a": file(1)}, NOW)
    (folder / "00000002.json.5eed").write_text("{")

    assert FileIndex(folder).files.all() == {"a": file(1)}
    assert numbers(folder) == ["00000001.json"]


paths = st.text("ab/\U0010ffff", max_size=4)


@given(st.sets(paths), paths)
def test_paths_that_start_with_a_text_are_found(every, prefix):
    files = Files({path: file() for path in every})

    assert list(files.starting_with(prefix)) == sorted(path for path in every if path.startswith(prefix))
