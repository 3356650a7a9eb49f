"""Parsing of header values, in time linear in their length.

Header values are untrusted, so no function here raises: an invalid value is treated as absent.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Final, NamedTuple

__all__ = [
    "HubWarning",
    "hub_warnings",
    "link_target",
    "policy_name",
    "quota_policy",
    "range_start",
    "rate_limit",
    "retry_after",
    "whole_number",
]

MAX_DIGITS: Final = 18
"""Maximum number of digits of a size in bytes; longer numbers are invalid."""
MAX_DATE_LENGTH: Final = 100
_RATE_LIMIT: Final = re.compile(r"\br=([0-9]+)\s*+;\s*+t=([0-9]+)")
_POLICY: Final = re.compile(r"\bq=([0-9]+)\s*+;\s*+w=([0-9]+)")
_POLICY_NAME: Final = re.compile(r'\s*+"([^"]{1,100}+)"')
_RANGE: Final = re.compile(r"bytes\s++([0-9]+)-", re.IGNORECASE)
# Possessive quantifiers throughout, so each character is read once.
_PARAMETER: Final = re.compile(
    r'[ \t]*+;[ \t]*+([^\s=;,"<>]*+)[ \t]*+(?:=[ \t]*+(?:"((?:[^"\\]|\\.)*+)"|([^\s;,"]*+)))?+', re.DOTALL
)
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)


def whole_number(text: str | None) -> int | None:
    """Parse a number of at most 18 ASCII digits; ``None`` for anything else."""
    if text is None or len(text) > MAX_DIGITS or not (text.isascii() and text.isdigit()):
        return None
    return int(text)


def range_start(text: str) -> int | None:
    """Return the position of the first byte of a ``Content-Range``."""
    found = _RANGE.match(text)
    return whole_number(found[1]) if found else None


def rate_limit(text: str) -> tuple[float, float] | None:
    """Return the remaining requests and the seconds until the reset of a ``RateLimit``."""
    found = _RATE_LIMIT.search(text)
    return (float(found[1]), float(found[2])) if found else None


def policy_name(text: str) -> str | None:
    """Return the name of the policy of a ``RateLimit``."""
    found = _POLICY_NAME.match(text)
    return found[1] if found else None


def quota_policy(text: str) -> tuple[float, float] | None:
    """Return the quota and the seconds of the window of a ``RateLimit-Policy``."""
    found = _POLICY.search(text)
    return (float(found[1]), float(found[2])) if found else None


def retry_after(text: str, now: float) -> float | None:
    """Return the seconds of a ``Retry-After``, which may be a date.

    Args:
        text: Value of the header.
        now: Current time in seconds since 1970.
    """
    text = text.strip()
    if text.isascii() and text.isdigit():
        return float(text)
    if len(text) > MAX_DATE_LENGTH:
        return None
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError, TypeError, IndexError, OSError):  # raised for invalid dates
        return None


class HubWarning(NamedTuple):
    """A warning of the Hub."""

    topic: str
    message: str


def hub_warnings(text: str) -> list[HubWarning]:
    """Parse ``X-HF-Warning``: entries ``topic; message``, separated by commas, which messages may contain."""
    found: list[list[str]] = []
    for piece in text.split(","):
        topic, semicolon, message = piece.partition(";")
        if semicolon and topic.strip():
            found.append([topic.strip(), message])
        elif found:
            found[-1].append(piece)
    warnings = (HubWarning(topic, ",".join(pieces).strip()) for topic, *pieces in found)
    return [warning for warning in warnings if warning.message]


def link_target(text: str, relation: str) -> str | None:
    """Return the target of the first link with a relation, such as ``next``, in a ``Link`` (RFC 8288)."""
    position = 0
    while True:
        start = text.find("<", position)
        end = text.find(">", start)
        if start < 0 or end < 0:
            return None
        relations: str | None = None
        position = end + 1
        while parameter := _PARAMETER.match(text, position):
            position = parameter.end()
            name, quoted, token = parameter.groups()
            if name.lower() == "rel" and relations is None:  # only the first one counts
                relations = token if quoted is None else _ESCAPED.sub(r"\1", quoted)
        if relation in (relations or "").lower().split():
            return text[start + 1 : end].strip()
        following = text.find(",", position)
        if following < 0:
            return None
        position = following + 1
