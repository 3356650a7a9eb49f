"""Conversions called by generated codecs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import attrs

from hub_typed_api.coerce import (
    INVALID,
    date,
    date_text,
    is_list,
    is_object,
    keep,
    mismatch,
    read_list,
    read_map,
    unknown,
    unset,
    valid_items,
    valid_members,
    valid_values,
    with_unset,
    without_invalid,
)

__all__ = [
    "INVALID",
    "Kind",
    "date",
    "date_text",
    "fitting",
    "is_list",
    "is_object",
    "keep",
    "mismatch",
    "read_list",
    "read_map",
    "unknown",
    "unset",
    "valid_items",
    "valid_members",
    "valid_values",
    "with_unset",
    "without_invalid",
]

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


@attrs.frozen
class Kind(Generic[T_co]):
    """One of several classes of an object that no member tells apart.

    Attributes:
        structure: Function of the class.
        required: Members that it must have.
        known: Members that it may have.
    """

    structure: Callable[[Mapping[str, Any]], T_co]
    required: frozenset[str]
    known: frozenset[str]


def fitting(kinds: Sequence[Kind[T]], data: Mapping[str, Any]) -> T | dict[str, Any]:
    """Structure an object as the class that knows most of its members; if none fits, it is kept as JSON."""
    possible = [kind for kind in kinds if kind.required <= data.keys()]
    for kind in sorted(possible, key=lambda kind: len(kind.known & data.keys()), reverse=True):
        try:
            return kind.structure(data)
        except INVALID:
            continue
    return dict(data)
