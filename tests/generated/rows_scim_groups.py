"""The operations of the area scim_groups as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import scim_groups
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        scim_groups.scim_list_groups,
        "GET /api/organizations/acme/scim/v2/Groups",
        "startIndex=2",
        "count=2",
        "filter=filter",
        "excludedAttributes=members",
        organization="acme",
        start_index=2,
        count=2,
        filter="filter",
        excluded_attributes="members",
    ),
    becomes(
        scim_groups.scim_create_group,
        "POST /api/organizations/acme/scim/v2/Groups",
        "content-type: application/json",
        '{"displayName": "display name", "externalId": "external id", "members": [{"value": "value"}]}',
        organization="acme",
        display_name="display name",
        external_id="external id",
        members=[m.ScimMember(value="value")],
    ),
    becomes(
        scim_groups.scim_get_group,
        "GET /api/organizations/acme/scim/v2/Groups/group%20id",
        "excludedAttributes=members",
        organization="acme",
        group_id="group id",
        excluded_attributes="members",
    ),
    becomes(
        scim_groups.scim_replace_group,
        "PUT /api/organizations/acme/scim/v2/Groups/group%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "display name",'
        ' "externalId": "external id", "members": [{"value": "value"}]}',
        organization="acme",
        group_id="group id",
        schemas=["urn:ietf:params:scim:schemas:core:2.0:Group"],
        display_name="display name",
        external_id="external id",
        members=[m.ScimMember(value="value")],
    ),
    becomes(
        scim_groups.scim_patch_group,
        "PATCH /api/organizations/acme/scim/v2/Groups/group%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add",'
        ' "path": "path", "value": "x"}]}',
        organization="acme",
        group_id="group id",
        schemas=["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        operations=[m.ScimGroupChange(op="add", path="path", value="x")],
    ),
    becomes(
        scim_groups.scim_delete_group,
        "DELETE /api/organizations/acme/scim/v2/Groups/group%20id",
        organization="acme",
        group_id="group id",
    ),
    becomes(
        scim_groups.scim_provisioning_list_groups,
        "GET /api/organizations/acme/scim-provisioning/v2/Groups",
        "startIndex=2",
        "count=2",
        "filter=filter",
        "excludedAttributes=members",
        organization="acme",
        start_index=2,
        count=2,
        filter="filter",
        excluded_attributes="members",
    ),
    becomes(
        scim_groups.scim_provisioning_create_group,
        "POST /api/organizations/acme/scim-provisioning/v2/Groups",
        "content-type: application/json",
        '{"displayName": "display name", "externalId": "external id", "members": [{"value": "value"}]}',
        organization="acme",
        display_name="display name",
        external_id="external id",
        members=[m.ScimMember(value="value")],
    ),
    becomes(
        scim_groups.scim_provisioning_get_group,
        "GET /api/organizations/acme/scim-provisioning/v2/Groups/group%20id",
        "excludedAttributes=members",
        organization="acme",
        group_id="group id",
        excluded_attributes="members",
    ),
    becomes(
        scim_groups.scim_provisioning_replace_group,
        "PUT /api/organizations/acme/scim-provisioning/v2/Groups/group%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "display name",'
        ' "externalId": "external id", "members": [{"value": "value"}]}',
        organization="acme",
        group_id="group id",
        schemas=["urn:ietf:params:scim:schemas:core:2.0:Group"],
        display_name="display name",
        external_id="external id",
        members=[m.ScimMember(value="value")],
    ),
    becomes(
        scim_groups.scim_provisioning_patch_group,
        "PATCH /api/organizations/acme/scim-provisioning/v2/Groups/group%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add",'
        ' "path": "path", "value": "x"}]}',
        organization="acme",
        group_id="group id",
        schemas=["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        operations=[m.ScimGroupChange(op="add", path="path", value="x")],
    ),
    becomes(
        scim_groups.scim_provisioning_delete_group,
        "DELETE /api/organizations/acme/scim-provisioning/v2/Groups/group%20id",
        organization="acme",
        group_id="group id",
    ),
]
LEAST: dict[str, list[str]] = {
    "scim_groups.scim_list_groups": ["GET /api/organizations/acme/scim/v2/Groups"],
    "scim_groups.scim_create_group": [
        "POST /api/organizations/acme/scim/v2/Groups",
        "content-type: application/json",
        '{"displayName": "display name", "members": [{"value": "value"}]}',
    ],
    "scim_groups.scim_get_group": ["GET /api/organizations/acme/scim/v2/Groups/group%20id"],
    "scim_groups.scim_replace_group": [
        "PUT /api/organizations/acme/scim/v2/Groups/group%20id",
        "content-type: application/json",
        (
            '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "display name",'
            ' "members": [{"value": "value"}]}'
        ),
    ],
    "scim_groups.scim_provisioning_list_groups": ["GET /api/organizations/acme/scim-provisioning/v2/Groups"],
    "scim_groups.scim_provisioning_create_group": [
        "POST /api/organizations/acme/scim-provisioning/v2/Groups",
        "content-type: application/json",
        '{"displayName": "display name", "members": [{"value": "value"}]}',
    ],
    "scim_groups.scim_provisioning_get_group": ["GET /api/organizations/acme/scim-provisioning/v2/Groups/group%20id"],
    "scim_groups.scim_provisioning_replace_group": [
        "PUT /api/organizations/acme/scim-provisioning/v2/Groups/group%20id",
        "content-type: application/json",
        (
            '{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "display name",'
            ' "members": [{"value": "value"}]}'
        ),
    ],
}
ONCE = {
    "scim_groups.scim_create_group",
    "scim_groups.scim_patch_group",
    "scim_groups.scim_provisioning_create_group",
    "scim_groups.scim_provisioning_patch_group",
}
PLACES = ("organization", "group_id")
