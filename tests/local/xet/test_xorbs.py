"""Serialized xorbs."""

from __future__ import annotations

import io
import struct
import tracemalloc

import lz4.frame
import pytest
from hypothesis import given, strategies as st

from hub_typed.local.errors import HubResponseError
from hub_typed.local.xet.xorbs import MAX_CHUNK, MAX_CHUNKS, ChunkIndex, chunk_header, index_xorb, read_chunks
from tests.local.xet import material
from tests.local.xet.material import SCHEMES, Xorb, pack, unless_refused


def contents_of(stored: bytes) -> list[bytes]:
    return [content for _, content in read_chunks(io.BytesIO(stored))]


@given(material.xorbs)
def test_chunks_of_all_schemes_are_read_back(xorb):
    assert contents_of(xorb.stored) == xorb.chunks
    assert xorb.index.size == len(xorb.stored)
    assert [size for _, size in xorb.index.chunks(0, len(xorb.index))] == [len(one) for one in xorb.chunks]
    assert ChunkIndex.from_bytes(xorb.index.to_bytes()) == xorb.index


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 1000, MAX_CHUNK])
def test_chunks_of_every_size_are_read_back(scheme, size):
    content = bytes(number % 251 for number in range(size))

    assert contents_of(pack(content, scheme)) == [content]


@given(material.xorbs)
def test_the_footer_of_older_clients_is_not_read(xorb):
    assert index_xorb(io.BytesIO(xorb.stored + b"XETBLOB\1" + b"anything")) == xorb.index


@given(material.xorbs, st.data())
def test_a_xorb_with_a_flipped_bit_is_malformed_or_has_another_hash_or_the_same_content(xorb, data):
    at = data.draw(st.integers(0, len(xorb.stored) - 1))
    flipped = bytearray(xorb.stored)
    flipped[at] ^= 1 << data.draw(st.integers(0, 7))

    index = unless_refused(lambda: index_xorb(io.BytesIO(flipped)))

    assert index is None or index.hash() != xorb.name or contents_of(bytes(flipped)) == xorb.chunks


@given(material.xorbs, st.data())
def test_a_xorb_that_is_cut_off_is_malformed_or_has_another_hash(xorb, data):
    stored = xorb.stored[: data.draw(st.integers(0, len(xorb.stored) - 1))]

    index = unless_refused(lambda: index_xorb(io.BytesIO(stored)))

    assert index is None or index.hash() != xorb.name


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (b"", "must have 1 to"),
        (b"XETBLOB\1", "must have 1 to"),
        (b"\1" + pack(b"x", 0)[1:], "version 0"),
        (pack(b"x", 0)[:7], "version 0"),
        (pack(b"x", 0)[:-1], "ends within a chunk"),
        (chunk_header(0, 0, 0), "A chunk has 0 bytes"),
        (chunk_header(3, 1, 1) + b"x", "unknown scheme 3"),
        (chunk_header(0, 1, 2) + b"x", "1 bytes instead of the announced 2"),
        (chunk_header(0, MAX_CHUNK + 1, MAX_CHUNK + 1) + bytes(MAX_CHUNK + 1), "must have 1 to"),
        (chunk_header(1, 3, 3) + b"xyz", "no LZ4 frame"),
        (pack(b"x", 0) * (MAX_CHUNKS + 1), "more than 8192 chunks"),
    ],
)
def test_what_is_no_xorb_is_refused(stored, message):
    with pytest.raises(HubResponseError, match=message) as refusal:
        index_xorb(io.BytesIO(stored))

    assert refusal.value.status == 400


@pytest.mark.parametrize("more", [b"", b"more"])
@pytest.mark.parametrize("size", [1, 99, 101, MAX_CHUNK])
def test_a_frame_of_another_size_than_announced_is_refused(size, more):
    frame = lz4.frame.compress(bytes(100)) + more

    with pytest.raises(HubResponseError):
        contents_of(chunk_header(1, len(frame), size) + frame)


def test_a_frame_that_grows_beyond_its_size_takes_no_memory():
    frame = lz4.frame.compress(bytes(20 << 20))
    assert len(frame) < MAX_CHUNK
    tracemalloc.start()
    try:
        with pytest.raises(HubResponseError, match="no LZ4 frame of 100 bytes"):
            contents_of(chunk_header(1, len(frame), 100) + frame)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()


def test_the_header_has_sizes_of_24_bits():
    assert chunk_header(2, 0x010203, 0x040506) == bytes([0, 3, 2, 1, 2, 6, 5, 4])
    assert struct.unpack("<Q", chunk_header(1, 1, 1))[0] == 1 << 8 | 1 << 32 | 1 << 40


def test_an_index_finds_chunks_by_offset():
    index = Xorb([b"abc", b"d", b"ef"]).index

    assert [index.chunk_at(offset) for offset in range(6)] == [0, 0, 0, 1, 2, 2]
    assert index.data_size(1, 3) == 3
    assert index.stored_chunk_at(index.start(1)) == 1
    assert index.stored_chunk_at(index.start(1) - 1) == 0
