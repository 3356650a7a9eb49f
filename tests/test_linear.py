"""`assert_linear`: which running times it accepts and which it rejects."""

from __future__ import annotations

import pytest

from tests.linear import assert_linear


def test_linear_work_passes():
    assert_linear(lambda length: lambda: sum(range(20 * length)), 10_000)


def test_quadratic_work_does_not():
    with pytest.raises(AssertionError, match="ten times the text"):
        assert_linear(lambda length: lambda: sum(range(length * length // 40)), 10_000, least=0.0005)
