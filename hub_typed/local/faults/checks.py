"""Validators of the members of faults and rules, for values from Python and from JSON."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, cast

import attrs

__all__ = ["number", "one_of", "optional", "text", "texts", "whether", "whole_number"]

Check: TypeAlias = Callable[[object, "attrs.Attribute[Any]", object], None]


def whole_number(at_least: int = 0, at_most: float = math.inf) -> Check:
    """Return a validator of whole numbers."""

    def is_valid(value: object) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and at_least <= value <= at_most

    return _validator(is_valid, f"a whole number {_bounds(at_least, at_most)}")


def number(at_most: float = math.inf, *, positive: bool = False) -> Check:
    """Return a validator of finite numbers from 0 up; without 0 if they must be positive."""

    def is_valid(value: object) -> bool:
        if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
            return False
        return (value > 0 if positive else value >= 0) and value <= at_most

    return _validator(is_valid, f"a number {_bounds(0, at_most, exclusive=positive)}")


def one_of(*choices: str) -> Check:
    """Return a validator of some texts."""
    return _validator(lambda value: value in choices, f"one of {', '.join(map(repr, choices))}")


def optional(check: Check) -> Check:
    """Return a validator that also accepts ``None``."""

    def checked(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if value is not None:
            check(instance, attribute, value)

    return checked


def _validator(is_valid: Callable[[object], bool], expected: str) -> Check:
    def check(instance: object, attribute: attrs.Attribute[Any], value: object) -> None:
        if not is_valid(value):
            raise ValueError(f"{type(instance).__name__}.{attribute.name} must be {expected}, not {value!r}")

    return check


def _bounds(least: int, most: float, *, exclusive: bool = False) -> str:
    if exclusive:
        return f"greater than {least}" if math.isinf(most) else f"greater than {least} and at most {most}"
    return f"from {least} up" if math.isinf(most) else f"from {least} to {most}"


def _is_header_map(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    pairs = cast("Mapping[object, object]", value).items()
    return all(isinstance(one, str) and one.isprintable() and one.isascii() for pair in pairs for one in pair)


text: Check = _validator(lambda value: isinstance(value, str), "a text")
whether: Check = _validator(lambda value: isinstance(value, bool), "true or false")
texts: Check = _validator(_is_header_map, "an object of texts in ASCII")
