"""The store of Xet storage: what it accepts, refuses, keeps and deletes."""

from __future__ import annotations

import hashlib
import io
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import attrs
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from hub_typed.local.errors import HubResponseError
from hub_typed.local.lfs.store import LfsStore
from hub_typed.local.xet.hashes import EMPTY_FILE, chunk_hash, masked_hash, to_text
from hub_typed.local.xet.shards import MAX_SHARD, ShardChunk, ShardFile, ShardXorb, Term, parse_shard, write_shard
from hub_typed.local.xet.store import XetStore
from hub_typed.local.xet.xorbs import MAX_XORB, read_chunks
from tests.local.xet.material import Xorb, file_of, put, receive, register, unless_refused, verify, whole

X = Xorb([b"first" * 50, b"second" * 300, b"3"])
Y = Xorb([b"another", b"second" * 300])
FILE = file_of((X, 1, 3), (Y, 0, 2), (X, 1, 2))
CONTENT = b"".join([b"second" * 300, b"3", b"another", b"second" * 300, b"second" * 300])
OTHER = "ab" * 32


@pytest.fixture
def filled(store: XetStore) -> XetStore:
    """The store with both xorbs."""
    receive(store, X, Y)
    return store


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def read(store: XetStore, file: ShardFile, start: int = 0, stop: int | None = None) -> bytes:
    return b"".join(store.read(file.sha256 or "", start, file.size if stop is None else stop))


def age(store: XetStore, seconds: float) -> None:
    """Let everything be older."""
    for path in files(store.root):
        then = path.stat().st_mtime - seconds
        os.utime(path, (then, then))


def test_a_xorb_is_stored_once(store):
    assert store.receive_xorb(X.name, len(X.stored), [X.stored[:10], X.stored[10:]])
    assert not store.receive_xorb(X.name, len(X.stored), [X.stored])

    assert store.xorb_size(X.name) == len(X.stored)
    assert b"".join(store.read_xorb(X.name, 0, len(X.stored))) == X.stored
    assert b"".join(store.read_xorb(X.name, 5, 200)) == X.stored[5:200]
    assert len(files(store.root)) == 1


def test_the_footer_of_older_clients_is_dropped(store):
    sent = X.stored + b"XETBLOB" + bytes(1000)

    assert store.receive_xorb(X.name, len(sent), [sent])

    assert store.xorb_size(X.name) == len(X.stored)
    assert b"".join(store.read_xorb(X.name, 0, len(X.stored))) == X.stored


@pytest.mark.parametrize(
    ("name", "size", "sent", "message"),
    [
        (Y.name, len(X.stored), X.stored, f"another hash: {X.name}"),
        ("../../etc/passwd", len(X.stored), X.stored, "another hash"),
        (X.name, len(X.stored) - 1, X.stored, "More than the announced"),
        (X.name, len(X.stored) + 1, X.stored, "Only"),
        (X.name, len(X.stored) - 1, X.stored[:-1], "ends within a chunk"),
        (X.name, 0, b"", "must have 1 to"),
        (X.name, MAX_XORB * 2, b"", "at most"),
    ],
)
def test_nothing_is_kept_of_what_is_not_the_announced_xorb(store, name, size, sent, message):
    with pytest.raises(HubResponseError, match=message) as refusal:
        store.receive_xorb(name, size, [sent])

    assert refusal.value.status == 400
    assert files(store.root) == []


def test_unknown_names_are_not_found(store):
    assert store.xorb_size(X.name) is None
    assert store.file(OTHER) is None
    assert store.hash_of(OTHER) is None
    assert store.find_chunk(OTHER) is None
    for ask in (lambda: list(store.read_xorb(X.name, 0, 1)), lambda: store.reconstruction(OTHER)):
        with pytest.raises(HubResponseError) as refusal:
            ask()
        assert refusal.value.status == 404


@pytest.mark.parametrize("name", ["", "..", "../" * 21 + "x", "A" * 64])
def test_nothing_but_a_hash_becomes_a_path(store, name):
    asked: list[Callable[[str], object]] = [store.xorb_size, store.file, store.find_chunk, store.hash_of, store.remove]
    for ask in asked:
        with pytest.raises(HubResponseError):
            ask(name)


def test_a_file_is_registered_and_read(filled):
    assert register(filled, [FILE], [X.told, Y.told])
    assert not register(filled, [FILE]), "it is no longer new"

    found = filled.file(FILE.hash)
    assert found is not None
    assert (found.hash, found.sha256, found.size) == (FILE.hash, hashlib.sha256(CONTENT).hexdigest(), len(CONTENT))
    assert list(found.terms) == FILE.terms
    assert filled.known_hash(found.sha256) == filled.hash_of(found.sha256) == FILE.hash
    assert read(filled, FILE) == CONTENT


