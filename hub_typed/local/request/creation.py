"""Creation of repositories and buckets: who owns them, and who sees them."""

from __future__ import annotations

from collections.abc import Sequence

from hub_typed.local.accounts.resource_groups import ResourceGroup
from hub_typed.local.errors import bad_request, forbidden, invalid_option
from hub_typed.local.request.call import Call
from hub_typed_api.path import checked_repo_id

__all__ = [
    "check_choice",
    "check_owner",
    "is_private",
    "is_private_by_default",
    "requested_group",
    "split_repo_id",
]


def check_owner(call: Call, namespace: str, kind: str, group: ResourceGroup | None = None) -> None:
    """Check that the caller may create something of this type in a namespace, or in a resource group of it.

    Raises:
        HubResponseError: 403, they may not.
    """
    if not call.may_create_in(namespace, group):
        place = f'the namespace "{namespace}"' if group is None else f'the resource group "{group.name}"'
        raise forbidden(f"You don't have the rights to create a {kind} under {place}")


def requested_group(call: Call, namespace: str, group_id: str | None) -> ResourceGroup | None:
    """Return the resource group of an account that a request asks for, if any.

    Raises:
        HubResponseError: 400, the account has no such resource group.
    """
    if group_id is None:
        return None
    group = call.accounts.groups.find(namespace, group_id)
    if group is None:
        raise bad_request(f"{namespace} has no resource group with the id {group_id!r}")
    return group


def is_private_by_default(call: Call, namespace: str) -> bool:
    """Whether new repositories of an account are private unless their creator chooses."""
    organization = call.accounts.organization(namespace)
    return organization is not None and organization.default_visibility == "private"


def split_repo_id(call: Call, repo_id: str) -> tuple[str, str]:
    """Return the owner and the name in the id of a new repository or bucket.

    Raises:
        HubResponseError: 400, it has no owner.
        HFValidationError: It is invalid.
    """
    namespace, _, name = checked_repo_id(repo_id).rpartition("/")
    if not namespace:
        raise bad_request(f"Invalid repository name: {repo_id!r}, it must be namespace/name")
    return call.accounts.spelling(namespace), name


def is_private(kind: str, visibility: str | None, private: bool | None) -> bool | None:
    """Return whether the requested visibility is private; ``None`` if not given.

    A protected Space counts as private: others see its app, but not its files.

    Raises:
        HubResponseError: 400, the visibility is unknown, or given twice.
    """
    if visibility is None:
        return private
    if private is not None:
        raise bad_request("Either private or visibility must be provided, but not both")
    check_choice("visibility", visibility, ("public", "private", "protected"))
    if visibility == "protected" and kind != "space":
        raise bad_request("Only Spaces can be protected")
    return visibility != "public"


def check_choice(name: str, value: object, choices: Sequence[object]) -> None:
    """Check that a parameter, if given, is one of these values.

    Raises:
        HubResponseError: 400, it is not.
    """
    # In Python 0 and 1 equal False and True, in JSON they do not.
    if value is not None and not any(value == one and type(value) is type(one) for one in choices):
        raise invalid_option(name, choices)
