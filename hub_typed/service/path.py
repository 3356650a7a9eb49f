"""Parameters of paths."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast

from hub_typed_api.path import segment as _segment

__all__ = ["segment"]


def segment(value: object) -> str:
    """Return a parameter for a URL, as one segment: items of lists are separated by commas, bools are in lower case.

    Raises:
        HFValidationError: It is empty, or not valid Unicode.
    """
    if isinstance(value, list | tuple):
        return ",".join(segment(item) for item in cast("Iterable[object]", value))
    return _segment(str(value).lower() if isinstance(value, bool) else value)
