"""Tokens as the JSON in which they are stored."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import attrs

from hub_typed.local.accounts.identity import Identity, Role, Scope, User

__all__ = ["default_name", "read_token", "stored_token"]


def default_name(role: Role) -> str:
    """Return the display name of a token with this role."""
    return f"local-{role}"


def read_token(stored: Mapping[str, Any], users: Mapping[str, User]) -> Identity:
    """Load a token of one of these users."""
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


def stored_token(identity: Identity) -> dict[str, Any]:
    """Return the JSON of a token."""
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
