"""Hashes that are no protection, as they may be computed where others are not allowed (FIPS)."""

from __future__ import annotations

import hashlib
from functools import partial

__all__ = ["md5", "sha1", "sha256"]

md5 = partial(hashlib.md5, usedforsecurity=False)
sha1 = partial(hashlib.sha1, usedforsecurity=False)
sha256 = partial(hashlib.sha256, usedforsecurity=False)
