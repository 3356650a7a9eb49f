"""The cache of an open file gives the right bytes, and asks for few more than are read."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub_typed.fs.read_cache import MIN_FETCH, SequentialReadAhead

DATA = bytes(range(256)) * 8192  # 2 MiB


def cache_of(blocksize: int = 1 << 18) -> tuple[SequentialReadAhead, list[tuple[int, int]]]:
    asked: list[tuple[int, int]] = []

    def fetch(start: int, end: int) -> bytes:
        asked.append((start, end))
        return DATA[start:end]

    return SequentialReadAhead(blocksize, fetch, len(DATA)), asked


@given(st.lists(st.tuples(st.integers(0, len(DATA) + 10), st.integers(0, 1 << 19)), max_size=20), st.booleans())
def test_any_reads_give_the_bytes_of_the_file(reads, sequential):
    cache, asked = cache_of()
    position = 0
    for start, length in reads:
        begin = position if sequential else start
        position = begin + length
        assert cache._fetch(begin, position) == DATA[begin:position]
    assert all(0 <= start < end <= len(DATA) for start, end in asked)


def test_large_sequential_reads_do_not_fetch_anything_twice():
    cache, asked = cache_of()
    for start in range(0, len(DATA), 1 << 18):
        assert cache._fetch(start, start + (1 << 18)) == DATA[start : start + (1 << 18)]
    assert [start for start, _ in asked] == [0, *(end for _, end in asked[:-1])]
    assert len(asked) < 8


def test_small_reads_at_both_ends_are_kept():
    cache, asked = cache_of()
    for _ in range(2):
        cache._fetch(len(DATA) - 8, len(DATA))
        cache._fetch(0, 4)
        cache._fetch(len(DATA) - 1000, len(DATA) - 8)
    assert asked == [(len(DATA) - MIN_FETCH, len(DATA)), (0, MIN_FETCH)]
