"""Reconstructions of ranges of files."""

from __future__ import annotations

import io
from itertools import pairwise

from hypothesis import given, strategies as st

from hub_typed.local.xet.reconstruction import Reconstruction, reconstruct
from hub_typed.local.xet.xorbs import read_chunks
from tests.local.xet import material
from tests.local.xet.material import Part, Xorb, content_of, file_of, whole


def reconstruction(parts: list[Part], start: int, stop: int) -> Reconstruction:
    return reconstruct(file_of(*parts).terms, start, stop, {xorb.name: xorb.index for xorb, _, _ in parts}.__getitem__)


def fetched(parts: list[Part], found: Reconstruction) -> bytes:
    """Do as clients do: fetch the ranges of xorbs, and take the chunks of each term from them."""
    stored = {xorb.name: xorb.stored for xorb, _, _ in parts}
    chunks = {
        (name, one.chunks[0] + at): content
        for name, ranges in found.xorbs.items()
        for one in ranges
        for at, (_, content) in enumerate(read_chunks(io.BytesIO(stored[name][slice(*one.bytes)])))
    }
    contents = [b"".join(chunks[term.xorb, at] for at in range(term.start, term.stop)) for term in found.terms]
    assert [len(content) for content in contents] == [term.size for term in found.terms]
    return b"".join(contents)


@given(material.parts(), st.data())
def test_the_reconstruction_of_a_range_has_its_bytes(parts, data):
    content = content_of(parts)
    start = data.draw(st.integers(0, len(content) - 1))
    stop = data.draw(st.integers(start + 1, len(content) + 5))

    found = reconstruction(parts, start, stop)

    assert fetched(parts, found)[found.skip :][: stop - start] == content[start:stop]
    for ranges in found.xorbs.values():
        assert all(one.chunks[1] < other.chunks[0] for one, other in pairwise(ranges)), "in order, and apart"


@given(material.parts(most=3))
def test_a_range_takes_no_chunk_that_it_does_not_need(parts):
    first = parts[0][0].chunks[parts[0][1]]

    found = reconstruction(parts, len(first) - 1, len(first))

    assert found.skip == len(first) - 1
    assert fetched(parts, found) == first


def test_chunks_that_are_used_twice_are_fetched_once():
    xorb = Xorb([b"a", b"b", b"c"])

    found = reconstruction([(xorb, 0, 2), (xorb, 1, 3), whole(xorb)], 0, 100)

    (one,) = found.xorbs[xorb.name]
    assert (one.chunks, one.bytes) == ((0, 3), (0, len(xorb.stored)))


def test_an_empty_range_needs_nothing():
    assert reconstruction([whole(Xorb([b"abc"]))], 2, 2) == Reconstruction(0, [], {})
