"""The operations of the area resource groups as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import resource_groups
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(resource_groups.list_resource_groups, "GET /api/organizations/acme/resource-groups", organization="acme"),
    becomes(
        resource_groups.create_resource_group,
        "POST /api/organizations/acme/resource-groups",
        "content-type: application/json",
        '{"name": "name", "description": "description", "users": [{"user": "user", "role": "admin"}],'
        ' "repos": [{"type": "model", "name": "name"}], "autoJoin": {"enabled": true, "role": "admin",'
        ' "scope": "all"}}',
        organization="acme",
        name="name",
        description="description",
        users=[m.NewResourceGroupUser(user="user", role="admin")],
        repos=[m.ResourceGroupRepo(type="model", name="name")],
        auto_join=m.AutoJoin(enabled=True, role="admin", scope="all"),
    ),
    becomes(
        resource_groups.get_resource_group,
        "GET /api/organizations/acme/resource-groups/resource%20group%20id",
        organization="acme",
        resource_group_id="resource group id",
    ),
    becomes(
        resource_groups.update_resource_group,
        "PATCH /api/organizations/acme/resource-groups/resource%20group%20id",
        "content-type: application/json",
        '{"name": "name", "description": "description", "spendLimits": {"total": 2, "inferenceProviders": 2,'
        ' "spaces": 2, "jobs": 2, "endpoints": 2}}',
        organization="acme",
        resource_group_id="resource group id",
        name="name",
        description="description",
        spend_limits=m.SpendLimitsChange(total=2, inference_providers=2, spaces=2, jobs=2, endpoints=2),
    ),
    becomes(
        resource_groups.delete_resource_group,
        "DELETE /api/organizations/acme/resource-groups/resource%20group%20id",
        organization="acme",
        resource_group_id="resource group id",
    ),
    becomes(
        resource_groups.set_resource_group_settings,
        "POST /api/organizations/acme/resource-groups/resource%20group%20id/settings",
        "content-type: application/json",
        '{"autoJoin": {"enabled": true, "role": "admin", "scope": "all"}}',
        organization="acme",
        resource_group_id="resource group id",
        auto_join=m.AutoJoin(enabled=True, role="admin", scope="all"),
    ),
    becomes(
        resource_groups.add_resource_group_users,
        "POST /api/organizations/acme/resource-groups/resource%20group%20id/users",
        "content-type: application/json",
        '{"users": [{"user": "user", "role": "admin"}]}',
        organization="acme",
        resource_group_id="resource group id",
        users=[m.NewResourceGroupUser(user="user", role="admin")],
    ),
    becomes(
        resource_groups.set_resource_group_user_role,
        "PATCH /api/organizations/acme/resource-groups/resource%20group%20id/users/bob",
        "content-type: application/json",
        '{"role": "admin"}',
        organization="acme",
        resource_group_id="resource group id",
        username="bob",
        role="admin",
    ),
    becomes(
        resource_groups.remove_resource_group_user,
        "DELETE /api/organizations/acme/resource-groups/resource%20group%20id/users/bob",
        organization="acme",
        resource_group_id="resource group id",
        username="bob",
    ),
]
LEAST: dict[str, list[str]] = {
    "resource_groups.create_resource_group": [
        "POST /api/organizations/acme/resource-groups",
        "content-type: application/json",
        '{"name": "name"}',
    ],
    "resource_groups.update_resource_group": [
        "PATCH /api/organizations/acme/resource-groups/resource%20group%20id",
        "content-type: application/json",
        "{}",
    ],
    "resource_groups.set_resource_group_settings": [
        "POST /api/organizations/acme/resource-groups/resource%20group%20id/settings",
        "content-type: application/json",
        "{}",
    ],
}
ONCE = {
    "resource_groups.add_resource_group_users",
    "resource_groups.create_resource_group",
    "resource_groups.set_resource_group_settings",
    "resource_groups.set_resource_group_user_role",
    "resource_groups.update_resource_group",
}
PLACES = ("organization", "resource_group_id", "username")
