"""Filters of SCIM lists."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, TypeVar

from hub_typed.local.errors import HubResponseError, bad_request
from hub_typed.local.scim.provisioned import ProvisionedGroup, ProvisionedUser

__all__ = ["GROUP_ATTRIBUTES", "USER_ATTRIBUTES", "filtered"]

T = TypeVar("T")
USER_ATTRIBUTES: Final[Mapping[str, Callable[[ProvisionedUser], str | None]]] = {
    "id": lambda user: user.id,
    "externalid": lambda user: user.external_id,
    "username": lambda user: user.name,
    "displayname": lambda user: user.name,
    "emails": lambda user: user.email,
    "emails.value": lambda user: user.email,
}
"""Attributes of users that filters can name; their letter case does not matter."""
GROUP_ATTRIBUTES: Final[Mapping[str, Callable[[ProvisionedGroup], str | None]]] = {
    "id": lambda group: group.id,
    "externalid": lambda group: group.external_id,
    "displayname": lambda group: group.name,
}
"""Attributes of groups that filters can name; their letter case does not matter."""
_EXACT: Final = ("id", "externalid")
"""Attributes with values whose letter case matters."""
_EQUALS: Final = re.compile(r"\s*([\w.]+)\s+eq\s+(\"(?:[^\"\\]|\\.)*\"|[^\s\"]+)\s*", re.IGNORECASE)


def filtered(
    items: Sequence[T], expression: str | None, attributes: Mapping[str, Callable[[T], str | None]]
) -> list[T]:
    """Return the items that match a filter, ``attribute eq "value"``; all if there is none.

    Raises:
        HubResponseError: 400, the filter is another expression, or names another attribute.
    """
    if not expression:
        return list(items)
    found = _EQUALS.fullmatch(expression)
    name = found[1].lower() if found else ""
    if found is None or name not in attributes:
        raise _invalid(expression)
    value = _text(found[2], expression)
    if name in _EXACT:
        return [item for item in items if attributes[name](item) == value]
    return [item for item in items if (attributes[name](item) or "").lower() == value.lower()]


def _text(value: str, expression: str) -> str:
    if not value.startswith('"'):
        return value
    try:
        return str(json.loads(value))
    except ValueError:
        raise _invalid(expression) from None


def _invalid(expression: str) -> HubResponseError:
    return bad_request(f'Invalid filter {expression!r}: expected one like userName eq "name"', scimType="invalidFilter")