def test_any_range_of_a_file_is_read(filled):
    register(filled, [FILE])
    for start in range(0, len(CONTENT), 97):
        for stop in (start, start + 1, start + 500, len(CONTENT), len(CONTENT) + 10):
            assert read(filled, FILE, start, stop) == CONTENT[start:stop]


def test_the_sha256_is_computed_if_the_client_does_not_tell(filled):
    register(filled, [attrs.evolve(FILE, sha256=None)])

    assert filled.known_hash(hashlib.sha256(CONTENT).hexdigest()) == FILE.hash


def test_the_empty_file_can_be_registered(store):
    assert register(store, [file_of()])

    found = store.file(EMPTY_FILE)
    assert found is not None
    assert (found.size, found.sha256) == (0, hashlib.sha256().hexdigest())
    assert store.reconstruction(EMPTY_FILE).terms == []
    assert list(store.read(found.sha256, 0, 0)) == []


def test_a_verification_tells_how_far_it_is(filled):
    upload = filled.open_shard(write_shard([FILE, file_of(whole(Y))]))

    assert upload.size == len(CONTENT) + len(Y.content())
    assert list(upload.verify()) == [1801, 3608, 5408, 7215]
    assert [file.hash for file in upload.files] == [FILE.hash, file_of(whole(Y)).hash]


def test_a_shard_that_was_not_verified_registers_nothing(filled):
    upload = filled.open_shard(write_shard([FILE]))

    with pytest.raises(ValueError, match="not verified"):
        filled.register(upload)


def changed(file: ShardFile, at: int, **members: object) -> ShardFile:
    terms = list(file.terms)
    terms[at] = attrs.evolve(terms[at], **members)
    return attrs.evolve(file, terms=terms)


def told_otherwise(chunk: ShardChunk) -> ShardXorb:
    return attrs.evolve(X.told, chunks=[*list(X.told.chunks)[:-1], chunk])


LAST = list(X.told.chunks)[-1]
LIES: dict[str, tuple[ShardFile, ShardXorb, str]] = {
    "file hash": (attrs.evolve(FILE, hash=OTHER), X.told, "have another hash"),
    "sha256": (attrs.evolve(FILE, sha256=OTHER), X.told, f"is {FILE.sha256}, not {OTHER}"),
    "order": (attrs.evolve(FILE, terms=list(FILE.terms)[::-1]), X.told, "have"),
    "order of all": (
        attrs.evolve(FILE, terms=list(FILE.terms)[::-1], range_hashes=list(FILE.range_hashes)[::-1]),
        X.told,
        "have another hash",
    ),
    "a term less": (
        attrs.evolve(FILE, terms=list(FILE.terms)[:2], range_hashes=list(FILE.range_hashes)[:2]),
        X.told,
        "have another hash",
    ),
    "no proof": (attrs.evolve(FILE, range_hashes=()), X.told, "no verification entries"),
    "wrong proof": (
        attrs.evolve(FILE, range_hashes=[*list(FILE.range_hashes)[:2], bytes(32)]),
        X.told,
        "another verification hash",
    ),
    "size": (changed(FILE, 0, size=1802), X.told, "have 1801 bytes, not 1802"),
    "unknown xorb": (changed(FILE, 1, xorb=OTHER), X.told, f"names the xorb {OTHER}, which is not stored"),
    "other xorb": (changed(FILE, 0, xorb=Y.name), X.told, "are not among its 2"),
    "too many chunks": (changed(FILE, 1, stop=3), X.told, "are not among its 2"),
    "most chunks": (changed(FILE, 1, stop=(1 << 32) - 1), X.told, "are not among its 2"),
    "no chunks": (changed(FILE, 1, start=2), X.told, "are not among its 2"),
    "backwards": (changed(FILE, 1, start=2, stop=0), X.told, "are not among its 2"),
    "xorb section: unknown": (FILE, attrs.evolve(X.told, hash=OTHER), "which is not stored"),
    "xorb section: size": (FILE, attrs.evolve(X.told, size=1), "has other chunks"),
    "xorb section: a chunk less": (FILE, attrs.evolve(X.told, chunks=list(X.told.chunks)[:2]), "has other chunks"),
    "xorb section: hash": (FILE, told_otherwise(attrs.evolve(LAST, hash=bytes(32))), "has other chunks"),
    "xorb section: offset": (FILE, told_otherwise(attrs.evolve(LAST, start=0)), "has other chunks"),
    "xorb section: chunk size": (FILE, told_otherwise(attrs.evolve(LAST, size=2)), "has other chunks"),
}


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("known", [False, True], ids=["new", "known"])
def test_a_lie_is_refused_and_nothing_is_registered(filled, lie, known):
    if known:  # who only knows of a file must prove as much as who uploads it
        register(filled, [FILE])
    before = files(filled.root)
    file, xorb, message = LIES[lie]
    honest = file_of(whole(Y))

    with pytest.raises(HubResponseError, match=message) as refusal:
        register(filled, [honest, file], [xorb])

    assert refusal.value.status == 400
    assert filled.file(honest.hash) is None
    assert files(filled.root) == before


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_shard_with_a_flipped_bit_is_refused_or_says_the_same(filled, data):
    shard = bytearray(write_shard([FILE], [X.told]))
    at = data.draw(st.integers(0, len(shard) - 1))
    shard[at] ^= 1 << data.draw(st.integers(0, 7))

    upload = unless_refused(lambda: verify(filled, bytes(shard)))

    for file in () if upload is None else upload.files:
        assert (file.hash, file.sha256, list(file.terms)) == (FILE.hash, FILE.sha256, FILE.terms)


