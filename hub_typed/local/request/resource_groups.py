"""Resource groups: who sees and manages them, and who may put something in."""

from __future__ import annotations

from collections.abc import Iterable

from hub_typed.local.accounts.identity import Organization
from hub_typed.local.accounts.owned import Owned
from hub_typed.local.accounts.resource_groups import ResourceGroup
from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import check_owner, requested_group
from hub_typed.local.views.profiles import known_organization
from hub_typed_api import models

__all__ = ["check_members", "described_group", "managed_group", "move_to_group", "visible_groups"]

_PERMISSION = "resourceGroup"


def visible_groups(call: Call, name: str) -> list[ResourceGroup]:
    """List the resource groups of an organization that the caller may see: all for its administrators, or their own.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, they are no member, or the token lacks the permission; 404,
            there is no such organization.
    """
    organization, identity = known_organization(call, name), call.user()
    is_admin = call.accounts.role_in(organization.name, identity) == "admin"
    if organization.name in identity.revoked_by or not (is_admin or identity.user.name in organization.members):
        raise forbidden("You are not a member of this organization")
    if not identity.permits(f"{_PERMISSION}.read", organization.name):
        raise forbidden(f"Forbidden: this token lacks the permission {_PERMISSION}.read")
    groups = call.accounts.groups.of_organization(organization.name)
    return [one for one in groups if is_admin or identity.user.name in one.members]


def managed_group(call: Call, name: str, group_id: str) -> ResourceGroup:
    """Return a resource group that the caller administrates, or whose organization they do.

    Raises:
        HubResponseError: Errors of `visible_groups`; 403, the caller is no administrator, or the token may not write;
            404, there is no such resource group.
    """
    group = next((one for one in visible_groups(call, name) if one.id == group_id), None)
    identity = call.writer()
    if group is None:
        raise not_found("This resource group does not exist, or you are no member of it")
    if "admin" not in (call.accounts.role_in(group.organization, identity), group.role_of(identity.user.name)):
        raise forbidden("You are not an administrator of this resource group")
    if not identity.permits(f"{_PERMISSION}.write", group.organization):
        raise forbidden(f"Forbidden: this token lacks the permission {_PERMISSION}.write")
    return group


def described_group(call: Call, namespace: str, resource_id: str) -> models.ResourceGroup:
    """Describe the resource group of a repository, bucket or collection that the caller may see.

    Raises:
        HubResponseError: 401, the caller is anonymous; 403, they are no member of the account; 404, it is in none.
    """
    group = call.accounts.groups.of_resource(resource_id)
    if call.accounts.role_in(namespace, call.user(), group) is None:
        raise forbidden(f"You are not a member of {namespace}, or not of the resource group")
    if group is None:
        raise not_found("It is in no resource group")
    return models.ResourceGroup(id=group.id, name=group.name, num_users=len(group.members))


def move_to_group(call: Call, owned: Owned, group_id: str | None) -> models.RepoSummary:
    """Move a repository or bucket that the caller may change to a resource group; ``None`` takes it out of its own.

    Raises:
        HubResponseError: 400, the account has no such resource group; 403, the caller may create nothing there.
    """
    group = requested_group(call, owned.namespace, group_id)
    check_owner(call, owned.namespace, owned.repo_type, group)
    facts, user = owned.facts, call.writer().user.name
    call.accounts.groups.place([facts.id], group, user)
    target = "no resource group" if group is None else f"the resource group {group.name}"
    message = f"Moved {owned.repo_type} {owned.repo_id} to {target}"
    call.audit(owned.namespace, "repo.update_resource_group", message, repo=owned.repo_id, group=group_id)
    return models.RepoSummary(name=owned.repo_id, type=owned.repo_type, private=facts.private, added_by=user)


def check_members(organization: Organization, names: Iterable[str]) -> None:
    """Check that users are members of an organization.

    Raises:
        HubResponseError: 400, one is not.
    """
    for name in names:
        if name not in organization.members:
            raise bad_request(f"{name} is not a member of {organization.name}: only members join its resource groups")
