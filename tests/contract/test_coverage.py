"""Every operation that the reference API needs exists, and none is a stub."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args, get_type_hints

import attrs
import pytest

from hub_typed_api import operations
from hub_typed_api.model import Model
from tests.contract.spec import EVERY, NODES

FUNCTIONS = {(o.method, o.template): getattr(getattr(operations, o.area), o.name) for o in EVERY}
LISTED = [
    (method, path, "typed" in typed)
    for method, path, *typed in map(str.split, (Path(__file__).parent / "operations.txt").read_text().splitlines())
    if method != "#" and path.startswith("/")
]


def leaves(hint: Any) -> Iterator[Any]:
    """The types that a type is made of."""
    inner = get_args(hint)
    if not inner:
        yield hint
    for one in inner:
        yield from leaves(one)


def test_the_list_is_whole():
    assert len(LISTED) == len({(method, path) for method, path, _ in LISTED}) == 164


@pytest.mark.parametrize(("method", "path", "typed"), LISTED, ids=str)
def test_each_operation_has_a_function_with_a_type(method, path, typed):
    function = FUNCTIONS[method, path]
    answer = get_type_hints(function)["return"]
    models = [leaf for leaf in leaves(answer) if isinstance(leaf, type) and issubclass(leaf, Model)]
    assert bool(models) == typed
    assert all(len(attrs.fields(model)) > 1 for model in models)
    if not typed:
        assert get_args(answer)[0] is not Any


@pytest.mark.parametrize("operation", EVERY, ids=lambda operation: operation.name)
def test_what_is_deprecated_says_so_first(operation):
    told = FUNCTIONS[operation.method, operation.template].__doc__.startswith("Deprecated. ")
    assert told == NODES.get(operation.name, {}).get("deprecated", False)
