"""One content: files that came by Xet are LFS objects, and LFS objects are files of Xet."""

from __future__ import annotations

import hashlib
import io
import random
import tracemalloc
from pathlib import Path

import pytest

from hub_typed.local.git import pre_receive
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.xet import store as xet_store, stored_xorbs
from hub_typed.local.xet.hashes import EMPTY_FILE
from hub_typed.local.xet.store import XetStore
from hub_typed.local.xet.xorbs import read_chunks
from tests.local.xet.material import Xorb, file_of, put, receive, register, whole

CHUNK = 64 << 10
MADE = random.Random(1)
DATA = MADE.randbytes(5 * CHUNK + 1000)
OID = hashlib.sha256(DATA).hexdigest()


@pytest.fixture
def small_xorbs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let virtual xorbs have two chunks at most."""
    monkeypatch.setattr(stored_xorbs, "_VIRTUAL_CHUNKS", 2)


def upload(lfs: LfsStore, data: bytes = DATA) -> str:
    oid = hashlib.sha256(data).hexdigest()
    lfs.receive(oid, len(data), [data])
    return oid


def download(store: XetStore, name: str, start: int = 0, stop: int | None = None) -> bytes:
    """Read a range of a file as clients do."""
    found = store.reconstruction(name, start, stop)
    contents = b""
    for term in found.terms:
        (one,) = (one for one in found.xorbs[term.xorb] if one.chunks[0] <= term.start < one.chunks[1])
        stored = io.BytesIO(b"".join(store.read_xorb(term.xorb, *one.bytes)))
        chunks = [content for _, content in read_chunks(stored)]
        contents += b"".join(chunks[term.start - one.chunks[0] : term.stop - one.chunks[0]])
    return contents[found.skip :][: None if stop is None else stop - start]


def size_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_a_file_that_came_by_xet_is_an_lfs_object(store, lfs):
    file = put(store, DATA[:1000], DATA[1000:50_000], DATA[50_000:150_000], DATA[150_000:200_000])
    oid = file.sha256 or ""

    assert lfs.size(oid) == 200_000
    assert b"".join(lfs.read(oid, 0, 200_000)) == DATA[:200_000]
    for start, stop in ((0, 1), (999, 1001), (60_000, 160_000), (199_999, 200_000), (5, 5)):
        assert b"".join(lfs.read(oid, start, stop)) == DATA[start:stop]
    assert size_of(lfs.root) == 0


def test_content_that_is_there_by_xet_is_not_stored_again(store, lfs):
    file = put(store, b"content")

    assert upload(lfs, b"content") == file.sha256

    assert size_of(lfs.root) == 0
    assert b"".join(lfs.read(file.sha256, 0, 100)) == b"content"


def test_a_file_that_came_by_xet_is_deleted_as_an_lfs_object(store, lfs):
    file = put(store, b"content")

    lfs.remove(file.sha256 or "")

    assert lfs.size(file.sha256 or "") is None
    assert store.file(file.hash) is None
    assert [path for path in (store.root / "xorbs").rglob("*") if path.is_file()] == []


def test_an_lfs_object_is_a_file_of_xet(store, lfs, small_xorbs):
    upload(lfs)
    assert store.known_hash(OID) is None, "nobody has asked for it"

    name = store.hash_of(OID)

    assert name is not None
    assert store.known_hash(OID) == store.hash_of(OID) == name
    found = store.file(name)
    assert found is not None
    assert (found.size, found.sha256, len(found.terms)) == (len(DATA), OID, 3)
    assert download(store, name) == DATA
    assert size_of(store.root) < len(DATA) / 100


def test_any_range_of_an_lfs_object_is_read_by_xet(store, lfs, small_xorbs):
    upload(lfs)
    name = store.hash_of(OID) or ""
    for _ in range(50):
        start = MADE.randrange(len(DATA))
        stop = MADE.randrange(start, len(DATA)) + 1
        assert download(store, name, start, stop) == DATA[start:stop]


def test_any_part_of_a_virtual_xorb_can_be_read(store, lfs):
    upload(lfs)
    (term,) = store.reconstruction(store.hash_of(OID) or "").terms
    size = store.xorb_size(term.xorb) or 0
    stored = b"".join(store.read_xorb(term.xorb, 0, size))
    assert size == len(stored) == len(DATA) + 6 * 8
    for start, stop in [(0, 1), (0, 8), (7, 9), (CHUNK + 7, CHUNK + 17), (1, size - 1), (size - 1, size), (50, 50)]:
        assert b"".join(store.read_xorb(term.xorb, start, stop)) == stored[start:stop]
    for _ in range(50):
        start = MADE.randrange(size)
        stop = MADE.randrange(start, size) + 1
        assert b"".join(store.read_xorb(term.xorb, start, stop)) == stored[start:stop]
    assert store.receive_xorb(term.xorb, size, [stored]) is False, "it is a xorb as any other"


def test_the_hash_of_an_lfs_object_does_not_depend_on_the_store(store, lfs, tmp_path):
    upload(lfs)
    other = LfsStore(tmp_path / "other-lfs")
    upload(other)

    assert XetStore(tmp_path / "other-xet", other).hash_of(OID) == store.hash_of(OID)


def test_the_empty_lfs_object_has_a_hash_of_zeros(store, lfs):
    assert store.hash_of(upload(lfs, b"")) == EMPTY_FILE
    assert download(store, EMPTY_FILE) == b""


def test_an_lfs_object_that_comes_by_xet_too_keeps_both_hashes(store, lfs):
    upload(lfs)
    virtual = store.hash_of(OID) or ""

    file = put(store, DATA[:100_000], DATA[100_000:200_000], DATA[200_000:300_000], DATA[300_000:])

    assert file.sha256 == OID
    assert {store.hash_of(OID), XetStore(store.root, LfsStore(lfs.root)).hash_of(OID)} == {file.hash}
    assert virtual != file.hash
    assert download(store, virtual) == download(store, file.hash) == DATA

    store.collect_garbage(set(), older_than=0)
    assert (store.file(file.hash), store.hash_of(OID)) == (None, virtual)
    assert download(store, virtual) == DATA, "LFS objects stay"

    lfs.remove(OID)
    assert (store.file(virtual), store.hash_of(OID), lfs.size(OID)) == (None, None, None)
    assert size_of(store.root) == 0


def test_xorbs_of_a_deleted_lfs_object_stay_if_other_files_name_them(store, lfs, small_xorbs):
    longer = DATA[: 4 * CHUNK] + b"another end"
    oid = upload(lfs, longer)
    upload(lfs)
    first, second = store.hash_of(OID) or "", store.hash_of(oid) or ""
    shared = {term.xorb for term in store.reconstruction(first).terms}
    shared &= {term.xorb for term in store.reconstruction(second).terms}
    assert len(shared) == 2
    chunks = [DATA[start : start + CHUNK] for start in range(0, 4 * CHUNK, CHUNK)]
    by_xet = file_of((Xorb(chunks[:2]), 0, 2))
    register(store, [by_xet])

    lfs.remove(OID)

    assert store.file(first) is None
    assert download(store, second) == longer
    lfs.remove(oid)
    assert store.file(second) is None
    assert b"".join(lfs.read(by_xet.sha256 or "", 0, 1 << 20)) == DATA[: 2 * CHUNK]
    assert [store.xorb_size(name) is not None for name in shared].count(True) == 1


def test_an_lfs_object_that_was_lost_can_be_uploaded_again(store, lfs):
    upload(lfs)
    store.hash_of(OID)
    lfs.path(OID).unlink()
    assert lfs.size(OID) is None

    upload(lfs)

    assert b"".join(lfs.read(OID, 0, len(DATA))) == DATA


def test_files_are_read_in_little_memory(store, lfs):
    xorb = Xorb([MADE.randbytes(128 << 10) for _ in range(80)])
    content = xorb.content()
    receive(store, xorb)
    oid = upload(lfs, content[:-1])
    file = file_of(whole(xorb))
    tracemalloc.start()
    try:
        register(store, [file])
        digest = hashlib.sha256()
        for _ in map(digest.update, lfs.read(file.sha256 or "", 0, len(content))):
            pass
        (term,) = store.reconstruction(store.hash_of(oid) or "").terms
        for _ in store.read_xorb(term.xorb, 0, store.xorb_size(term.xorb) or 0):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert digest.digest() == hashlib.sha256(content).digest()
    assert peak < 4 << 20


def test_the_hook_of_pushes_knows_files_that_came_by_xet(store, lfs, tmp_path, monkeypatch):
    file = put(store, b"content")
    for name, value in pre_receive.environment(lfs.root, store.root, [], tmp_path).items():
        monkeypatch.setenv(name, value)

    assert pre_receive._lfs_store().size(file.sha256 or "") == len(b"content")


def test_nobody_waits_for_the_hash_of_a_large_lfs_object(store, lfs, monkeypatch, until):
    oid = upload(lfs)
    expected = store.hash_of(upload(lfs, DATA[:1000]))
    assert expected is not None
    monkeypatch.setattr(xet_store, "_HASHED_AT_ONCE", len(DATA) - 1)

    assert store.hash_of(oid) is None

    until(lambda: store.known_hash(oid))
    assert download(store, store.hash_of(oid) or "") == DATA
