"""How lists are read."""

from __future__ import annotations

import gc
import json

import pytest

from hub_typed_api.coerce import read_list


@pytest.fixture(autouse=True)
def collector():
    yield
    gc.enable()


def test_each_item_is_structured_while_the_collector_rests():
    seen = []

    def structure(item):
        seen.append(gc.isenabled())
        return item * 2

    assert read_list(lambda: json.loads("[1, 2]"), structure) == [2, 4]
    assert seen == [False, False]
    assert gc.isenabled()


@pytest.mark.parametrize(
    ("text", "error"), [("[1, 2", ValueError), ('{"a": 1}', TypeError), ("[[], []]", ZeroDivisionError)]
)
def test_the_collector_works_again_after_an_error(text, error):
    with pytest.raises(error):
        read_list(lambda: json.loads(text), lambda _: 1 / 0)
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    read_list(list, str)
    assert not gc.isenabled()
