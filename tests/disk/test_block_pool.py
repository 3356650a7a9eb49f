"""Blocks of memory that keep the contents of files."""

from __future__ import annotations

import pytest

from hub_typed.disk.block_pool import BLOCK_SIZE, BlockPool


def test_what_fits_is_granted_until_the_end_of_the_block():
    pool = BlockPool(10)
    with pool.reserve(6) as first, pool.reserve(4) as second, pool.reserve(1) as third:
        assert first is not None
        assert second is not None
        assert third is None
    with pool.reserve(10) as whole:
        assert whole is not None
    with pool.reserve(11) as too_much:
        assert too_much is None


def test_there_is_room_again_after_an_error():
    pool = BlockPool(10)
    with pytest.raises(KeyError), pool.reserve(10):
        raise KeyError
    with pool.reserve(10) as whole:
        assert whole is not None


def test_a_block_is_used_again_but_never_by_two_at_the_same_time():
    pool = BlockPool(4 * BLOCK_SIZE)
    with pool.reserve(BLOCK_SIZE) as first, pool.reserve(2 * BLOCK_SIZE) as second:
        assert first is not None
        assert second is not None
        taken = [first.take(), second.take(), second.take()]
        assert len({id(block) for block in taken}) == 3
        assert {len(block) for block in taken} == {BLOCK_SIZE}
    with pool.reserve(3 * BLOCK_SIZE) as later:
        assert later is not None
        assert {id(later.take()) for _ in range(3)} == {id(block) for block in taken}
