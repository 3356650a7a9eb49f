"""Files of buckets."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from hub_typed import HfApi, HfHubHTTPError
from hub_typed.errors import IntegrityError
from hub_typed.fs import HubFileSystem
from hub_typed.local import LocalHub
from tests.fs.test_model import SameAsLocalFiles

CONTENT = os.urandom(300_000)


@pytest.fixture
def fs(bucket_fs: HubFileSystem) -> HubFileSystem:
    return bucket_fs


@pytest.fixture
def full(fs: HubFileSystem, bucket: str) -> str:
    """A bucket with files."""
    fs.pipe({f"{bucket}/{path}": content for path, content in FILES.items()})
    return bucket


FILES = {"a.bin": CONTENT, "logs/1.txt": b"one", "logs/deep/er/2.txt": b"two", "logs.json": b"{}", "empty": b""}


def test_what_is_written_is_read_and_listed(fs: HubFileSystem, full: str):
    assert fs.cat_file(f"hf://{full}/a.bin") == CONTENT
    assert fs.cat(f"{full}/logs", recursive=True, on_error="omit") == {
        f"{full}/logs/1.txt": b"one",
        f"{full}/logs/deep/er/2.txt": b"two",
    }
    assert fs.cat_file(f"{full}/empty") == b""
    assert fs.find(full) == sorted(f"{full}/{path}" for path in FILES)
    assert sorted(fs.ls(full, detail=False)) == [f"{full}/{path}" for path in ("a.bin", "empty", "logs", "logs.json")]
    assert fs.ls(f"{full}/logs", detail=False) == [f"{full}/logs/1.txt", f"{full}/logs/deep"]
    assert [path.removeprefix(full) for path, _, _ in fs.walk(full)] == ["", "/logs", "/logs/deep", "/logs/deep/er"]
    assert fs.glob(f"{full}/**/*.txt") == [f"{full}/logs/1.txt", f"{full}/logs/deep/er/2.txt"]
    assert (fs.isdir(full), fs.isdir(f"{full}/logs/deep"), fs.isfile(f"{full}/logs")) == (True, True, False)


def test_a_file_has_its_hash_and_its_times(fs: HubFileSystem, full: str):
    info = fs.info(f"{full}/a.bin")
    assert (info["type"], info["size"], len(info["xet_hash"] or "")) == ("file", len(CONTENT), 64)
    assert fs.checksum(f"{full}/a.bin") == int(info["xet_hash"] or "", 16)
    assert abs(fs.modified(f"{full}/a.bin") - datetime.now(UTC)) < timedelta(minutes=5)
    with pytest.raises(IsADirectoryError, match="has no checksum"):
        fs.checksum(f"{full}/logs")
    assert fs.url(f"{full}/logs/1.txt").endswith("/buckets/local-user/box/resolve/logs/1.txt")


def test_ranges_are_read(fs: HubFileSystem, full: str):
    with fs.open(f"{full}/a.bin") as file:
        file.seek(-1000, os.SEEK_END)
        assert file.read(600) == CONTENT[-1000:-400]
        file.seek(7)
        assert file.read(9) == CONTENT[7:16]
    assert fs.cat_ranges([f"{full}/a.bin", f"{full}/logs.json"], [5, 0], [9, 1]) == [CONTENT[5:9], b"{"]


def test_a_file_is_downloaded_and_uploaded(fs: HubFileSystem, full: str, tmp_path: Path):
    fs.get(f"{full}/logs", str(tmp_path / "logs"), recursive=True)
    assert (tmp_path / "logs/deep/er/2.txt").read_bytes() == b"two"
    fs.put(str(tmp_path / "logs"), f"{full}/copy", recursive=True)
    assert fs.cat_file(f"{full}/copy/1.txt") == b"one"
    with fs.open(f"{full}/logs/1.txt", "ab") as file:
        file.write(b" and a half")
    assert fs.read_text(f"{full}/logs/1.txt") == "one and a half"


def test_copies_need_no_content(fs: HubFileSystem, full: str, bucket_hub: LocalHub):
    fs.info(f"{full}/a.bin")
    before = bucket_hub.stats.snapshot()
    fs.copy(f"{full}/a.bin", f"{full}/b.bin")
    sent = (bucket_hub.stats.snapshot() - before).requests
    assert set(sent) == {"buckets.get_bucket_paths_info", "buckets.list_bucket_tree", "buckets.batch_bucket_files"}
    assert fs.cat_file(f"{full}/b.bin") == CONTENT
    fs.mv(f"{full}/logs", f"{full}/old", recursive=True)
    assert fs.find(f"{full}/old") == [f"{full}/old/1.txt", f"{full}/old/deep/er/2.txt"]
    assert not fs.exists(f"{full}/logs")


def test_files_are_copied_between_buckets_and_repositories(fs: HubFileSystem, full: str, bucket_hub: LocalHub):
    with HfApi(bucket_hub.endpoint, bucket_hub.token) as api:
        api.create_repo("local-user/model")
    fs.copy(f"{full}/a.bin", "local-user/model/a.bin")
    assert fs.cat_file("local-user/model/a.bin") == CONTENT
    fs.pipe_file("local-user/model/small.txt", b"small")
    fs.copy("local-user/model/small.txt", f"{full}/small.txt")
    fs.copy("local-user/model/a.bin", f"{full}/again.bin")
    assert (fs.cat_file(f"{full}/small.txt"), fs.cat_file(f"{full}/again.bin")) == (b"small", CONTENT)


def test_a_transaction_makes_its_changes_together(fs: HubFileSystem, full: str, bucket_hub: LocalHub):
    before = bucket_hub.stats.snapshot()
    with fs.transaction:
        fs.pipe_file(f"{full}/new/1", b"1")
        fs.pipe_file(f"{full}/new/2", b"2")
        fs.rm(f"{full}/logs", recursive=True)
        fs.pipe_file(f"{full}/logs/kept", b"3")
        assert not fs.exists(f"{full}/new/1")
    assert fs.find(full) == [
        f"{full}/{path}" for path in ("a.bin", "empty", "logs.json", "logs/kept", "new/1", "new/2")
    ]
    assert (bucket_hub.stats.snapshot() - before).requests["buckets.batch_bucket_files"] == 1


def test_all_files_of_a_bucket_are_deleted(fs: HubFileSystem, full: str):
    fs.rm(full, recursive=True)
    assert fs.find(full) == []
    assert fs.exists(full)


def test_a_file_that_changes_is_not_mixed(fs: HubFileSystem, full: str, bucket_hub: LocalHub):
    with fs.open(f"{full}/a.bin", block_size=1 << 16) as file:
        assert file.read(10) == CONTENT[:10]
        other = HubFileSystem(endpoint=bucket_hub.endpoint, token=bucket_hub.token, skip_instance_cache=True)
        other.pipe_file(f"{full}/a.bin", bytes(len(CONTENT)))
        other.close()
        file.seek(200_000)
        assert file.read(10) == CONTENT[200_000:200_010]
        reader = file._opened.reader
        reader._forget_location()  # as when the signed URL has expired
        file.seek(100_000)
        with pytest.raises(IntegrityError, match=r"box: a\.bin changed while it was read"):
            file.read(10)
    assert fs.cat_file(f"{full}/a.bin") == bytes(len(CONTENT))


def test_what_does_not_exist_is_not_found(fs: HubFileSystem, full: str):
    for path in ("buckets/local-user/none/x", f"{full}/none", f"{full}/log", "buckets/local-user/none"):
        assert not fs.exists(path)
        with pytest.raises(FileNotFoundError):
            fs.info(path)
        with pytest.raises(FileNotFoundError):
            fs.ls(path)
    with pytest.raises(FileNotFoundError):
        fs.cat_file(f"{full}/none")
    with pytest.raises(FileNotFoundError):
        fs.open("buckets/local-user/none/x", "wb")
    with pytest.raises(FileExistsError):
        fs.open(f"{full}/empty", "xb")


def test_a_stranger_may_not_write(full: str, bucket_hub: LocalHub):
    token = bucket_hub.add_user("eve")
    stranger = HubFileSystem(endpoint=bucket_hub.endpoint, token=token, skip_instance_cache=True)
    with pytest.raises(HfHubHTTPError):
        stranger.pipe_file(f"{full}/x", b"1")
    stranger.close()


def test_random_operations_do_it_in_buckets(bucket_hub, bucket_fs):
    class Machine(SameAsLocalFiles):
        def create(self, api, name):
            api.create_bucket(name)
            return f"buckets/{name}"

    Machine.hub, Machine.fs = bucket_hub, bucket_fs
    test = Machine.TestCase()
    test.settings = settings(max_examples=8, stateful_step_count=15, deadline=None)
    test.runTest()
