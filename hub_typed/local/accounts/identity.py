"""Users, organizations, tokens and their permissions, as values."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias

import attrs

__all__ = ["Identity", "OrgRole", "Organization", "Role", "Scope", "User", "Visibility", "has_permission"]

Role: TypeAlias = Literal["read", "write", "admin"]
"""Role of a token: ``read``; ``write``, all that its user may do; ``admin``, everything with every account."""
OrgRole: TypeAlias = Literal["no_access", "read", "contributor", "write", "admin"]
"""Role of a member in an organization; a ``contributor`` may create repositories, and change only those; one with
``no_access`` has the rights of strangers."""
Visibility: TypeAlias = Literal["public", "private"]


@attrs.frozen(kw_only=True)
class User:
    """A user with a namespace.

    Attributes:
        fullname: Display name; by default, the name.
        created_at: Time of creation, in ISO 8601.
        password: Salt and salted hash of the password, for the login of old clients; ``None`` without a password.
        is_disabled: Whether the tokens and the password are refused.
        organization: Organization whose service account it is; ``None`` for persons.
        description: What a service account is for.
    """

    id: str
    name: str
    fullname: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))
    email: str | None = None
    created_at: str | None = None
    password: str | None = attrs.field(default=None, repr=False)
    is_disabled: bool = False
    organization: str | None = None
    description: str | None = None

    @property
    def avatar(self) -> str:
        """Path of the avatar."""
        return f"/avatars/{self.id}.svg"


@attrs.frozen(kw_only=True)
class Organization:
    """A namespace shared by several users.

    Attributes:
        fullname: Display name; by default, the name.
        members: Role of each member, by user name.
        default_visibility: Visibility of new repositories whose creator does not choose one.
        network: Settings of the security of its network, as in JSON; they have no effect here.
    """

    id: str
    name: str
    members: Mapping[str, OrgRole]
    fullname: str = attrs.field(default=attrs.Factory(lambda self: self.name, takes_self=True))
    default_visibility: Visibility = "public"
    network: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    @property
    def avatar(self) -> str:
        """Path of the avatar."""
        return f"/avatars/{self.id}.svg"


def _names(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


@attrs.frozen(kw_only=True)
class Scope:
    """Permissions of a fine-grained token on one account or repository.

    Attributes:
        entity: Name of a user, an organization or a repository, or id of a repository.
        permissions: Names of the Hub's permissions: ``repo.content.read``, ``repo.write``, ``discussion.write``, ...
    """

    entity: str
    permissions: tuple[str, ...] = attrs.field(converter=_names)


def has_permission(scopes: Collection[Scope], permission: str, *entities: str) -> bool:
    """Whether scopes grant a permission on one of these accounts or repositories; write implies read."""
    enough = {permission}
    if permission.endswith(".read"):
        enough.add("repo.write" if permission == "repo.content.read" else permission.removesuffix("read") + "write")
    return any(scope.entity in entities and not enough.isdisjoint(scope.permissions) for scope in scopes)


@attrs.frozen(kw_only=True)
class Identity:
    """Sender of a request: a user and one of the user's tokens.

    Attributes:
        id: Identifier of the token, which stays when its value is refreshed.
        name: Display name of the token.
        scopes: Scopes of a fine-grained token; ``None`` for a token with a role.
        session: Whether the token was created by a login, with a password or of an OAuth app; logging out revokes it.
        revoked_by: Names of the organizations that no longer accept the token.
        expires_at: Time from which the token is refused; ``None`` for never.
        granted: Scopes of the token of an OAuth app, separated by spaces; ``None`` for other tokens.
        endpoint_patterns: Patterns of the names of Inference Endpoints that a token of a service account is for.
        skip_network_security: Whether a token of a service account may be used from any address.
    """

    user: User
    token: str = attrs.field(repr=False)
    role: Role
    id: str
    name: str
    created_at: datetime
    scopes: tuple[Scope, ...] | None = None
    session: bool = False
    revoked_by: tuple[str, ...] = ()
    expires_at: datetime | None = None
    granted: str | None = None
    endpoint_patterns: tuple[str, ...] = ()
    skip_network_security: bool = False

    def is_accepted(self, now: datetime) -> bool:
        """Whether the token is accepted at a time: it has not expired, and its user is not disabled."""
        return not self.user.is_disabled and (self.expires_at is None or now < self.expires_at)

    def may_write(self) -> bool:
        """Whether the token has any write permission."""
        if self.scopes is None:
            return self.role != "read"
        return any(permission.endswith(".write") for scope in self.scopes for permission in scope.permissions)

    def permits(self, permission: str, *entities: str) -> bool:
        """Whether the token grants a permission on one of these accounts or repositories, whatever the user's role."""
        if self.scopes is None:
            return self.role != "read" or permission.endswith(".read")
        return has_permission(self.scopes, permission, *entities)
