"""Permissions for what belongs to an account, not to a repository: Inference Endpoints, jobs."""

from __future__ import annotations

from typing import Literal

from hub_typed.local.accounts.identity import Identity
from hub_typed.local.errors import forbidden
from hub_typed.local.request.call import Call

__all__ = ["authorized"]


def authorized(call: Call, namespace: str, right: Literal["read", "write"], *, permission: str, what: str) -> Identity:
    """Return the caller, whose role and token permit to read or manage something of an account.

    Args:
        permission: Permission that a fine-grained token needs.
        what: What it is, for the message: a noun in the plural.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, the role or the token lacks the permission.
    """
    identity = call.user() if right == "read" else call.writer()
    role = call.accounts.role_in(namespace, identity)
    if role is None or (right == "write" and role not in ("write", "admin")):
        raise forbidden(f"You have no permission to {right} {what} of {namespace}")
    if identity.scopes is not None and not identity.permits(permission, namespace):
        raise forbidden(f"Forbidden: this token lacks the permission {permission}")
    return identity
