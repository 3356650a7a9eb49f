"""Text of commits (message, author, date), decoded without failing on malformed data."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pygit2

__all__ = ["author_email", "author_name", "commit_date", "message", "title", "whole_message"]

MAX_MESSAGE = 1 << 16
MAX_TITLE = 1000
_ENCODING = re.compile(
    r"(?:utf-?8|us-?ascii|iso-?8859|latin|windows|cp\d|euc|shift|gb|big5|koi8)[\w.:-]*", re.IGNORECASE
)
"""Accepted encodings of commits. Other Python codecs are not text encodings, or take quadratic time."""
_EARLIEST = datetime.min.replace(tzinfo=UTC)
_LATEST = datetime.max.replace(microsecond=0, tzinfo=UTC)


def commit_date(commit: pygit2.Commit) -> datetime:
    """Return the time of a commit, clamped to the range of dates."""
    try:
        return datetime.fromtimestamp(commit.commit_time, UTC)
    except (ValueError, OverflowError, OSError):
        return _LATEST if commit.commit_time > 0 else _EARLIEST


def message(commit: pygit2.Commit) -> str:
    """Return the message of a commit, at most 65,536 bytes."""
    return _decoded(commit.raw_message[:MAX_MESSAGE], commit)


def whole_message(commit: pygit2.Commit) -> str:
    """Return the whole message of a commit."""
    return _decoded(commit.raw_message, commit)


def title(commit: pygit2.Commit) -> str:
    """Return the first line of the message of a commit, possibly truncated."""
    return message(commit).partition("\n")[0][:MAX_TITLE]


def author_name(commit: pygit2.Commit) -> str:
    """Return the name of the author of a commit."""
    return _decoded(commit.author.raw_name[:MAX_TITLE], commit)


def author_email(commit: pygit2.Commit) -> str:
    """Return the e-mail address of the author of a commit."""
    return _decoded(commit.author.raw_email[:MAX_TITLE], commit)


def _decoded(data: bytes, commit: pygit2.Commit) -> str:
    encoding = commit.message_encoding or "utf-8"
    if _ENCODING.fullmatch(encoding):
        try:
            return data.decode(encoding, "replace")
        except (LookupError, ValueError):  # unknown, or not a text encoding
            pass
    return data.decode("utf-8", "replace")
