"""Resource groups of organizations: their members, and which repositories, buckets and collections they hold."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import attrs

from hub_typed.local.accounts.identity import OrgRole
from hub_typed.local.errors import bad_request, not_found
from hub_typed.local.json_files import read_json, write_json

__all__ = ["AutoJoin", "GroupMember", "ResourceGroup", "ResourceGroups"]


@attrs.frozen(kw_only=True)
class GroupMember:
    """A member of a resource group.

    Attributes:
        added_by: Name of the user who added the member; of the organization, if the member joined by itself.
    """

    role: OrgRole
    added_by: str


@attrs.frozen(kw_only=True)
class AutoJoin:
    """Which new members of the organization join by themselves.

    Attributes:
        role: Role that they get.
        scope: ``read_plus`` leaves out those who have no access to the organization.
    """

    role: OrgRole
    scope: str = "all"


def _members(given: Mapping[str, GroupMember | dict[str, Any]]) -> dict[str, GroupMember]:
    return {name: one if isinstance(one, GroupMember) else GroupMember(**one) for name, one in given.items()}


def _auto_join(given: AutoJoin | dict[str, Any] | None) -> AutoJoin | None:
    return AutoJoin(**given) if isinstance(given, dict) else given


@attrs.frozen(kw_only=True)
class ResourceGroup:
    """A part of an organization with its own members.

    Attributes:
        members: Its members by user name; the administrators of the organization need not be among them.
        resources: Names of the users who added its repositories, buckets and collections, by the ids of these.
        auto_join: Which new members join; ``None`` for none.
        spend_limits: Monthly limits by kind of costs, in cents of a US dollar.
    """

    id: str
    organization: str
    name: str
    description: str | None = None
    members: Mapping[str, GroupMember] = attrs.field(factory=dict[str, GroupMember], converter=_members)
    resources: Mapping[str, str] = attrs.field(factory=dict[str, str])
    auto_join: AutoJoin | None = attrs.field(default=None, converter=_auto_join)
    spend_limits: Mapping[str, int] = attrs.field(factory=dict[str, int])

    def with_members(self, members: Mapping[str, OrgRole], by: str) -> ResourceGroup:
        """Return the resource group with further members, or with other roles of members."""
        changed = {
            name: GroupMember(role=role, added_by=self.members[name].added_by if name in self.members else by)
            for name, role in members.items()
        }
        return attrs.evolve(self, members={**self.members, **changed})

    def without_member(self, user: str) -> ResourceGroup:
        """Return the resource group without a member."""
        return attrs.evolve(self, members={name: one for name, one in self.members.items() if name != user})

    def role_of(self, user: str) -> OrgRole | None:
        """Return the role of a member; ``None`` if the user is none."""
        member = self.members.get(user)
        return None if member is None else member.role


class ResourceGroups:
    """All resource groups, stored in one file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        self._all = {one["id"]: ResourceGroup(**one) for one in read_json(file, [])}

    def of_organization(self, organization: str) -> list[ResourceGroup]:
        """List the resource groups of an organization, oldest first."""
        return [one for one in list(self._all.values()) if one.organization == organization]

    def of_resource(self, resource_id: str) -> ResourceGroup | None:
        """Return the resource group that holds a repository, bucket or collection; ``None`` if none does."""
        return next((one for one in list(self._all.values()) if resource_id in one.resources), None)

    def find(self, organization: str, group_id: str) -> ResourceGroup | None:
        """Return the resource group of an organization with this id; ``None`` if there is none."""
        found = self._all.get(group_id)
        return found if found is not None and found.organization == organization else None

    def groups_of(self, user: str, organization: str) -> list[tuple[ResourceGroup, OrgRole]]:
        """List the resource groups of an organization that a user is a member of, with the roles there."""
        groups = self.of_organization(organization)
        return [(group, group.members[user].role) for group in groups if user in group.members]

    def create(self, organization: str, name: str, **attributes: Any) -> ResourceGroup:
        """Create a resource group; the attributes are those of `ResourceGroup`.

        Raises:
            HubResponseError: 400, the organization has one with this name.
        """
        made = ResourceGroup(id=secrets.token_hex(12), organization=organization, name=name, **attributes)
        with self._lock:
            self._check_name(made)
            self._all[made.id] = made
            self._save()
        return made

    def edit(self, group: ResourceGroup, change: Callable[[ResourceGroup], ResourceGroup]) -> ResourceGroup:
        """Replace a resource group by what a function returns for its present state.

        Raises:
            HubResponseError: 404, it was deleted; 400, the organization has another one with this name.
        """
        with self._lock:
            if group.id not in self._all:
                raise not_found("This resource group does not exist")
            changed = change(self._all[group.id])
            self._check_name(changed)
            self._all[group.id] = changed
            self._save()
        return changed

    def put_members(self, group: ResourceGroup, members: Mapping[str, OrgRole], by: str) -> ResourceGroup:
        """Add members with roles to a resource group, or set the roles of its members.

        Raises:
            HubResponseError: 404, the resource group was deleted.
        """
        return self.edit(group, lambda now: now.with_members(members, by))

    def welcome(self, organization: str, members: Mapping[str, OrgRole]) -> None:
        """Add new members of an organization to the resource groups that they join by themselves."""
        for group in self.of_organization(organization):
            rule = group.auto_join
            if rule is not None:
                roles: dict[str, OrgRole] = {}
                for name, role in members.items():
                    if rule.scope == "all" or role != "no_access":
                        roles[name] = rule.role
                self.put_members(group, roles, organization)

    def leave(self, organization: str, user: str) -> None:
        """Remove a former member of an organization from its resource groups."""
        for group, _ in self.groups_of(user, organization):
            self.edit(group, lambda now: now.without_member(user))

    def place(self, resource_ids: Iterable[str], group: ResourceGroup | None, by: str) -> None:
        """Move repositories, buckets or collections to a resource group; ``None`` takes them out of theirs."""
        moved = dict.fromkeys(resource_ids, by)
        with self._lock:
            for one in list(self._all.values()):
                kept = {key: user for key, user in one.resources.items() if key not in moved}
                held = kept | moved if group is not None and one.id == group.id else kept
                if held != one.resources:
                    self._all[one.id] = attrs.evolve(one, resources=held)
            self._save()

    def delete(self, group: ResourceGroup) -> None:
        """Delete a resource group; what it held belongs to the whole organization again."""
        with self._lock:
            self._all.pop(group.id, None)
            self._save()

    def _check_name(self, group: ResourceGroup) -> None:
        for other in self.of_organization(group.organization):
            if other.id != group.id and other.name == group.name:
                raise bad_request(f"{group.organization} has a resource group {group.name!r} already")

    def _save(self) -> None:
        write_json(self._file, [attrs.asdict(one) for one in self._all.values()])
