"""The store and the real hf_xet: each reads what the other wrote."""

from __future__ import annotations

import hashlib
import random
import struct
from collections.abc import Iterator
from pathlib import Path

import hf_xet
import pytest

from hub_typed.local.xet.hashes import EMPTY_FILE
from hub_typed.local.xet.shards import parse_shard
from hub_typed.local.xet.store import XetStore
from tests.local.xet.receiver import Receiver

MADE = random.Random(1)
RANDOM = MADE.randbytes(300_000)
NUMBERS = b"".join(struct.pack("<f", MADE.gauss(0, 1)) for _ in range(100_000))
TEXT = b"some text, again and again\n" * 20_000


@pytest.fixture
def receiver(store: XetStore) -> Iterator[Receiver]:
    with Receiver(store) as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget(tmp_path, monkeypatch)


def forget(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let new sessions know nothing of earlier ones."""
    home = tmp_path / f"home-{MADE.random()}"
    monkeypatch.setenv("HF_HOME", str(home))
    monkeypatch.setenv("HF_XET_CACHE", str(home / "xet"))


def upload(receiver: Receiver, *contents: bytes) -> hf_xet.XetCommitReport:
    commit = hf_xet.XetSession().new_upload_commit(**receiver.group())
    for number, content in enumerate(contents):
        commit.start_upload_bytes(content, sha256=hf_xet.COMPUTE_SHA256, name=str(number))
    return commit.wait_to_finish()


def download(receiver: Receiver, name: str, size: int, start: int | None = None, stop: int | None = None) -> bytes:
    group = hf_xet.XetSession().new_download_stream_group(**receiver.group())
    return b"".join(group.download_stream(hf_xet.XetFileInfo(name, size), start, stop))


def schemes_of(stored: bytes) -> Iterator[int]:
    while stored:
        yield stored[4]
        stored = stored[8 + int.from_bytes(stored[1:4], "little") :]


def test_what_the_wheel_uploads_is_read_by_both_ways(receiver, store, lfs):
    contents = {hashlib.sha256(one).hexdigest(): one for one in (RANDOM, NUMBERS, TEXT, b"small", b"")}

    report = upload(receiver, *contents.values())

    assert {scheme for stored in receiver.xorbs.values() for scheme in schemes_of(stored)} == {0, 1, 2}
    told = {file.hash: file.sha256 for shard in receiver.shards for file in parse_shard(shard)[0]}
    assert sorted(told.values()) == sorted(contents)
    assert {one.xet_info.hash for one in report.uploads.values()} == set(told)
    for name, oid in told.items():
        content = contents[oid]
        assert store.hash_of(oid) == name
        assert b"".join(lfs.read(oid, 0, len(content))) == content
        assert download(receiver, name, len(content)) == content
        if len(content) > 200_000:
            assert download(receiver, name, len(content), 1000, 200_000) == content[1000:200_000]
            assert b"".join(lfs.read(oid, 1000, 200_000)) == content[1000:200_000]
    assert told[EMPTY_FILE] == hashlib.sha256().hexdigest()


def test_the_wheel_reads_an_lfs_object(receiver, store, lfs):
    oid = hashlib.sha256(RANDOM).hexdigest()
    lfs.receive(oid, len(RANDOM), [RANDOM])
    name = store.hash_of(oid)

    assert download(receiver, name, len(RANDOM)) == RANDOM
    assert download(receiver, name, len(RANDOM), 65_535, 65_537) == RANDOM[65_535:65_537]


def test_a_wheel_that_knows_nothing_does_not_send_what_is_there(receiver, store, lfs, tmp_path, monkeypatch):
    upload(receiver, RANDOM)
    sent = sum(map(len, receiver.xorbs.values()))
    forget(tmp_path, monkeypatch)

    report = upload(receiver, RANDOM + b"more")

    assert receiver.requests["GET /v1/chunks/default"] == 2
    assert report.dedup_metrics.deduped_bytes_by_global_dedup > 200_000
    assert sum(map(len, receiver.xorbs.values())) - sent < 100_000
    oid = hashlib.sha256(RANDOM + b"more").hexdigest()
    assert b"".join(lfs.read(oid, 0, 1 << 20)) == RANDOM + b"more"
