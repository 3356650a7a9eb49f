"""The bound of the bytes that are kept in memory."""

from __future__ import annotations

import pytest

from hub_typed.disk.memory_budget import MemoryBudget


def test_what_fits_is_granted_until_the_end_of_the_block():
    budget = MemoryBudget(10)
    with budget.reserve(6) as first, budget.reserve(4) as second, budget.reserve(1) as third:
        assert (first, second, third) == (True, True, False)
    with budget.reserve(10) as whole:
        assert whole
    with budget.reserve(11) as too_much:
        assert not too_much


def test_it_is_free_again_after_an_error():
    budget = MemoryBudget(10)
    with pytest.raises(KeyError), budget.reserve(10):
        raise KeyError
    with budget.reserve(10) as whole:
        assert whole
