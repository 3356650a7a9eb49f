"""A download that cannot fit on the disk is refused before its first byte."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from hub_typed.errors import DiskError, TransportError
from hub_typed.flows.files import disk_space
from hub_typed.flows.files.download import hf_hub_download
from hub_typed.flows.files.snapshot import snapshot_download

REPO = "org/model"
BIG = b"0123456789abcdef" * (1 << 15)
ETAG = hashlib.sha256(BIG).hexdigest()


class Usage(NamedTuple):
    """What the disk tells."""

    total: int
    used: int
    free: int


@pytest.fixture
def commit(hub, large):
    hub.piece = 1 << 16
    return hub.commit({"a.bin": large(BIG), "b.bin": large(BIG), "c": b"small"})


@pytest.fixture
def free(monkeypatch):
    """Sets the free bytes of the disk; returns the folders that were asked for."""
    asked: list[str] = []

    def set_to(count, total=1 << 40):
        def usage(folder):
            asked.append(folder)
            os.stat(folder)
            return Usage(total, total - count, count)

        monkeypatch.setattr(disk_space.shutil, "disk_usage", usage)
        return asked

    return set_to


def contents(hub):
    return [asked for asked in hub.asked if "resolve" in asked and asked.startswith("GET")]


def test_a_snapshot_that_does_not_fit_is_refused_before_the_first_content(run, hub, cache, tmp_path, commit, free):
    asked = free(len(BIG))
    with pytest.raises(DiskError, match="No space left to write 3 files of org/model") as caught:
        run(snapshot_download, REPO)
    assert caught.value.errno == errno.ENOSPC
    assert "524.3 kB are needed, but only 524.3 kB are free" in str(caught.value)
    assert "Free some space there" in str(caught.value)
    assert str(cache) in str(caught.value)
    assert contents(hub) == []
    assert {Path(folder) for folder in asked} <= {tmp_path, cache, cache / "models--org--model"}


def test_a_content_with_two_paths_counts_once_in_the_cache(run, tmp_path, commit, free):
    free(len(BIG) + 5)
    run(snapshot_download, REPO)
    with pytest.raises(DiskError):
        run(snapshot_download, REPO, local_dir=tmp_path / "here", force_download=True)


def test_what_is_on_disk_needs_no_space(run, hub, large, commit, free):
    run(snapshot_download, REPO)
    hub.commit({"moved.bin": large(BIG), "c": b"small"})
    free(0)
    run(snapshot_download, REPO)


def test_a_file_that_is_replaced_counts_as_free(run, hub, tmp_path, large, commit, free):
    run(snapshot_download, REPO, local_dir=tmp_path / "here")
    hub.commit({"a.bin": large(BIG[::-1]), "b.bin": large(BIG), "c": b"other"})
    free(len(BIG))
    run(snapshot_download, REPO, local_dir=tmp_path / "here")
    assert (tmp_path / "here" / "a.bin").read_bytes() == BIG[::-1]


@pytest.mark.parametrize("where", ["cache", "local_dir"])
def test_a_partial_file_is_continued(run, hub, tmp_path, commit, spoil, free, where):
    named = {} if where == "cache" else {"local_dir": tmp_path / "here"}
    spoil(cut=1 << 18)
    spoil(error=TransportError("no route"))
    with pytest.raises(TransportError):
        run.set(attempts=1)(hf_hub_download, REPO, "a.bin", **named)
    (partial,) = tmp_path.rglob("*.incomplete")
    left = len(BIG) - partial.stat().st_size
    assert left == len(BIG) - (1 << 18)
    hub.forget()
    for flow, arguments in ((snapshot_download, {"allow_patterns": "a.bin"}), (hf_hub_download, {"filename": "a.bin"})):
        free(left - 1)
        with pytest.raises(DiskError):
            run(flow, REPO, **arguments, **named)
        assert contents(hub) == []
        assert partial.exists(), "it can be continued when there is space"
    free(left)
    run(snapshot_download, REPO, allow_patterns="a.bin", **named)


def test_a_single_file_that_does_not_fit_is_refused(run, hub, commit, free):
    free(len(BIG) - 1)
    with pytest.raises(DiskError, match=re.escape("No space left to write a.bin")):
        run(hf_hub_download, REPO, "a.bin")
    assert contents(hub) == []
    free(len(BIG))
    run(hf_hub_download, REPO, "a.bin")


def test_a_disk_that_does_not_tell_its_size_is_not_judged(run, commit, free):
    free(0, total=0)
    run(snapshot_download, REPO)


def test_an_error_of_the_disk_is_not_judged(run, commit, monkeypatch):
    def usage(folder):
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(disk_space.shutil, "disk_usage", usage)
    run(snapshot_download, REPO)


def test_files_on_another_disk_are_not_counted(run, tmp_path, commit, free, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.setattr(disk_space, "_device", lambda folder: 1 if folder.endswith("here") else 2)
    contents = [
        disk_space.MissingContent(str(tmp_path / "here" / "a"), 10, str(tmp_path), "a"),
        disk_space.MissingContent(str(tmp_path / "here" / "mounted" / "b"), 100, str(tmp_path), "b"),
    ]
    assert disk_space.missing_bytes(contents, tmp_path / "here") == 10


def test_holes_of_a_partial_file_are_still_to_be_written(tmp_path):
    with open(tmp_path / f"{ETAG}.incomplete", "wb") as file:
        file.truncate(1 << 20)
    content = disk_space.MissingContent(str(tmp_path / ETAG), 1 << 20, str(tmp_path), ETAG)
    assert disk_space.missing_bytes([content], tmp_path) == 1 << 20


def test_ranges_of_a_partial_file_are_not_to_be_written_again(tmp_path):
    with open(tmp_path / f"{ETAG}.owner.ranges", "wb") as file:
        file.seek(1 << 19)
        file.write(b"x" * (1 << 19))
    (tmp_path / f"{ETAG}.owner.ranges-map").write_bytes(b"map")
    content = disk_space.MissingContent(str(tmp_path / ETAG), 1 << 20, str(tmp_path), ETAG)
    assert disk_space.missing_bytes([content], tmp_path) == 1 << 19
