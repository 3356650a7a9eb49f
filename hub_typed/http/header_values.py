"""Parsing of header values, in time linear in their length.

They come from servers, so nothing here raises: what cannot be read counts as absent.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

__all__ = ["HubWarning", "hub_warnings", "next_link", "range_start", "rate_limit", "retry_after", "whole_number"]

MOST_DIGITS: Final = 18
"""Digits of a number of bytes; what is longer is no size of anything."""
LONGEST_DATE: Final = 100
_RATE_LIMIT: Final = re.compile(r"\br=([0-9]+)\s*+;\s*+t=([0-9]+)")
_RANGE: Final = re.compile(r"bytes\s++([0-9]+)-", re.IGNORECASE)
# Possessive throughout: each character is read once.
_PARAMETER: Final = re.compile(
    r'[ \t]*+;[ \t]*+([^\s=;,"<>]*+)[ \t]*+(?:=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+)))?+', re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def whole_number(text: str | None) -> int | None:
    """Parse a number of at most 18 ASCII digits; ``None`` for anything else."""
    if text is None or len(text) > MOST_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def range_start(text: str) -> int | None:
    """First byte of a ``Content-Range``."""
    found = _RANGE.match(text)
    return whole_number(found[1]) if found else None


def rate_limit(text: str) -> tuple[float, float] | None:
    """Remaining requests, and seconds until the reset, of a ``RateLimit``."""
    found = _RATE_LIMIT.search(text)
    return (float(found[1]), float(found[2])) if found else None


def retry_after(text: str, now: float) -> float | None:
    """Seconds of a ``Retry-After``, which may be a date.

    Args:
        text: The value of the header.
        now: Seconds since 1970.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    if len(text) > LONGEST_DATE:
        return None
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError, TypeError, IndexError, OSError):  # its parser raises each for some odd date
        return None


class HubWarning(NamedTuple):
    """A warning of the Hub."""

    topic: str
    message: str


def hub_warnings(text: str) -> list[HubWarning]:
    """Warnings of an ``X-HF-Warning``: ``topic; message``, separated by commas, which messages may contain."""
    found: list[list[str]] = []
    for piece in text.split(","):
        topic, semicolon, message = piece.partition(";")
        if semicolon and topic.strip():
            found.append([topic.strip(), message])
        elif found:
            found[-1].append(piece)
    warnings = (HubWarning(topic, ",".join(pieces).strip()) for topic, *pieces in found)
    return [warning for warning in warnings if warning.message]


def next_link(text: str) -> str | None:
    """Target of the first link with relation ``next`` in a ``Link`` (RFC 8288)."""
    at = 0
    while True:
        start = text.find("<", at)
        end = text.find(">", start)
        if start < 0 or end < 0:
            return None
        relations: str | None = None
        at = end + 1
        while parameter := _PARAMETER.match(text, at):
            at = parameter.end()
            name, quoted, token = parameter.groups()
            if name.lower() == "rel" and relations is None:  # the first one counts
                relations = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if "next" in (relations or "").lower().split():
            return text[start + 1 : end].strip()
        following = text.find(",", at)
        if following < 0:
            return None
        at = following + 1
