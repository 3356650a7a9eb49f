"""Handlers of SCIM for groups, of managed users and of invited ones."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.request.administration import provisioning
from hub_typed.local.request.call import Call
from hub_typed.local.scim.patches import changed_group
from hub_typed.local.scim.provisioned import ProvisionedGroup
from hub_typed.local.views.scim import describe_group, list_groups
from hub_typed_api import models
from hub_typed_api.server.scim_groups import ScimGroupsHandlers

__all__ = ["ScimGroups"]


class ScimGroups(ScimGroupsHandlers[Call]):
    """Handlers of the operations in the area ``scim_groups``."""

    def scim_list_groups(
        self,
        call: Call,
        *,
        organization: str,
        start_index: int | None = None,
        count: int | None = None,
        filter: str | None = None,
        excluded_attributes: str | None = None,
    ) -> models.ScimGroupList:
        directory = provisioning(call, organization, managed=True)
        return list_groups(call, directory, start_index, count, filter, excluded_attributes)

    def scim_create_group(
        self,
        call: Call,
        *,
        organization: str,
        display_name: str,
        external_id: str | None = None,
        members: Sequence[models.ScimMember],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=True)
        made = directory.add_group(display_name, external_id, [member.value for member in members])
        return describe_group(call, directory, made)

    def scim_get_group(
        self, call: Call, *, organization: str, group_id: str, excluded_attributes: str | None = None
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=True)
        return describe_group(call, directory, directory.group(group_id), excluded_attributes)

    def scim_replace_group(
        self,
        call: Call,
        *,
        organization: str,
        group_id: str,
        schemas: Sequence[str],
        display_name: str,
        external_id: str | None = None,
        members: Sequence[models.ScimMember],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=True)
        ids = [member.value for member in members]
        made = ProvisionedGroup(id=group_id, name=display_name, external_id=external_id, members=ids)
        return describe_group(call, directory, directory.change_group(group_id, lambda _: made))

    def scim_patch_group(
        self,
        call: Call,
        *,
        organization: str,
        group_id: str,
        schemas: Sequence[str],
        operations: Sequence[models.ScimGroupChange],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=True)
        changed = directory.change_group(group_id, lambda group: changed_group(group, operations))
        return describe_group(call, directory, changed)

    def scim_delete_group(self, call: Call, *, organization: str, group_id: str) -> None:
        provisioning(call, organization, managed=True).delete_group(group_id)

    def scim_provisioning_list_groups(
        self,
        call: Call,
        *,
        organization: str,
        start_index: int | None = None,
        count: int | None = None,
        filter: str | None = None,
        excluded_attributes: str | None = None,
    ) -> models.ScimGroupList:
        directory = provisioning(call, organization, managed=False)
        return list_groups(call, directory, start_index, count, filter, excluded_attributes)

    def scim_provisioning_create_group(
        self,
        call: Call,
        *,
        organization: str,
        display_name: str,
        external_id: str | None = None,
        members: Sequence[models.ScimMember],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=False)
        made = directory.add_group(display_name, external_id, [member.value for member in members])
        return describe_group(call, directory, made)

    def scim_provisioning_get_group(
        self, call: Call, *, organization: str, group_id: str, excluded_attributes: str | None = None
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=False)
        return describe_group(call, directory, directory.group(group_id), excluded_attributes)

    def scim_provisioning_replace_group(
        self,
        call: Call,
        *,
        organization: str,
        group_id: str,
        schemas: Sequence[str],
        display_name: str,
        external_id: str | None = None,
        members: Sequence[models.ScimMember],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=False)
        ids = [member.value for member in members]
        made = ProvisionedGroup(id=group_id, name=display_name, external_id=external_id, members=ids)
        return describe_group(call, directory, directory.change_group(group_id, lambda _: made))

    def scim_provisioning_patch_group(
        self,
        call: Call,
        *,
        organization: str,
        group_id: str,
        schemas: Sequence[str],
        operations: Sequence[models.ScimGroupChange],
    ) -> models.ScimGroup:
        directory = provisioning(call, organization, managed=False)
        changed = directory.change_group(group_id, lambda group: changed_group(group, operations))
        return describe_group(call, directory, changed)

    def scim_provisioning_delete_group(self, call: Call, *, organization: str, group_id: str) -> None:
        provisioning(call, organization, managed=False).delete_group(group_id)
