"""Permissions for what belongs to a user alone: comments, claims, notifications."""

from __future__ import annotations

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.errors import forbidden
from hub_typed.local.request.call import Call

__all__ = ["check_talking", "with_role"]


def check_talking(call: Call) -> None:
    """Check that the token of the caller is good for discussions anywhere.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the token lacks the permission.
    """
    scopes = call.writer().scopes
    if scopes is not None and not any("discussion.write" in scope.permissions for scope in scopes):
        raise forbidden("Forbidden: this token lacks the permission discussion.write")


def with_role(call: Call) -> Identity:
    """Return the caller, whose token has a role that may write: no permission of fine-grained tokens is enough.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the token is of another kind.
    """
    identity = call.writer()
    if identity.scopes is not None:
        raise forbidden("Forbidden: you need a token with write role for this")
    return identity
