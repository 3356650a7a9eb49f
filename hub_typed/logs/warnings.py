"""Warnings attributed to the caller's line outside the library."""

from __future__ import annotations

import warnings
from inspect import currentframe

from hub_typed.logs.redaction import sanitize

__all__: list[str] = []

LIBRARY_PACKAGES = {"hub_typed", "hub_typed_api"}


def warn(message: str, category: type[Warning] = UserWarning) -> None:
    """Emit a warning attributed to the innermost line outside the library."""
    level, frame = 1, currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in LIBRARY_PACKAGES:
        frame, level = frame.f_back, level + 1
    warnings.warn(sanitize(message), category, stacklevel=level)
