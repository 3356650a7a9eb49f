"""Hashes that are no protection, as they may be computed where others are not allowed (FIPS)."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash  # pyright: ignore[reportPrivateUsage]  # its type has no public name

__all__ = ["md5", "sha1", "sha256"]


def md5(data: bytes | bytearray | memoryview = b"") -> _Hash:
    """Return the MD5 hash of data; more can be added with `update`."""
    return hashlib.md5(data, usedforsecurity=False)


def sha1(data: bytes | bytearray | memoryview = b"") -> _Hash:
    """Return the SHA-1 hash of data; more can be added with `update`."""
    return hashlib.sha1(data, usedforsecurity=False)


def sha256(data: bytes | bytearray | memoryview = b"") -> _Hash:
    """Return the SHA-256 hash of data; more can be added with `update`."""
    return hashlib.sha256(data, usedforsecurity=False)
