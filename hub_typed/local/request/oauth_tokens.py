"""Tokens of OAuth apps: what a user grants them, and how they are issued."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import urlsafe_b64encode
from datetime import timedelta
from typing import Any, Final

from hub_typed.local.accounts.identity import Scope, User
from hub_typed.local.accounts.oauth import App, Grant
from hub_typed.local.errors import HubResponseError
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["DEFAULT_SCOPE", "SCOPES", "approved_scope", "issue_token"]

DEFAULT_SCOPE: Final = "openid profile read-repos"
_PERMISSIONS: Final = {
    "read-repos": "repo.content.read",
    "write-repos": "repo.write",
    "manage-repos": "repo.write",
    "write-discussions": "discussion.write",
}
"""Permissions that scopes give, in the namespace of the user and in those of the user's organizations."""
SCOPES: Final = ("openid", "profile", "email", *_PERMISSIONS)
"""Scopes that have an effect; others are not granted."""
_LIFETIME: Final = 8 * 3600


def approved_scope(call: Call, scope: str) -> tuple[str | None, str]:
    """Return who approves a request of an app, and which of its scopes; nobody if there is no user who can.

    Scopes that let the app write need a token of the user that may do so. A session is not enough: any web page can
    send a browser here, and the pages of other ports of this machine even with its cookies.
    """
    wanted = [one for one in scope.split() if one in SCOPES]
    identity = call.identity or call.sessions.identify(call.request.headers)
    admin = call.admin if call.accounts.oauth.approves_at_once else None
    user, may_write = identity.user.name if identity else admin, bool(call.identity and call.identity.may_write())
    if user is None or (identity is not None and identity.scopes is not None):
        return None, " ".join(wanted)
    call.accounts.add_user(user)  # the Hub's own user has no account before the first use
    return user, " ".join(one for one in wanted if may_write or not _PERMISSIONS.get(one, "").endswith(".write"))


def issue_token(call: Call, grant: Grant, app: App | None) -> models.OAuthToken:
    """Create the token for a grant that was used up, and a refresh token.

    Raises:
        HubResponseError: 400, the user was deleted since.
    """
    user = call.accounts.user(grant.user or "")
    if user is None:
        raise HubResponseError(400, "invalid_grant", members={"error_description": "The user does not exist"})
    scopes = grant.scope.split()
    permissions = tuple(_PERMISSIONS[one] for one in scopes if one in _PERMISSIONS)
    places = [user.name, *(one.name for one in call.accounts.organizations_of(user.name))]
    name = (app.details.get("client_name") if app else None) or grant.client_id
    made = call.accounts.create_token(
        user,
        name,
        scopes=tuple(Scope(entity=place, permissions=permissions) for place in places if permissions),
        session=True,
        expires_at=call.now() + timedelta(seconds=_LIFETIME),
        granted=grant.scope,
    )
    refresh = call.accounts.oauth.grant("refresh", client_id=grant.client_id, scope=grant.scope, user=user.name)
    id_token = None
    if app is not None and app.secret is not None and "openid" in scopes:  # the secret of the app signs it
        id_token = _id_token(call, user, grant, app.secret)
    return models.OAuthToken(
        access_token=made.token,
        token_type="bearer",
        expires_in=_LIFETIME,
        refresh_token=refresh.code,
        scope=grant.scope,
        id_token=id_token,
    )


def _id_token(call: Call, user: User, grant: Grant, secret: str) -> str:
    """Return a JSON Web Token with the identity of a user, signed with HMAC-SHA-256."""
    now = int(call.now().timestamp())
    claims: dict[str, Any] = {
        "iss": call.request.origin,
        "sub": user.id,
        "aud": grant.client_id,
        "iat": now,
        "exp": now + _LIFETIME,
        "name": user.fullname,
        "preferred_username": user.name,
    }
    if grant.nonce is not None:
        claims["nonce"] = grant.nonce
    signed = f"{_part({'alg': 'HS256', 'typ': 'JWT'})}.{_part(claims)}"
    signature = hmac.new(secret.encode(), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encoded(signature)}"


def _part(members: dict[str, Any]) -> str:
    return _encoded(json.dumps(members, separators=(",", ":")).encode())


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
