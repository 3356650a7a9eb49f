"""Handlers of SCIM for users: the documents of the server, managed users, and invited ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from hub_typed.local.errors import conflict, not_found
from hub_typed.local.request.administration import provisioning
from hub_typed.local.request.call import Call
from hub_typed.local.scim import documents
from hub_typed.local.scim.patches import changed_user
from hub_typed.local.scim.provisioned import ProvisionedUser, invalid_value
from hub_typed.local.views.scim import describe_user, list_users, server_url
from hub_typed_api import models
from hub_typed_api.server.scim import ScimHandlers

__all__ = ["Scim"]

_MANAGED: Final = ("active", "external_id", "name", "email", "given_name", "family_name")
"""What PATCH changes of managed users."""
_INVITED: Final = ("active",)
"""What PATCH changes of invited users, to whom their accounts belong."""


class Scim(ScimHandlers[Call]):
    """Handlers of the operations in the area ``scim``."""

    def scim_get_service_provider_config(self, call: Call, *, organization: str) -> models.ScimServiceProviderConfig:
        return documents.service_provider_config(_url(call, organization))

    def scim_list_resource_types(self, call: Call, *, organization: str) -> list[models.ScimResourceType]:
        return documents.resource_types(_url(call, organization))

    def scim_list_schemas(self, call: Call, *, organization: str) -> list[models.ScimSchema]:
        return documents.schemas(_url(call, organization))

    def scim_get_schema(self, call: Call, *, organization: str, schema_id: str) -> models.ScimSchema:
        found = next((one for one in documents.schemas(_url(call, organization)) if one.id == schema_id), None)
        if found is None:
            raise not_found(f"Schema {schema_id} not found")
        return found

    def scim_list_users(
        self,
        call: Call,
        *,
        organization: str,
        start_index: int | None = None,
        count: int | None = None,
        filter: str | None = None,
    ) -> models.ScimUserList:
        return list_users(call, provisioning(call, organization, managed=True), start_index, count, filter)

    def scim_create_user(
        self,
        call: Call,
        *,
        organization: str,
        schemas: Sequence[str],
        user_name: str,
        emails: Sequence[models.ScimEmailInput],
        name: models.ScimUserNameInput,
        external_id: str,
        active: bool | None = None,
    ) -> models.ScimUser:
        directory = provisioning(call, organization, managed=True)
        if call.admin is not None and user_name.lower() == call.admin.lower():  # whose account may not be made yet
            raise conflict(f"User {call.admin} already exists", scimType="uniqueness")
        user = directory.add_user(
            user_name,
            external_id=external_id,
            email=_email(emails),
            given_name=name.given_name,
            family_name=name.family_name,
            active=active is not False,
        )
        return describe_user(call, directory, user)

    def scim_get_user(self, call: Call, *, organization: str, user_id: str) -> models.ScimUser:
        directory = provisioning(call, organization, managed=True)
        return describe_user(call, directory, directory.user(user_id))

    def scim_replace_user(
        self,
        call: Call,
        *,
        organization: str,
        user_id: str,
        schemas: Sequence[str],
        user_name: str,
        emails: Sequence[models.ScimEmailInput],
        name: models.ScimUserNameInput,
        external_id: str,
        active: bool | None = None,
    ) -> models.ScimUser:
        def change(user: ProvisionedUser) -> ProvisionedUser:
            return attrs.evolve(
                user,
                name=user_name,
                email=_email(emails),
                given_name=name.given_name,
                family_name=name.family_name,
                external_id=external_id,
                active=active is not False,
            )

        directory = provisioning(call, organization, managed=True)
        return describe_user(call, directory, directory.change_user(user_id, change))

    def scim_patch_user(
        self,
        call: Call,
        *,
        organization: str,
        user_id: str,
        schemas: Sequence[str],
        operations: Sequence[models.ScimUserChange],
    ) -> models.ScimUser:
        directory = provisioning(call, organization, managed=True)
        changed = directory.change_user(user_id, lambda user: changed_user(user, operations, _MANAGED))
        return describe_user(call, directory, changed)

    def scim_delete_user(self, call: Call, *, organization: str, user_id: str) -> None:
        provisioning(call, organization, managed=True).delete_user(user_id)

    def scim_provisioning_list_users(
        self,
        call: Call,
        *,
        organization: str,
        start_index: int | None = None,
        count: int | None = None,
        filter: str | None = None,
    ) -> models.ScimUserList:
        return list_users(call, provisioning(call, organization, managed=False), start_index, count, filter)

    def scim_provisioning_create_user(
        self,
        call: Call,
        *,
        organization: str,
        schemas: Sequence[str],
        user_name: str,
        emails: Sequence[models.ScimEmailInput],
        external_id: str,
        active: bool | None = None,
    ) -> models.ScimUser:
        directory = provisioning(call, organization, managed=False)
        user = directory.add_user(
            user_name,
            external_id=external_id,
            email=_email(emails),
            active=active is not False,
        )
        return describe_user(call, directory, user)

    def scim_provisioning_get_user(self, call: Call, *, organization: str, user_id: str) -> models.ScimUser:
        directory = provisioning(call, organization, managed=False)
        return describe_user(call, directory, directory.user(user_id))

    def scim_provisioning_replace_user(
        self,
        call: Call,
        *,
        organization: str,
        user_id: str,
        schemas: Sequence[str],
        external_id: str,
        active: bool | None = None,
    ) -> models.ScimUser:
        def change(user: ProvisionedUser) -> ProvisionedUser:
            return attrs.evolve(
                user,
                external_id=external_id,
                active=active is not False,
            )

        directory = provisioning(call, organization, managed=False)
        return describe_user(call, directory, directory.change_user(user_id, change))

    def scim_provisioning_patch_user(
        self,
        call: Call,
        *,
        organization: str,
        user_id: str,
        schemas: Sequence[str],
        operations: Sequence[models.ScimUserChange],
    ) -> models.ScimUser:
        directory = provisioning(call, organization, managed=False)
        changed = directory.change_user(user_id, lambda user: changed_user(user, operations, _INVITED))
        return describe_user(call, directory, changed)

    def scim_provisioning_delete_user(self, call: Call, *, organization: str, user_id: str) -> None:
        provisioning(call, organization, managed=False).delete_user(user_id)


def _url(call: Call, organization: str) -> str:
    directory = provisioning(call, organization, managed=True)
    return server_url(call, directory.organization, managed=True)


def _email(emails: Sequence[models.ScimEmailInput]) -> str:
    if len(emails) != 1:
        raise invalid_value("emails", "one e-mail address")
    return emails[0].value
