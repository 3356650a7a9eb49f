"""The operations of the area scim as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import scim
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        scim.scim_get_service_provider_config,
        "GET /api/organizations/acme/scim/v2/ServiceProviderConfig",
        organization="acme",
    ),
    becomes(scim.scim_list_resource_types, "GET /api/organizations/acme/scim/v2/ResourceTypes", organization="acme"),
    becomes(scim.scim_list_schemas, "GET /api/organizations/acme/scim/v2/Schemas", organization="acme"),
    becomes(
        scim.scim_get_schema,
        "GET /api/organizations/acme/scim/v2/Schemas/schema%20id",
        organization="acme",
        schema_id="schema id",
    ),
    becomes(
        scim.scim_list_users,
        "GET /api/organizations/acme/scim/v2/Users",
        "startIndex=2",
        "count=2",
        "filter=filter",
        organization="acme",
        start_index=2,
        count=2,
        filter="filter",
    ),
    becomes(
        scim.scim_create_user,
        "POST /api/organizations/acme/scim/v2/Users",
        "content-type: application/json",
        '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}],'
        ' "name": {"givenName": "given name", "familyName": "family name"}, "externalId": "external id",'
        ' "active": true}',
        organization="acme",
        schemas=["schema"],
        user_name="user name",
        emails=[m.ScimEmailInput(value="value")],
        name=m.ScimUserNameInput(given_name="given name", family_name="family name"),
        external_id="external id",
        active=True,
    ),
    becomes(
        scim.scim_get_user,
        "GET /api/organizations/acme/scim/v2/Users/user%20id",
        organization="acme",
        user_id="user id",
    ),
    becomes(
        scim.scim_replace_user,
        "PUT /api/organizations/acme/scim/v2/Users/user%20id",
        "content-type: application/json",
        '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}],'
        ' "name": {"givenName": "given name", "familyName": "family name"}, "externalId": "external id",'
        ' "active": true}',
        organization="acme",
        user_id="user id",
        schemas=["schema"],
        user_name="user name",
        emails=[m.ScimEmailInput(value="value")],
        name=m.ScimUserNameInput(given_name="given name", family_name="family name"),
        external_id="external id",
        active=True,
    ),
    becomes(
        scim.scim_patch_user,
        "PATCH /api/organizations/acme/scim/v2/Users/user%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add",'
        ' "path": "active", "value": "x"}]}',
        organization="acme",
        user_id="user id",
        schemas=["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        operations=[m.ScimUserChange(op="add", path="active", value="x")],
    ),
    becomes(
        scim.scim_delete_user,
        "DELETE /api/organizations/acme/scim/v2/Users/user%20id",
        organization="acme",
        user_id="user id",
    ),
    becomes(
        scim.scim_provisioning_list_users,
        "GET /api/organizations/acme/scim-provisioning/v2/Users",
        "startIndex=2",
        "count=2",
        "filter=filter",
        organization="acme",
        start_index=2,
        count=2,
        filter="filter",
    ),
    becomes(
        scim.scim_provisioning_create_user,
        "POST /api/organizations/acme/scim-provisioning/v2/Users",
        "content-type: application/json",
        '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}],'
        ' "externalId": "external id", "active": true}',
        organization="acme",
        schemas=["schema"],
        user_name="user name",
        emails=[m.ScimEmailInput(value="value")],
        external_id="external id",
        active=True,
    ),
    becomes(
        scim.scim_provisioning_get_user,
        "GET /api/organizations/acme/scim-provisioning/v2/Users/user%20id",
        organization="acme",
        user_id="user id",
    ),
    becomes(
        scim.scim_provisioning_replace_user,
        "PUT /api/organizations/acme/scim-provisioning/v2/Users/user%20id",
        "content-type: application/json",
        '{"schemas": ["schema"], "externalId": "external id", "active": true}',
        organization="acme",
        user_id="user id",
        schemas=["schema"],
        external_id="external id",
        active=True,
    ),
    becomes(
        scim.scim_provisioning_patch_user,
        "PATCH /api/organizations/acme/scim-provisioning/v2/Users/user%20id",
        "content-type: application/json",
        '{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{"op": "add",'
        ' "path": "active", "value": "x"}]}',
        organization="acme",
        user_id="user id",
        schemas=["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        operations=[m.ScimUserChange(op="add", path="active", value="x")],
    ),
    becomes(
        scim.scim_provisioning_delete_user,
        "DELETE /api/organizations/acme/scim-provisioning/v2/Users/user%20id",
        organization="acme",
        user_id="user id",
    ),
]
LEAST: dict[str, list[str]] = {
    "scim.scim_list_users": ["GET /api/organizations/acme/scim/v2/Users"],
    "scim.scim_create_user": [
        "POST /api/organizations/acme/scim/v2/Users",
        "content-type: application/json",
        (
            '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}],'
            ' "name": {"givenName": "given name", "familyName": "family name"}, "externalId": "external id"}'
        ),
    ],
    "scim.scim_replace_user": [
        "PUT /api/organizations/acme/scim/v2/Users/user%20id",
        "content-type: application/json",
        (
            '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}],'
            ' "name": {"givenName": "given name", "familyName": "family name"}, "externalId": "external id"}'
        ),
    ],
    "scim.scim_provisioning_list_users": ["GET /api/organizations/acme/scim-provisioning/v2/Users"],
    "scim.scim_provisioning_create_user": [
        "POST /api/organizations/acme/scim-provisioning/v2/Users",
        "content-type: application/json",
        '{"schemas": ["schema"], "userName": "user name", "emails": [{"value": "value"}], "externalId": "external id"}',
    ],
    "scim.scim_provisioning_replace_user": [
        "PUT /api/organizations/acme/scim-provisioning/v2/Users/user%20id",
        "content-type: application/json",
        '{"schemas": ["schema"], "externalId": "external id"}',
    ],
}
ONCE = {
    "scim.scim_create_user",
    "scim.scim_patch_user",
    "scim.scim_provisioning_create_user",
    "scim.scim_provisioning_patch_user",
}
PLACES = ("organization", "schema_id", "user_id")
