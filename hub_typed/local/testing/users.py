"""Users of an embedded Hub with different permissions."""

from __future__ import annotations

from typing import Final

import attrs

from hub_typed.local import LocalHub
from hub_typed.local.accounts.identity import OrgRole

__all__ = ["HubUser", "HubUsers"]

_ORGANIZATION: Final = "local-org"


@attrs.frozen(kw_only=True)
class HubUser:
    """A user, and their tokens.

    Attributes:
        name: Name of the user, and of their namespace.
        token: Token with role write.
        read_token: Token with role read.
    """

    name: str
    token: str = attrs.field(repr=False)
    read_token: str = attrs.field(repr=False)

    @classmethod
    def of(cls, hub: LocalHub, name: str) -> HubUser:
        """Return the user with this name, who is created if missing."""
        return cls(name=name, token=hub.add_user(name), read_token=hub.add_user(name, "read"))


@attrs.frozen(kw_only=True)
class HubUsers:
    """Users of a Hub, and an organization.

    Attributes:
        owner: The user of the Hub (``hub.user``), admin of the organization.
        member: Member with role write.
        reader: Member with role read.
        outsider: Not a member.
        organization: Name of the organization.
    """

    owner: HubUser
    member: HubUser
    reader: HubUser
    outsider: HubUser
    organization: str = _ORGANIZATION

    @classmethod
    def of(cls, hub: LocalHub) -> HubUsers:
        """Return these users of a Hub; what is missing is created."""
        users = cls(
            owner=HubUser.of(hub, hub.user),
            member=HubUser.of(hub, "local-member"),
            reader=HubUser.of(hub, "local-reader"),
            outsider=HubUser.of(hub, "local-outsider"),
        )
        roles: dict[str, OrgRole] = {users.owner.name: "admin", users.member.name: "write", users.reader.name: "read"}
        hub.add_organization(users.organization, roles)
        return users
