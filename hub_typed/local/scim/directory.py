"""Users and groups that identity providers provision in organizations, stored in a file."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from hub_typed.local.accounts.accounts import Accounts
from hub_typed.local.accounts.identity import OrgRole
from hub_typed.local.errors import HubResponseError, bad_request, conflict, not_found
from hub_typed.local.json_files import read_json, write_json
from hub_typed.local.scim.provisioned import ProvisionedGroup, ProvisionedUser, check_attributes

__all__ = ["Directories", "Directory"]

_ROLE: Final[OrgRole] = "read"
"""Role of new members; administrators give others."""


class Directory:
    """Users and groups of one organization, at one of its two SCIM servers.

    Args:
        managed: Whether the organization owns the accounts of the users. Otherwise they exist before, and the users are
            invited.
        stored: Result of `to_json`.
        lock: Lock of all directories.
        save: Function that stores all directories.
    """

    def __init__(
        self,
        accounts: Accounts,
        organization: str,
        *,
        managed: bool,
        stored: Mapping[str, Any],
        lock: threading.Lock,
        save: Callable[[], None],
    ) -> None:
        self.organization = organization
        self.managed = managed
        self._accounts = accounts
        self._users = {user["name"]: ProvisionedUser(**user) for user in stored.get("users", [])}
        self._groups = {group["id"]: ProvisionedGroup(**group) for group in stored.get("groups", [])}
        self._save = save
        self._lock = lock

    def users(self) -> list[ProvisionedUser]:
        """List the users in order of creation, with those who are not active."""
        return [user for user in list(self._users.values()) if not user.is_deleted]

    def user(self, user_id: str) -> ProvisionedUser:
        """Return the user with an id.

        Raises:
            HubResponseError: 404, there is no such user.
        """
        found = next((user for user in self.users() if user.id == user_id), None)
        if found is None:
            raise not_found(f"User {user_id} not found")
        return found

    def add_user(self, name: str, **attributes: Any) -> ProvisionedUser:
        """Provision a user; of one who is provisioned already, only ``active`` changes.

        Args:
            attributes: Further attributes of `ProvisionedUser`.

        Raises:
            HubResponseError: 404, there is no account to invite; 409, the user is provisioned already, the account is
                another's, or ``externalId`` is; 400, no administrator would be left.
            HFValidationError: The name of the account is reserved.
        """
        with self._lock:
            name = self._accounts.spelling(name)
            known, account = self._users.get(name), self._accounts.user(name)
            if known is not None and not known.is_deleted:
                if known.active == attributes["active"]:
                    raise _taken(f"User {name} already exists")
                return self._store(attrs.evolve(known, active=attributes["active"]))
            if self.managed and known is None and (account or self._accounts.organization(name)):
                raise _taken(f"User {name} already exists")
            self._check_external_id(name, attributes["external_id"])
            if account is None and not self.managed:
                raise not_found(f"User {name} not found: only users with an account can be invited")
            return self._store(ProvisionedUser(id=account.id if account else "", name=name, **attributes))

    def change_user(self, user_id: str, change: Callable[[ProvisionedUser], ProvisionedUser]) -> ProvisionedUser:
        """Change a user.

        Raises:
            HubResponseError: 404, there is no such user; 409, another has the new name or ``externalId``; 400, the name
                would change, or no administrator would be left; errors of the function.
        """
        with self._lock:
            known = self.user(user_id)
            made = change(known)
            name = self._accounts.spelling(made.name)
            if name != known.name:
                if self._accounts.user(name) or self._accounts.organization(name):
                    raise _taken(f"User {name} already exists")
                raise bad_request("The embedded Hub does not rename accounts", scimType="mutability")
            self._check_external_id(name, made.external_id)
            return self._store(attrs.evolve(made, name=name))

    def delete_user(self, user_id: str) -> None:
        """End the provisioning of a user: the membership ends, and a managed account is disabled.

        Raises:
            HubResponseError: 404, there is no such user; 400, no administrator would be left.
        """
        with self._lock:
            self._store(attrs.evolve(self.user(user_id), active=False, is_deleted=True, external_id=None))
            for group in list(self._groups.values()):
                members = [member for member in group.members if member != user_id]
                self._groups[group.id] = attrs.evolve(group, members=members)
            self._save()

    def accept_invitation(self, name: str) -> None:
        """Make an invited user a member of the organization.

        Raises:
            KeyError: There is no open invitation.
        """
        with self._lock:
            user = self._users.get(name)
            if self.managed or user is None or not user.active or self._is_member(name):
                raise KeyError(f"{self.organization} has no open invitation of {name!r}")
            self._accounts.set_member_role(self.organization, name, _ROLE)

    def groups(self) -> list[ProvisionedGroup]:
        """List the groups in order of creation."""
        return list(self._groups.values())

    def group(self, group_id: str) -> ProvisionedGroup:
        """Return the group with an id.

        Raises:
            HubResponseError: 404, there is no such group.
        """
        found = self._groups.get(group_id)
        if found is None:
            raise not_found(f"Group {group_id} not found")
        return found

    def add_group(self, name: str, external_id: str | None, members: Sequence[str]) -> ProvisionedGroup:
        """Create a group.

        Raises:
            HubResponseError: 409, the name is taken; 400, a member is not provisioned.
        """
        with self._lock:
            made = ProvisionedGroup(id=secrets.token_hex(12), name=name, external_id=external_id, members=members)
            return self._store_group(made)

    def change_group(self, group_id: str, change: Callable[[ProvisionedGroup], ProvisionedGroup]) -> ProvisionedGroup:
        """Change a group.

        Raises:
            HubResponseError: 404, there is no such group; 409, the name is taken; 400, a member is not provisioned;
                errors of the function.
        """
        with self._lock:
            return self._store_group(change(self.group(group_id)))

    def delete_group(self, group_id: str) -> None:
        """Delete a group.

        Raises:
            HubResponseError: 404, there is no such group.
        """
        with self._lock:
            del self._groups[self.group(group_id).id]
            self._save()

    def to_json(self) -> dict[str, Any]:
        """Return the directory as JSON."""
        return {
            "organization": self.organization,
            "managed": self.managed,
            "users": [attrs.asdict(user) for user in self._users.values()],
            "groups": [attrs.asdict(group) for group in self._groups.values()],
        }

    def _is_member(self, name: str) -> bool:
        organization = self._accounts.organization(self.organization)
        return organization is not None and name in organization.members

    def _store(self, user: ProvisionedUser) -> ProvisionedUser:
        if self.managed and not user.is_deleted:
            check_attributes(user)
        if not user.active and self._is_member(user.name):
            self._accounts.set_member_role(self.organization, user.name, None)
        if self.managed:
            fullname = " ".join(filter(None, (user.given_name, user.family_name)))
            account = self._accounts.add_user(
                user.name, fullname=fullname, email=user.email, is_disabled=not user.active
            )
            user = attrs.evolve(user, id=account.id)
            if user.active and not self._is_member(user.name):
                self._accounts.set_member_role(self.organization, user.name, _ROLE)
        self._users[user.name] = user
        self._save()
        return user

    def _store_group(self, group: ProvisionedGroup) -> ProvisionedGroup:
        if any(one.name == group.name and one.id != group.id for one in self._groups.values()):
            raise _taken(f"Group {group.name} already exists")
        unknown = sorted(set(group.members) - {user.id for user in self.users()})
        if unknown:
            raise bad_request(f"No provisioned users: {', '.join(unknown)}", scimType="invalidValue")
        self._groups[group.id] = attrs.evolve(group, members=list(dict.fromkeys(group.members)))
        self._save()
        return self._groups[group.id]

    def _check_external_id(self, name: str, external_id: str | None) -> None:
        if external_id and any(user.external_id == external_id and user.name != name for user in self.users()):
            raise _taken(f"A user with externalId {external_id} already exists")


class Directories:
    """The directories of all organizations, stored in one file."""

    def __init__(self, file: Path, accounts: Accounts) -> None:
        self._file = file
        self._accounts = accounts
        self._lock = threading.Lock()
        stored = [self._open(one["organization"], managed=one["managed"], stored=one) for one in read_json(file, [])]
        self._all = {(one.organization, one.managed): one for one in stored}

    def of(self, organization: str, *, managed: bool) -> Directory:
        """Return the directory of an organization, with managed or with invited users."""
        with self._lock:
            key = (organization, managed)
            if key not in self._all:
                self._all[key] = self._open(organization, managed=managed, stored={})
            return self._all[key]

    def _open(self, organization: str, *, managed: bool, stored: Mapping[str, Any]) -> Directory:
        return Directory(self._accounts, organization, managed=managed, stored=stored, lock=self._lock, save=self._save)

    def _save(self) -> None:
        write_json(self._file, [directory.to_json() for directory in self._all.values()])


def _taken(message: str) -> HubResponseError:
    return conflict(message, scimType="uniqueness")
