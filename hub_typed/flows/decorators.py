"""Decorators that the generator of the public methods reads."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

__all__: list[str] = []

F = TypeVar("F", bound=Callable[..., object])


def background(flow: F) -> F:
    """The synchronous method of this flow takes ``run_as_future`` and then gives a `concurrent.futures.Future`."""
    return flow
