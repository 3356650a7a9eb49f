"""Bounds of ``limit`` and ``p``."""

from __future__ import annotations

import pytest

SMALL, LARGE, NAN = (
    "✖ Too small: expected number to be >={}\n  → at {}",
    "✖ Too big: expected number to be <={}\n  → at {}",
    "✖ Invalid input: expected number, received NaN\n  → at {}",
)


@pytest.mark.parametrize(
    "path",
    ["models", "datasets", "spaces", "models/ada/m/commits/main", "models/ada/m/tree/main", "users/ada/likes"],
)
@pytest.mark.parametrize(
    ("limit", "message"),
    [("0", SMALL.format(1, "limit")), ("-1", SMALL.format(1, "limit")), ("abc", NAN.format("limit"))],
)
def test_lists_refuse_a_limit_that_is_no_positive_number(ada, path, limit, message):
    answer = ada("GET", f"/api/{path}?limit={limit}")
    assert (answer.status, answer.json()["error"]) == (400, message)


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("collections?limit=10001", LARGE.format(10000, "limit")),
        ("models/ada/m/commits/main?limit=1001", LARGE.format(1000, "limit")),
        ("models/ada/m/commits/main?p=x", NAN.format("p")),
        ("organizations/lab/members?limit=9", SMALL.format(10, "limit")),
        ("daily_papers?limit=101", LARGE.format(100, "limit")),
        ("daily_papers?p=-1", SMALL.format(0, "p")),
        ("models?limit=" + "9" * 5000, LARGE.format(2**53 - 1, "limit")),
    ],
)
def test_lists_refuse_numbers_out_of_their_bounds(ada, query, message):
    answer = ada("GET", f"/api/{query}")
    assert (answer.status, answer.json()["error"]) == (400, message)


def test_a_limit_is_the_size_of_a_page(ada):
    assert ada("GET", "/api/models?limit=1").status == 200
    assert ada("GET", "/api/models/ada/m/commits/main?limit=1000&p=0").status == 200
