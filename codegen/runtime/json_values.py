"""JSON of responses, parsed by orjson if it is installed, with the results and errors of `json.loads`."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

__all__ = ["parse_json"]

_DIGITS: Final = bytes.maketrans(b"123456789", b"000000000")
_LONG_NUMBER: Final = b"0" * 19
"""As many digits as the first integers that do not fit into 64 bits; orjson rounds those to floats."""


def parse_json(body: bytes) -> Any:
    """Parse JSON as `json.loads` does; what orjson refuses or would round, such as NaN or long integers, is left to it.

    Args:
        body: UTF-8, UTF-16 or UTF-32.

    Raises:
        ValueError: The body is not JSON.
        RecursionError: It is nested too deeply. orjson allows a little more than `json.loads`: 1024 levels.
    """
    loads = _fast_loads()
    if loads is None or _LONG_NUMBER in body.translate(_DIGITS):
        return json.loads(body)
    try:
        return loads(body)
    except ValueError:
        return json.loads(body)


@cache
def _fast_loads() -> Callable[[bytes], Any] | None:
    """Return the parser of orjson; ``None`` if it is not installed."""
    try:
        import orjson
    except ImportError:
        return None
    return orjson.loads