def test_a_shard_that_is_too_large_is_not_read(store):
    with pytest.raises(HubResponseError, match="at most"):
        store.open_shard(bytes(MAX_SHARD + 1))


def test_a_range_beyond_the_end_cannot_be_satisfied(filled):
    register(filled, [FILE])

    with pytest.raises(HubResponseError) as refusal:
        filled.reconstruction(FILE.hash, len(CONTENT))

    assert refusal.value.status == 416


def test_everything_is_there_after_a_restart(filled, lfs):
    register(filled, [FILE])

    again = XetStore(filled.root, LfsStore(lfs.root))

    assert read(again, FILE) == CONTENT
    assert again.xorb_size(X.name) == len(X.stored)
    assert again.find_chunk(to_text(chunk_hash(X.chunks[1]))) is not None


def test_a_dedup_answer_helps_only_who_knows_the_chunks(filled):
    register(filled, [FILE])

    shard = filled.find_chunk(to_text(chunk_hash(X.chunks[1])))  # the first chunk of the file

    assert shard is not None
    told, (xorb,) = parse_shard(shard)
    key = shard[-128:-96]
    assert told == []
    assert (xorb.hash, xorb.size, xorb.stored) == (X.name, len(X.content()), len(X.stored))
    assert list(xorb.chunks) == [attrs.evolve(one, hash=masked_hash(one.hash, key)) for one in X.told.chunks]
    assert not any(chunk_hash(content) in shard for content in X.chunks)
    assert filled.find_chunk(to_text(chunk_hash(X.chunks[1]))) != shard, "each answer has its own key"


def test_chunks_of_xorbs_that_no_file_names_are_not_found(filled):
    assert filled.find_chunk(to_text(chunk_hash(X.chunks[0]))) is None


def test_a_chunk_is_found_wherever_it_stands_if_clients_ask_for_it(store):
    asked = next(content for content in map(str.encode, map(str, range(100_000))) if asks(content))
    put(store, b"begin", asked, b"end")

    assert store.find_chunk(to_text(chunk_hash(asked))) is not None
    assert store.find_chunk(to_text(chunk_hash(b"end"))) is None


def asks(content: bytes) -> bool:
    return int.from_bytes(chunk_hash(content)[24:], "little") % 1024 == 0


def test_content_cut_into_other_chunks_is_one_content(store):
    first, second = put(store, b"ab", b"cd"), put(store, b"abc", b"d")

    assert first.sha256 == second.sha256
    assert store.known_hash(first.sha256 or "") == first.hash, "the first one stands for it"
    for file in (first, second):
        found = store.reconstruction(file.hash)
        stored = b"".join(store.read_xorb(found.terms[0].xorb, *found.xorbs[found.terms[0].xorb][0].bytes))
        assert b"".join(content for _, content in read_chunks(io.BytesIO(stored))) == b"abcd"

    store.remove(first.sha256 or "")

    assert (store.file(first.hash), store.file(second.hash)) == (None, None)


