"""What a SCIM server says about itself: its features, types of resources and schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

from hub_typed_api import models

__all__ = ["GROUP", "USER", "meta", "resource_types", "schemas", "service_provider_config"]

USER: Final = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP: Final = "urn:ietf:params:scim:schemas:core:2.0:Group"
_CORE: Final = "urn:ietf:params:scim:schemas:core:2.0:"
_STANDARD: Final = "https://www.rfc-editor.org/info/rfc6750"
Kind = Literal["User", "Group", "ServiceProviderConfig", "ResourceType", "Schema"]


def meta(kind: Kind, location: str) -> models.ScimMeta:
    """Return where a resource is."""
    return models.ScimMeta(resource_type=kind, location=location)


def service_provider_config(base: str) -> models.ScimServiceProviderConfig:
    """Return the features of the server.

    Args:
        base: URL of the server.
    """
    return models.ScimServiceProviderConfig(
        schemas=[f"{_CORE}ServiceProviderConfig"],
        patch=models.ScimFeature(supported=True),
        bulk=models.ScimBulk(supported=False, max_operations=0, max_payload_size=0),
        filter=models.ScimFiltering(supported=True, max_results=1000),
        change_password=models.ScimFeature(supported=False),
        sort=models.ScimFeature(supported=False),
        etag=models.ScimFeature(supported=False),
        authentication_schemes=[
            models.ScimAuthenticationScheme(
                type="oauthbearertoken",
                name="Bearer token",
                description="A token of an administrator of the organization, which may write.",
                spec_uri=_STANDARD,
            )
        ],
        meta=meta("ServiceProviderConfig", f"{base}/ServiceProviderConfig"),
    )


def resource_types(base: str) -> list[models.ScimResourceType]:
    """Return the types of resources."""
    return [
        models.ScimResourceType(
            schemas=[f"{_CORE}ResourceType"],
            id=name,
            name=name,
            description=description,
            endpoint=f"/{name}s",
            schema=urn,
            meta=meta("ResourceType", f"{base}/ResourceTypes/{name}"),
        )
        for name, urn, description in (
            ("User", USER, "Users of the organization."),
            ("Group", GROUP, "Groups of users."),
        )
    ]


def schemas(base: str) -> list[models.ScimSchema]:
    """Return the schemas of users and groups."""
    return [
        models.ScimSchema(
            schemas=[f"{_CORE}Schema"],
            id=urn,
            name=urn.rpartition(":")[2],
            description=description,
            attributes=attributes,
            meta=meta("Schema", f"{base}/Schemas/{urn}"),
        )
        for urn, description, attributes in (
            (USER, "A user of the organization.", _USER_ATTRIBUTES),
            (GROUP, "A group of users.", _GROUP_ATTRIBUTES),
        )
    ]


def _attribute(
    name: str,
    kind: Literal["string", "boolean", "complex"] = "string",
    *,
    required: bool = False,
    several: bool = False,
    read_only: bool = False,
    unique: bool = False,
    parts: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Return the definition of an attribute, as RFC 7643 describes it."""
    made: dict[str, Any] = {
        "name": name,
        "type": kind,
        "multiValued": several,
        "required": required,
        "caseExact": False,
        "mutability": "readOnly" if read_only else "readWrite",
        "returned": "default",
        "uniqueness": "server" if unique else "none",
    }
    return made | ({"subAttributes": list(parts)} if parts else {})


_USER_ATTRIBUTES: Final = [
    _attribute("userName", required=True, unique=True),
    _attribute("displayName", read_only=True),
    _attribute(
        "name",
        "complex",
        required=True,
        parts=(
            _attribute("givenName", required=True),
            _attribute("familyName", required=True),
            _attribute("formatted", read_only=True),
        ),
    ),
    _attribute(
        "emails",
        "complex",
        required=True,
        several=True,
        parts=(
            _attribute("value", required=True),
            _attribute("primary", "boolean", read_only=True),
            _attribute("type", read_only=True),
        ),
    ),
    _attribute("active", "boolean"),
]
_GROUP_ATTRIBUTES: Final = [
    _attribute("displayName", required=True, unique=True),
    _attribute("members", "complex", several=True, parts=(_attribute("value", required=True),)),
]
