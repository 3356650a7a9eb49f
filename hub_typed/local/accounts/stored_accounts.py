"""Users, organizations, follows and tokens as the JSON in which they are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.identity import Identity, Organization, Role, Scope, User
from hub_typed.local.json_files import read_json, write_json

__all__ = ["StoredAccounts", "default_name", "read_accounts", "write_accounts"]


@attrs.frozen(kw_only=True)
class StoredAccounts:
    """Users and organizations by name, whom users follow, and tokens by value."""

    users: dict[str, User]
    organizations: dict[str, Organization]
    follows: dict[str, list[str]]
    tokens: dict[str, Identity]


def read_accounts(file: Path) -> StoredAccounts:
    """Read a file of accounts; there are none if it does not exist."""
    stored = read_json(file, {})
    users = {one["name"]: User(**one) for one in stored.get("users", [])}
    tokens = [_read_token(one, users) for one in stored.get("tokens", [])]
    return StoredAccounts(
        users=users,
        organizations={one["name"]: Organization(**one) for one in stored.get("organizations", [])},
        follows=stored.get("follows", {}),
        tokens={one.token: one for one in tokens},
    )


def write_accounts(file: Path, accounts: StoredAccounts) -> None:
    """Write a file of accounts."""
    write_json(
        file,
        {
            "users": [attrs.asdict(one) for one in accounts.users.values()],
            "organizations": [attrs.asdict(one) for one in accounts.organizations.values()],
            "follows": accounts.follows,
            "tokens": [_stored_token(one) for one in accounts.tokens.values()],
        },
    )


def default_name(role: Role) -> str:
    """Return the display name of a token with this role."""
    return f"local-{role}"


def _read_token(stored: Mapping[str, Any], users: Mapping[str, User]) -> Identity:
    scopes = stored.get("scopes")
    return Identity(
        user=users[stored["user"]],
        token=stored["token"],
        role=stored["role"],
        # Files of older versions contain neither.
        id=stored.get("id") or hashlib.sha256(stored["token"].encode()).hexdigest()[:24],
        name=stored.get("name") or (default_name(stored["role"]) if scopes is None else "local-fine-grained"),
        created_at=datetime.fromisoformat(stored["created_at"]),
        scopes=None if scopes is None else tuple(Scope(**scope) for scope in scopes),
        session=stored.get("session", False),
        revoked_by=tuple(stored.get("revoked_by", ())),
        expires_at=datetime.fromisoformat(stored["expires_at"]) if stored.get("expires_at") else None,
        granted=stored.get("granted"),
        endpoint_patterns=tuple(stored.get("endpoint_patterns", ())),
        skip_network_security=stored.get("skip_network_security", False),
    )


def _stored_token(identity: Identity) -> dict[str, Any]:
    return {
        "token": identity.token,
        "user": identity.user.name,
        "role": identity.role,
        "id": identity.id,
        "name": identity.name,
        "created_at": identity.created_at.isoformat(),
        "scopes": None if identity.scopes is None else [attrs.asdict(one) for one in identity.scopes],
        "session": identity.session,
        "revoked_by": identity.revoked_by,
        "expires_at": None if identity.expires_at is None else identity.expires_at.isoformat(),
        "granted": identity.granted,
        "endpoint_patterns": identity.endpoint_patterns,
        "skip_network_security": identity.skip_network_security,
    }
