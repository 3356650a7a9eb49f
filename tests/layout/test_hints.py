"""Signatures can be read at run time too: by frameworks, notebooks and command-line makers."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, get_overloads, get_type_hints

import attrs
import pytest

import hub_typed
from hub_typed_api import models


def public(owner: type) -> list[Any]:
    return [
        pytest.param(member, id=f"{owner.__name__}.{name}")
        for name, member in inspect.getmembers(owner, inspect.isfunction)
        if not name.startswith("_")
    ]


def functions() -> list[Any]:
    """Those made from the methods; the few others of the package are no part of a client."""
    named = [(name, getattr(hub_typed, name)) for name in hub_typed.__all__]
    return [pytest.param(member, id=name) for name, member in named if made(member)]


def made(member: object) -> bool:
    return inspect.isfunction(member) and member.__module__.startswith("hub_typed_api.surface.")


SYNC, ASYNC, FUNCTIONS = public(hub_typed.HfApi), public(hub_typed.AsyncHfApi), functions()


@pytest.mark.parametrize("callable_", [*SYNC, *ASYNC, *FUNCTIONS])
def test_every_hint_can_be_looked_up(callable_: Callable[..., object]):
    for signature in (callable_, *get_overloads(callable_)):
        hints = get_type_hints(signature)
        named = {name for name in inspect.signature(signature).parameters if name != "self"}
        assert named | {"return"} == set(hints)


def needed(signature: Callable[..., object]) -> set[str]:
    parameters = inspect.signature(signature).parameters.values()
    return {parameter.name for parameter in parameters if parameter.default is parameter.empty}


def decided_by_flags(callable_: Callable[..., object]) -> bool:
    """Whether parameters with defaults decide on the overload, and not the type of one that must be given."""
    return any("Literal[" in str(inspect.signature(one)) for one in get_overloads(callable_))


@pytest.mark.parametrize("callable_", [one for one in [*SYNC, *ASYNC, *FUNCTIONS] if decided_by_flags(one.values[0])])
def test_a_call_without_flags_fits_the_first_overload_only(callable_: Callable[..., object]):
    first, *others = get_overloads(callable_)
    assert needed(first) == needed(callable_)
    assert all(needed(first) < needed(other) for other in others)


def test_every_member_of_a_model_has_a_hint():
    classes = [found for name in models.__all__ if inspect.isclass(found := getattr(models, name))]
    assert len(classes) > 30
    for model in classes:
        assert {field.name for field in attrs.fields(model)} <= set(get_type_hints(model))


def test_functions_and_both_clients_have_the_same_names():
    names = [{param.id.rpartition(".")[2] for param in door} for door in (SYNC, ASYNC, FUNCTIONS)]
    client = {"call", "pages", "stream", "with_options"}
    assert names[0] - client - {"close", "run_as_future"} == names[1] - client - {"aclose"} == names[2]
    assert len(names[2]) > 20
