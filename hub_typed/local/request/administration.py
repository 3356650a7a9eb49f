"""Permissions for what only administrators of an organization may do."""

from __future__ import annotations

from typing import cast, get_args

from hub_typed.local.accounts.identity import Organization, OrgRole
from hub_typed.local.errors import forbidden, invalid_option
from hub_typed.local.request.call import Call
from hub_typed.local.scim.directory import Directory
from hub_typed.local.views.profiles import known_organization

__all__ = ["administrated", "checked_role", "provisioning"]


def administrated(call: Call, name: str, permission: str) -> Organization:
    """Return an organization that the caller administrates, with a token that permits it.

    Args:
        permission: Permission that a fine-grained token needs; one that ends in ``.read`` does not need a token that
            may write.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, they are no administrator, or the token lacks the
            permission; 404, there is no such organization.
    """
    organization = known_organization(call, name)
    identity = call.user() if permission.endswith(".read") else call.writer()
    if call.accounts.role_in(organization.name, identity) != "admin":
        raise forbidden("You are not an administrator of this organization")
    if not identity.permits(permission, organization.name):
        raise forbidden(f"Forbidden: this token lacks the permission {permission}")
    return organization


def checked_role(role: str) -> OrgRole:
    """Return a role of a member of an organization or a resource group.

    Raises:
        HubResponseError: 400, it is none.
    """
    roles = get_args(OrgRole)
    if role not in roles:
        raise invalid_option("role", roles)
    return cast(OrgRole, role)


def provisioning(call: Call, name: str, *, managed: bool) -> Directory:
    """Return what is provisioned in an organization that the caller administrates, with a token that may write.

    Args:
        managed: Whether it is about managed users, or about invited ones.

    Raises:
        HubResponseError: Errors of `administrated`.
    """
    return call.directories.of(administrated(call, name, "org.write").name, managed=managed)
