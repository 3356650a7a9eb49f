"""Small conversions that generated codecs call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

__all__ = ["date", "date_text", "unknown"]


def date(text: str) -> datetime:
    """A date of the wire; takes a ``Z``, and a fraction of any length."""
    return datetime.fromisoformat(text)


def date_text(value: datetime) -> str:
    """A date as the Hub writes it: UTC, to the millisecond; one without a zone is taken for UTC."""
    moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def unknown(data: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any] | None:
    """The members that the spec does not name."""
    return None if data.keys() <= known else {name: value for name, value in data.items() if name not in known}
