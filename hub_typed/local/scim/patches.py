"""Operations of SCIM PATCH requests."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, cast

import attrs

from hub_typed.local.errors import bad_request
from hub_typed.local.scim.provisioned import ProvisionedGroup, ProvisionedUser, invalid_value
from hub_typed_api import models

__all__ = ["changed_group", "changed_user"]

_USER_FIELDS: Final = {
    "active": "active",
    "externalid": "external_id",
    "username": "name",
    "emails": "email",
    "emails[type eq 'work'].value": "email",
    "name.givenname": "given_name",
    "name.familyname": "family_name",
}
"""Fields of `ProvisionedUser` by path, in small letters."""
_GROUP_FIELDS: Final = {"displayname": "name", "externalid": "external_id", "members": "members"}
"""Fields of `ProvisionedGroup` by path, in small letters."""
_IGNORED: Final = ("id", "schemas", "meta", "name.formatted")
"""What identity providers send in objects of attributes, although it cannot change."""
_SCHEMA: Final = re.compile(r"urn:ietf:params:scim:schemas:core:2\.0:(user|group):")
_MEMBER: Final = re.compile(r"members\[value eq '([^']*)'\]")


def changed_user(
    user: ProvisionedUser, changes: Sequence[models.ScimUserChange], changeable: Collection[str]
) -> ProvisionedUser:
    """Return a user with changes.

    Args:
        changeable: Fields that may change.

    Raises:
        HubResponseError: 400, a change is invalid.
    """
    for change in changes:
        removes = _removes(change.op)
        for path, value in _targets(change.path, change.value):
            field = _field(path, _USER_FIELDS)
            if field not in changeable or (removes and field != "external_id"):
                raise bad_request(f"This change of {path} is not supported", scimType="mutability")
            changed: dict[str, Any] = {field: None if removes else _converted(field, value)}
            user = attrs.evolve(user, **changed)
    return user


def changed_group(group: ProvisionedGroup, changes: Sequence[models.ScimGroupChange]) -> ProvisionedGroup:
    """Return a group with changes.

    Raises:
        HubResponseError: 400, a change is invalid.
    """
    for change in changes:
        removes = _removes(change.op)
        for path, value in _targets(change.path, change.value):
            one = _MEMBER.fullmatch(path) if removes else None
            field = "members" if one else _field(path, _GROUP_FIELDS)
            if field == "members":
                members: Sequence[str] = ()
                if one or value is not None or not removes:  # a removal that names none removes all
                    named = [one[1]] if one else _values(value, path)
                    members = _changed_members(group.members, change.op.lower(), named)
                group = attrs.evolve(group, members=members)
            elif removes:
                raise bad_request(f"Only members can be removed, not {path}", scimType="mutability")
            else:
                changed: dict[str, Any] = {field: _text(value, path)}
                group = attrs.evolve(group, **changed)
    return group


def _changed_members(members: Sequence[str], operation: str, named: Sequence[str]) -> Sequence[str]:
    if operation == "remove":
        return [one for one in members if one not in named]
    return [*members, *named] if operation == "add" else named


def _removes(operation: str) -> bool:
    if operation.lower() not in ("add", "remove", "replace"):
        raise invalid_value("op", "add, remove or replace")
    return operation.lower() == "remove"


def _targets(path: str | None, value: object) -> Iterator[tuple[str, object]]:
    """Return paths in small letters, with their values; without a path, the value is an object of attributes."""
    if path is not None:
        yield _SCHEMA.sub("", path.lower().replace('"', "'")), value
        return
    if not isinstance(value, dict):
        raise invalid_value("value", "an object of attributes, as there is no path")
    for name, inner in cast("Mapping[str, object]", value).items():
        if name.lower() == "name" and isinstance(inner, dict):
            parts = cast("Mapping[str, object]", inner).items()
            pairs = [(f"name.{part.lower()}", text) for part, text in parts]
        else:
            pairs = list(_targets(name, inner))
        yield from ((known, given) for known, given in pairs if known not in _IGNORED)


def _field(path: str, fields: Mapping[str, str]) -> str:
    if path not in fields:
        raise bad_request(f"Unknown path {path!r}; known are {', '.join(fields)}", scimType="invalidPath")
    return fields[path]


def _converted(field: str, value: object) -> object:
    if field == "active":
        text = str(value).lower()  # some identity providers send it as text
        if text not in ("true", "false"):
            raise invalid_value("active", "true or false")
        return text == "true"
    if field == "email" and isinstance(value, list):
        values = _values(cast("list[object]", value), "emails")
        return values[0] if len(values) == 1 else _text(None, "emails")
    return _text(value, field)


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise invalid_value(path, "a text")
    return value


def _values(items: object, path: str) -> list[str]:
    """Return the values of an attribute that has several: ``[{"value": "..."}, ...]``, or one of them."""
    listed = cast("list[object]", items) if isinstance(items, list) else [items]
    found = [cast("Mapping[str, object]", item).get("value") if isinstance(item, dict) else None for item in listed]
    return [_text(one, path) for one in found]