def test_a_deleted_file_takes_with_it_the_xorbs_that_only_it_names(filled):
    other = file_of(whole(Y))
    register(filled, [FILE, other])

    filled.remove(FILE.sha256 or "")

    assert filled.file(FILE.hash) is None
    assert filled.size(FILE.sha256 or "") is None
    assert filled.xorb_size(X.name) is None
    assert filled.find_chunk(to_text(chunk_hash(X.chunks[1]))) is None
    assert read(filled, other) == Y.content()


def test_a_shard_is_refused_whose_xorb_was_deleted_meanwhile(filled):
    upload = verify(filled, write_shard([FILE]))
    other = file_of(whole(X))
    register(filled, [other])
    filled.remove(other.sha256 or "")

    with pytest.raises(HubResponseError, match=f"{X.name} was deleted meanwhile"):
        filled.register(upload)

    assert filled.file(FILE.hash) is None


def test_uploads_and_deletions_at_the_same_time_leave_only_what_is_right(store):
    shared = [b"shared" * 1000, b"chunks" * 1000]
    contents = [b"".join([*shared, bytes([number])]) for number in range(4)]
    refusals: list[str] = []

    def work(number: int) -> None:
        for turn in range(10):
            at = (number + turn) % len(contents)
            if number % 2:
                store.remove(hashlib.sha256(contents[at]).hexdigest())
                continue
            own = Xorb([bytes([at])])
            try:
                receive(store, Xorb(shared), own)
                register(store, [file_of(whole(Xorb(shared)), whole(own))])
            except HubResponseError as refusal:  # the other threads deleted a xorb
                refusals.append(refusal.message)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))

    assert all("upload it" in message for message in refusals), refusals
    for content in contents:
        oid = hashlib.sha256(content).hexdigest()
        assert store.size(oid) in {None, len(content)}
        if store.size(oid):
            assert b"".join(store.read(oid, 0, len(content))) == content


def test_garbage_is_what_no_commit_names(filled):
    kept, garbage = put(filled, b"kept"), put(filled, b"garbage")
    lost = filled.root / "incoming" / "lost"
    lost.write_bytes(b"part of a xorb")
    age(filled, 1000)
    young = put(filled, b"young")

    filled.collect_garbage({kept.sha256}, older_than=500)

    assert [filled.file(file.hash) is not None for file in (kept, garbage, young)] == [True, False, True]
    assert [filled.xorb_size(name) for name in (X.name, Y.name)] == [None, None], "no file names them"
    assert not lost.exists()
    assert (read(filled, kept), read(filled, young)) == (b"kept", b"young")
    assert len(files(filled.root)) == 2 * len(["xorb", "file", "content", "chunk"])


def test_a_xorb_that_is_being_received_is_no_garbage(store):
    xorb = Xorb([b"new"])

    def pieces():
        yield xorb.stored[:5]
        store.collect_garbage(set(), older_than=0)
        yield xorb.stored[5:]

    assert store.receive_xorb(xorb.name, len(xorb.stored), pieces())
    assert store.xorb_size(xorb.name) == len(xorb.stored)


def test_what_is_uploaded_again_is_no_garbage(filled):
    register(filled, [FILE])
    age(filled, 1000)
    assert not filled.receive_xorb(X.name, len(X.stored), [X.stored])
    filled.find_chunk(to_text(chunk_hash(X.chunks[1])))

    filled.collect_garbage(set(), older_than=500)

    assert filled.file(FILE.hash) is None
    assert filled.xorb_size(X.name) is not None, "it was just uploaded, though it was there"
    assert filled.xorb_size(Y.name) is None

    receive(filled, Y)
    register(filled, [FILE])
    age(filled, 1000)
    register(filled, [FILE])
    filled.collect_garbage(set(), older_than=500)
    assert read(filled, FILE) == CONTENT


def test_leftovers_of_a_killed_process_can_be_removed(filled):
    (filled.root / "incoming" / "lost").touch()

    filled.remove_leftovers()

    assert files(filled.root / "incoming") == []
    assert filled.xorb_size(X.name) is not None


def test_a_file_of_many_terms_is_read_by_range_without_reading_all(store, monkeypatch):
    xorb = Xorb([bytes([number]) * 100 for number in range(200)])
    receive(store, xorb)
    file = file_of(*[(xorb, at, at + 1) for at in range(200)])
    register(store, [file])
    began = time.process_time()

    assert read(store, file, 19_950, 19_960) == bytes([199]) * 10

    assert time.process_time() - began < 0.1
    assert store.reconstruction(file.hash, 19_950, 19_960).terms == [Term(xorb.name, 100, 199, 200)]
