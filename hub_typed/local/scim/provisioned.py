"""Provisioned users and groups, as values."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import attrs

from hub_typed.local.errors import HubResponseError, bad_request

__all__ = ["ProvisionedGroup", "ProvisionedUser", "check_attributes", "invalid_value"]

_NAME: Final = re.compile(r"(?!\d+$)(?![0-9a-fA-F]{24}$)(?!.*--)[a-zA-Z0-9][a-zA-Z0-9-]{0,40}[a-zA-Z0-9]")
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


@attrs.frozen(kw_only=True)
class ProvisionedUser:
    """A user as the identity provider of an organization describes them.

    Attributes:
        id: Id of the account.
        name: Name of the account.
        active: Whether the user is a member of the organization, or invited.
        is_deleted: Whether the user is no longer provisioned; a managed account stays, disabled, and can be provisioned
            again.
    """

    id: str
    name: str
    external_id: str | None
    email: str
    given_name: str | None = None
    family_name: str | None = None
    active: bool = True
    is_deleted: bool = False


@attrs.frozen(kw_only=True)
class ProvisionedGroup:
    """A group of users.

    Attributes:
        members: Ids of the users.
    """

    id: str
    name: str
    external_id: str | None = None
    members: Sequence[str] = ()


def check_attributes(user: ProvisionedUser) -> None:
    """Check the name of the account, the parts of the name and the e-mail address.

    Raises:
        HubResponseError: 400, one of them is invalid.
    """
    if not _EMAIL.fullmatch(user.email):
        raise invalid_value("emails", "an e-mail address")
    if not _NAME.fullmatch(user.name):
        raise invalid_value("userName", "2 to 42 letters, digits and single hyphens, not only digits")
    if "" in (user.given_name, user.family_name):
        raise invalid_value("name", "givenName and familyName of one character or more")


def invalid_value(path: str, expected: str) -> HubResponseError:
    """400: an attribute has an invalid value."""
    return bad_request(f"Invalid {path}: expected {expected}", scimType="invalidValue")
