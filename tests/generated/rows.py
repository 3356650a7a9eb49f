"""How a row of the tests of operations is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

__all__ = ["becomes", "name_of"]


def name_of(function: Callable[..., Any]) -> str:
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


def becomes(function: Callable[..., Any], /, *lines: str, **arguments: Any) -> Any:
    """A call with every parameter, and the request that it becomes: path, query, headers and body, a line each."""
    return pytest.param(function, arguments, "\n".join(lines), id=name_of(function))
