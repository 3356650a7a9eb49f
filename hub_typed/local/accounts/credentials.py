"""Values of tokens, hashes of passwords, and tokens in requests."""

from __future__ import annotations

import hashlib
import secrets
import string
from base64 import b64decode
from contextlib import suppress

__all__ = ["hash_password", "is_password", "new_token", "token_in_header"]

_LETTERS = string.ascii_letters


def new_token() -> str:
    """Return the value of a new token."""
    return "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(34))


def hash_password(password: str, salt: str) -> str:
    """Hash a password with its salt."""
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=1 << 12, r=8, p=1)
    return f"{salt}:{made.hex()}"


def is_password(given: str, hashed: str | None) -> bool:
    """Whether this is the password with a hash; false for a user without a password."""
    return hashed is not None and secrets.compare_digest(hash_password(given, hashed.partition(":")[0]), hashed)


def token_in_header(authorization: str) -> str:
    """Return the token in an ``Authorization`` header; empty if it has none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return b64decode(value, validate=True).decode().partition(":")[2]
    return ""
