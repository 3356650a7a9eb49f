"""Handlers of resource groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from hub_typed.local.accounts.identity import OrgRole
from hub_typed.local.accounts.resource_groups import AutoJoin, ResourceGroup
from hub_typed.local.errors import bad_request, not_found
from hub_typed.local.request.administration import administrated, checked_role
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import check_choice
from hub_typed.local.request.resource_groups import check_members, managed_group, visible_groups
from hub_typed.local.views.profiles import known_organization
from hub_typed.local.views.resource_groups import describe_group
from hub_typed_api import models
from hub_typed_api.serve import Given
from hub_typed_api.server.resource_groups import ResourceGroupsHandlers

__all__ = ["ResourceGroups"]

_MAX_NAME_LENGTH = 200
_MAX_DESCRIPTION_LENGTH = 500
_LIMITS = {
    "total": "total",
    "inference_providers": "inferenceProviders",
    "spaces": "spaces",
    "jobs": "jobs",
    "endpoints": "endpoints",
}
"""Limits of spending, by the names of Python and of JSON."""


class ResourceGroups(ResourceGroupsHandlers[Call]):
    """Handlers of the operations in the area ``resource_groups``."""

    def list_resource_groups(self, call: Call, *, organization: str) -> list[models.ResourceGroupDetails]:
        return [describe_group(call, one) for one in visible_groups(call, organization)]

    def create_resource_group(
        self,
        call: Call,
        *,
        organization: str,
        name: str,
        description: str | None = None,
        users: Sequence[models.NewResourceGroupUser] | None = None,
        repos: Sequence[models.ResourceGroupRepo] | None = None,
        auto_join: models.AutoJoin | None = None,
    ) -> models.ResourceGroupDetails:
        found = administrated(call, organization, "resourceGroup.write")
        _check_texts(name, description)
        roles: dict[str, OrgRole] = {one.user: checked_role(one.role) for one in users or ()}
        check_members(found, roles)
        held = [_repo_key(call, found.name, one) for one in repos or ()]
        by, groups = call.writer().user.name, call.accounts.groups
        made = groups.create(found.name, name, description=description, auto_join=_rule(auto_join))
        made = groups.put_members(made, roles, by)
        groups.place(held, made, by)
        _audit(call, made, "create", f"Created resource group {name}")
        return self.get_resource_group(call, organization=organization, resource_group_id=made.id)

    def get_resource_group(
        self, call: Call, *, organization: str, resource_group_id: str
    ) -> models.ResourceGroupDetails:
        for group in visible_groups(call, organization):
            if group.id == resource_group_id:
                return describe_group(call, group)
        raise not_found("This resource group does not exist, or you are no member of it")

    def update_resource_group(
        self,
        call: Call,
        *,
        organization: str,
        resource_group_id: str,
        name: str | None = None,
        description: str | None = None,
        spend_limits: models.SpendLimitsChange | None = None,
    ) -> models.ResourceGroupDetails:
        group = managed_group(call, organization, resource_group_id)
        _check_texts(name, description)
        given = {"name": name, "description": description}
        changes: dict[str, Any] = {member: value for member, value in given.items() if value is not None}
        if spend_limits is not None:
            changes["spend_limits"] = _limits(call, group.spend_limits, spend_limits)
        changed = call.accounts.groups.edit(group, lambda now: attrs.evolve(now, **changes))
        _audit(call, changed, "settings", f"Changed {', '.join(changes)} of resource group {changed.name}")
        return describe_group(call, changed)

    def delete_resource_group(
        self, call: Call, *, organization: str, resource_group_id: str
    ) -> models.DeletedResourceGroup:
        group = managed_group(call, organization, resource_group_id)
        administrated(call, organization, "resourceGroup.write")  # what is in it will be seen by all members
        call.accounts.groups.delete(group)
        _audit(call, group, "delete", f"Deleted resource group {group.name}")
        return models.DeletedResourceGroup(success=True)

    def set_resource_group_settings(
        self, call: Call, *, organization: str, resource_group_id: str, auto_join: models.AutoJoin | None = None
    ) -> models.ResourceGroupDetails:
        group = managed_group(call, organization, resource_group_id)
        if auto_join is not None:
            rule = _rule(auto_join)
            group = call.accounts.groups.edit(group, lambda now: attrs.evolve(now, auto_join=rule))
            _audit(call, group, "settings", f"Changed who joins resource group {group.name}")
        return describe_group(call, group)

    def add_resource_group_users(
        self, call: Call, *, organization: str, resource_group_id: str, users: Sequence[models.NewResourceGroupUser]
    ) -> models.ResourceGroupDetails:
        group = managed_group(call, organization, resource_group_id)
        roles: dict[str, OrgRole] = {one.user: checked_role(one.role) for one in users}
        check_members(known_organization(call, organization), roles)
        changed = call.accounts.groups.put_members(group, roles, call.writer().user.name)
        _audit(call, changed, "add_users", f"Added {', '.join(roles)} to resource group {changed.name}", users=roles)
        return describe_group(call, changed)

    def set_resource_group_user_role(
        self, call: Call, *, organization: str, resource_group_id: str, username: str, role: str
    ) -> models.ResourceGroupDetails:
        group = managed_group(call, organization, resource_group_id)
        roles: dict[str, OrgRole] = {username: checked_role(role)}
        by = call.writer().user.name
        if username not in group.members:
            raise not_found("This resource group has no such member")
        changed = call.accounts.groups.put_members(group, roles, by)
        message = f"Changed role of {username} in resource group {changed.name} to {role}"
        _audit(call, changed, "change_role", message, users=roles)
        return describe_group(call, changed)

    def remove_resource_group_user(
        self, call: Call, *, organization: str, resource_group_id: str, username: str
    ) -> models.ResourceGroupDetails:
        group = managed_group(call, organization, resource_group_id)
        if username not in group.members:
            raise not_found("This resource group has no such member")
        changed = call.accounts.groups.edit(group, lambda now: now.without_member(username))
        _audit(call, changed, "remove_users", f"Removed {username} from resource group {changed.name}", user=username)
        return describe_group(call, changed)


def _audit(call: Call, group: ResourceGroup, kind: str, message: str, **data: object) -> None:
    call.audit(group.organization, f"resource_group.{kind}", message, group=group.id, **data)


def _check_texts(name: str | None, description: str | None) -> None:
    if name is not None and not 1 <= len(name) <= _MAX_NAME_LENGTH:
        raise bad_request(f"The name of a resource group has 1 to {_MAX_NAME_LENGTH} characters")
    if description is not None and len(description) > _MAX_DESCRIPTION_LENGTH:
        raise bad_request(f"The description of a resource group has {_MAX_DESCRIPTION_LENGTH} characters at most")


def _rule(given: models.AutoJoin | None) -> AutoJoin | None:
    """Return which new members join.

    Raises:
        HubResponseError: 400, it is enabled without a role, or has an invalid member.
    """
    if given is None or not given.enabled:
        return None
    if given.role is None:
        raise bad_request("A resource group that new members join needs the role that they get")
    check_choice("autoJoin.scope", given.scope, ("all", "read_plus"))
    return AutoJoin(role=checked_role(given.role), scope=given.scope or "all")


def _limits(call: Call, known: Mapping[str, int], change: models.SpendLimitsChange) -> dict[str, int]:
    """Return the limits after a change, in which null removes one."""
    call.request.body.seek(0)  # models do not tell null from absent
    given = Given(path={}, query={}, headers=call.request.headers, body=call.request.body).json()["spendLimits"]
    changed = {name: getattr(change, name) for name, wire in _LIMITS.items() if wire in given}
    return {name: value for name, value in {**known, **changed}.items() if value is not None}


def _repo_key(call: Call, organization: str, repo: models.ResourceGroupRepo) -> str:
    """Return the id of a repository or bucket that the caller may put into a resource group of an organization.

    Raises:
        HubResponseError: Errors of `Call.writable`; 400, it belongs to another account.
    """
    found = call.writable_bucket(repo.name) if repo.type == "bucket" else call.writable(repo.type, repo.name)
    if found.namespace != organization:
        raise bad_request(f"{found.repo_id} does not belong to {organization}")
    return found.facts.id
