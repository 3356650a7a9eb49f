"""Warnings that point at the caller's line outside the library."""

from __future__ import annotations

import warnings
from inspect import currentframe

from hub_typed.logs.redaction import cleaned

__all__: list[str] = []

OURS = {"hub_typed", "hub_typed_api"}


def notice(message: str, category: type[Warning] = UserWarning) -> None:
    """Emit a warning that points at the innermost line outside of the library."""
    level, frame = 1, currentframe()
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] in OURS:
        frame, level = frame.f_back, level + 1
    warnings.warn(cleaned(message), category, stacklevel=level)
