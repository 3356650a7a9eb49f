"""Shards."""

from __future__ import annotations

import struct
import tracemalloc

import attrs
import pytest
from hypothesis import given, strategies as st

from hub_typed.local.errors import HubResponseError
from hub_typed.local.xet.hashes import to_text
from hub_typed.local.xet.shards import (
    ShardChunk,
    ShardFile,
    ShardXorb,
    Term,
    parse_shard,
    write_dedup_shard,
    write_shard,
)
from tests.local.xet.material import unless_refused

raw_hashes = st.binary(min_size=32, max_size=32).filter(lambda raw: raw != b"\xff" * 32)
hashes = raw_hashes.map(to_text)
numbers = st.integers(0, (1 << 32) - 1)
terms = st.builds(Term, hashes, numbers, numbers, numbers)
xorbs = st.builds(
    ShardXorb, hashes, numbers, numbers, st.lists(st.builds(ShardChunk, raw_hashes, numbers, numbers), max_size=5)
)


@st.composite
def files(draw: st.DrawFn) -> ShardFile:
    some = draw(st.lists(terms, max_size=5))
    proofs = [draw(raw_hashes) for _ in some] if draw(st.booleans()) else []
    return ShardFile(draw(hashes), some, proofs, draw(st.none() | hashes))


def listed(file: ShardFile) -> ShardFile:
    return attrs.evolve(file, terms=list(file.terms), range_hashes=list(file.range_hashes))


@given(st.lists(files(), max_size=4), st.lists(xorbs, max_size=4))
def test_a_shard_survives_being_written(files, xorbs):
    read_files, read_xorbs = parse_shard(write_shard(files, xorbs))

    assert [listed(file) for file in read_files] == files
    assert [attrs.evolve(xorb, chunks=list(xorb.chunks)) for xorb in read_xorbs] == xorbs
    assert [file.size for file in read_files] == [sum(term.size for term in file.terms) for file in files]


@given(st.lists(xorbs, max_size=3), raw_hashes)
def test_a_dedup_answer_has_a_footer(xorbs, key):
    shard = write_dedup_shard(xorbs, key=key, created=1, expires=2)

    files, read = parse_shard(shard)
    assert (files, [xorb.hash for xorb in read]) == ([], [xorb.hash for xorb in xorbs])
    assert struct.unpack("<Q", shard[40:48]) == (200,)
    version, file_section, xorb_section, end, *_ = struct.unpack("<9Q", shard[-200:-128])
    assert (version, file_section, xorb_section, end) == (1, 48, 96, len(shard) - 200)
    assert shard[-128:-96] == key
    assert struct.unpack("<QQ", shard[-96:-80]) == (1, 2)
    assert struct.unpack("<Q", shard[-8:]) == (end,)


@given(st.lists(files(), max_size=3), st.lists(xorbs, max_size=3), st.data())
def test_a_damaged_shard_is_refused_or_read_without_harm(files, xorbs, data):
    shard = bytearray(write_shard(files, xorbs))
    for _ in range(data.draw(st.integers(0, 3))):
        shard[data.draw(st.integers(0, len(shard) - 1))] = data.draw(st.integers(0, 255))
    length = data.draw(st.integers(0, len(shard)))

    read_files, read_xorbs = unless_refused(lambda: parse_shard(bytes(shard[:length]))) or ([], [])

    assert all(len(list(file.terms)) == len(file.terms) for file in read_files)
    assert all(len(list(xorb.chunks)) == len(xorb.chunks) for xorb in read_xorbs)


@pytest.mark.parametrize("count", [1, 1 << 20, (1 << 32) - 1])
@pytest.mark.parametrize("flags", [0, 1 << 31, 3 << 30])
def test_counts_that_a_shard_only_states_take_no_memory(count, flags):
    shard = write_shard([])[:48] + struct.pack("<32sII8x", bytes(32), flags, count) + bytes(40)
    tracemalloc.start()
    try:
        with pytest.raises(HubResponseError, match="ends within a section"):
            parse_shard(shard)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("shard", "message"),
    [
        (b"", "ends within a section"),
        (bytes(500), "no shard of version 2"),
        (write_shard([])[:32] + struct.pack("<QQ", 1, 0) + write_shard([])[48:], "no shard of version 2"),
        (write_shard([]) + b"x", "continues after its last xorb"),
        (write_shard([])[:-1], "ends within a section"),
    ],
)
def test_what_is_no_shard_is_refused(shard, message):
    with pytest.raises(HubResponseError, match=message):
        parse_shard(shard)
