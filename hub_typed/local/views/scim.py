"""Models that describe provisioned users and groups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, TypeVar

from hub_typed.local.request.call import Call
from hub_typed.local.scim.directory import Directory
from hub_typed.local.scim.documents import GROUP, USER, meta
from hub_typed.local.scim.filters import GROUP_ATTRIBUTES, USER_ATTRIBUTES, filtered
from hub_typed.local.scim.provisioned import ProvisionedGroup, ProvisionedUser
from hub_typed_api import models

__all__ = ["describe_group", "describe_user", "list_groups", "list_users", "server_url"]

T = TypeVar("T")
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_PAGE_SIZE: Final = 1000


def server_url(call: Call, organization: str, *, managed: bool) -> str:
    """Return the URL of one of the two SCIM servers of an organization."""
    server = "scim" if managed else "scim-provisioning"
    return f"{call.request.origin}/api/organizations/{organization}/{server}/v2"


def describe_user(call: Call, directory: Directory, user: ProvisionedUser) -> models.ScimUser:
    """Describe a user."""
    base = server_url(call, directory.organization, managed=directory.managed)
    account = call.accounts.user(user.name)
    return models.ScimUser(
        schemas=[USER],
        id=user.id,
        external_id=user.external_id,
        user_name=user.name,
        display_name=user.name,
        name=models.ScimUserName(
            given_name=user.given_name,
            family_name=user.family_name,
            formatted=account.fullname if account else user.name,
        ),
        emails=[models.ScimEmail(value=user.email, primary=True, type="work")],
        active=user.active,
        meta=meta("User", f"{base}/Users/{user.id}"),
    )


def list_users(
    call: Call, directory: Directory, start_index: int | None, count: int | None, expression: str | None
) -> models.ScimUserList:
    """Return a page of the users that match a filter.

    Raises:
        HubResponseError: 400, the filter is invalid.
    """
    found = filtered(directory.users(), expression, USER_ATTRIBUTES)
    page = [describe_user(call, directory, user) for user in _page(found, start_index, count)]
    return models.ScimUserList(
        schemas=[_LIST],
        total_results=len(found),
        items_per_page=len(page),
        start_index=start_index or 1,
        resources=page,
    )


def describe_group(
    call: Call, directory: Directory, group: ProvisionedGroup, excluded: str | None = None
) -> models.ScimGroup:
    """Describe a group.

    Args:
        excluded: ``members`` to leave these out.
    """
    base = server_url(call, directory.organization, managed=directory.managed)
    return models.ScimGroup(
        schemas=[GROUP],
        id=group.id,
        display_name=group.name,
        external_id=group.external_id,
        members=None if excluded == "members" else [models.ScimMember(value=one) for one in group.members],
        meta=meta("Group", f"{base}/Groups/{group.id}"),
    )


def list_groups(
    call: Call,
    directory: Directory,
    start_index: int | None,
    count: int | None,
    expression: str | None,
    excluded: str | None,
) -> models.ScimGroupList:
    """Return a page of the groups that match a filter.

    Raises:
        HubResponseError: 400, the filter is invalid.
    """
    found = filtered(directory.groups(), expression, GROUP_ATTRIBUTES)
    page = [describe_group(call, directory, group, excluded) for group in _page(found, start_index, count)]
    return models.ScimGroupList(
        schemas=[_LIST],
        total_results=len(found),
        items_per_page=len(page),
        start_index=start_index or 1,
        resources=page,
    )


def _page(items: Sequence[T], start_index: int | None, count: int | None) -> Sequence[T]:
    start = (start_index or 1) - 1
    return items[start : start + (count or _PAGE_SIZE)]
