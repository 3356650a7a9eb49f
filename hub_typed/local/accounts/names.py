"""Names of accounts, and choices of their settings."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from hub_typed_api.path import HFValidationError, checked_repo_id

__all__ = ["check_choice", "checked_account_name", "new_service_name"]

_KINDS = ("model", "dataset", "space", "bucket", "kernel", "collection", "paper")
_RESERVED = {
    "api",
    "datasets",
    "spaces",
    "models",
    "buckets",
    "kernels",
    "collections",
    "papers",
    "login",
    "oauth",
    "settings",
}
"""First parts of paths of the Hub, which no account may have as name."""


def check_choice(what: str, value: object, choices: Collection[object]) -> None:
    """Check that a value is one of these choices.

    Raises:
        HFValidationError: It is not.
    """
    if value not in choices:
        raise HFValidationError(f"Invalid {what}: {value!r}; allowed are {', '.join(map(repr, choices))}.")


def checked_account_name(name: str) -> str:
    """Return the name of an account.

    Raises:
        HFValidationError: It is not valid.
    """
    if "/" in name:
        raise HFValidationError(f"Invalid account name {name!r}: it contains a '/'.")
    if name.lower() in _RESERVED:
        raise HFValidationError(f"Invalid account name {name!r}: paths of the Hub start with it.")
    return checked_repo_id(name)


def new_service_name(fullname: str) -> str:
    """Return the name of a new service account with this display name."""
    words = "-".join(re.findall("[a-z0-9]+", fullname.lower()))[:40].strip("-")
    return f"{words or 'service'}-{secrets.token_hex(4)}"
