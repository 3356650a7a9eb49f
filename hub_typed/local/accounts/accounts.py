"""Users, organizations and tokens, stored in a file."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import attrs

from hub_typed.local.accounts.audit_log import AuditLog
from hub_typed.local.accounts.credentials import hash_password, is_password, new_token, token_in_header
from hub_typed.local.accounts.identity import Identity, Organization, OrgRole, Role, Scope, User, Visibility
from hub_typed.local.accounts.names import check_choice, checked_account_name, new_service_name
from hub_typed.local.accounts.oauth import OAuth
from hub_typed.local.accounts.resource_groups import ResourceGroup, ResourceGroups
from hub_typed.local.accounts.stored_accounts import StoredAccounts, default_name, read_accounts, write_accounts
from hub_typed.local.errors import bad_request, unauthorized
from hub_typed_api.path import HFValidationError

__all__ = ["Accounts"]


class Accounts:
    """Users, organizations and tokens, stored in one file; resource groups, OAuth apps and audit logs are beside it.

    Tokens are stored in plain text, not hashed: a Hub restarted on its folder must be able to show them.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        self.groups: ResourceGroups = ResourceGroups(file.with_name("resource_groups.json"))
        self.audit_log: AuditLog = AuditLog(file.with_name("audit"), now)
        self.oauth: OAuth = OAuth(file.with_name("oauth.json"), now)
        stored = read_accounts(file)
        self._users, self._organizations = stored.users, stored.organizations
        self._follows, self._tokens = stored.follows, stored.tokens

    def add(
        self,
        name: str,
        role: Role = "write",
        password: str | None = None,
        *,
        fullname: str | None = None,
        email: str | None = None,
    ) -> str:
        """Return a token with this role for a user, who is created if needed; later calls return the same token.

        Args:
            password: Password for the login of old clients.
            fullname: Display name; by default, it does not change.
            email: E-mail address; by default, it does not change.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        self.add_user(name, password=password, fullname=fullname, email=email)
        return self.add_token(name, role).token

    def add_user(
        self,
        name: str,
        *,
        password: str | None = None,
        fullname: str | None = None,
        email: str | None = None,
        is_disabled: bool | None = None,
    ) -> User:
        """Create a user without a token, or change an existing one.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        with self._lock:
            known = self._users.get(name)
            user = self._get_or_create_user(name)
            hashed = None if password is None else hash_password(password, secrets.token_hex(16))
            given = {"password": hashed, "fullname": fullname, "email": email, "is_disabled": is_disabled}
            changes: dict[str, Any] = {member: value for member, value in given.items() if value is not None}
            if changes:
                user = self._users[name] = attrs.evolve(user, **changes)
                for value, identity in self._tokens.items():
                    if identity.user.name == name:
                        self._tokens[value] = attrs.evolve(identity, user=user)
            if user is not known:
                self._save()
            return user

    def add_token(self, name: str, role: Role = "write", token_name: str | None = None) -> Identity:
        """Return the token of a user with this name and role; it is created if needed, as is the user.

        Args:
            token_name: Display name of the token; by default, it is that of the token that `add` returns.

        Raises:
            HFValidationError: The name of the user is not valid, or an organization has it.
        """
        check_choice("role", role, get_args(Role))
        with self._lock:
            user, token_name = self._get_or_create_user(name), token_name or default_name(role)
            for one in self._tokens.values():
                known = (one.user.name, one.name, one.role, one.scopes, one.session)
                if known == (name, token_name, role, None, False):
                    return one
            return self._create_token(user, role, token_name)

    def add_fine_grained(self, name: str, scopes: Collection[Scope]) -> str:
        """Create a token with these permissions only, for a user who is created if needed.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        with self._lock:
            user = self._get_or_create_user(name)
            return self._create_token(user, "write", "local-fine-grained", scopes=tuple(scopes)).token

    def tokens_of(self, name: str) -> Sequence[Identity]:
        """List the tokens of a user in order of creation, without those of password logins.

        Raises:
            KeyError: There is no such user.
        """
        if name not in self._users:
            raise KeyError(f"There is no user named {name!r}")
        return [one for one in list(self._tokens.values()) if one.user.name == name and not one.session]

    def find_token(self, *, token: str | None = None, token_id: str | None = None) -> Identity | None:
        """Return the token with this value or id; ``None`` if there is none that is accepted now."""
        if token is not None:
            found = self._tokens.get(token)
        else:
            found = next((one for one in list(self._tokens.values()) if one.id == token_id), None)
        return found if found is not None and found.is_accepted(self._now()) else None

    def create_token(self, user: User, name: str, **attributes: Any) -> Identity:
        """Create a token of a user; the attributes are further ones of `Identity`."""
        with self._lock:
            return self._create_token(user, "write", name, **attributes)

    def change_token(self, token: str, /, **changes: Any) -> Identity:
        """Change attributes of a token, or its value.

        Raises:
            KeyError: There is no such token.
        """
        with self._lock:
            if token not in self._tokens:
                raise KeyError("There is no such token")
            changed = attrs.evolve(self._tokens[token], **changes)
            found = [changed if one.token == token else one for one in self._tokens.values()]
            self._tokens = {one.token: one for one in found}
            self._save()
            return changed

    def refresh_token(self, token: str) -> str:
        """Replace the value of a token and return the new one; the old value is no longer accepted.

        Raises:
            KeyError: There is no such token.
        """
        return self.change_token(token, token=new_token()).token

    def delete_token(self, *tokens: str) -> None:
        """Delete tokens; those that do not exist are ignored."""
        with self._lock:
            for token in tokens:
                self._tokens.pop(token, None)
            self._save()

    def revoke_token(self, token: str, organization: str) -> None:
        """Make an organization refuse a token, which stays valid elsewhere.

        Raises:
            KeyError: There is no such token.
        """
        known = self._tokens[token].revoked_by if token in self._tokens else ()
        self.change_token(token, revoked_by=tuple(dict.fromkeys([*known, organization])))

    def add_organization(
        self,
        name: str,
        members: Mapping[str, OrgRole],
        *,
        fullname: str | None = None,
        default_visibility: Visibility | None = None,
    ) -> Organization:
        """Create an organization with members, who are created if needed; an existing one gets the members.

        Args:
            fullname: Display name; by default, it does not change.
            default_visibility: Visibility of new repositories whose creator does not choose one; by default, it does
                not change, and is public in a new organization.

        Raises:
            HFValidationError: The name is not valid, or a user has it.
        """
        with self._lock:
            if name in self._users:
                raise HFValidationError(f"Invalid organization name {name!r}: a user has this name.")
            self._check_letter_case(name)
            check_choice("default_visibility", default_visibility, (*get_args(Visibility), None))
            for member, role in members.items():
                check_choice(f"role of {member!r}", role, get_args(OrgRole))
                self._get_or_create_user(member)
            made = self._organizations.get(name) or Organization(
                id=secrets.token_hex(12), name=checked_account_name(name), members={}
            )
            given = {"fullname": fullname, "default_visibility": default_visibility}
            changes: dict[str, Any] = {member: value for member, value in given.items() if value is not None}
            new: dict[str, OrgRole] = {member: role for member, role in members.items() if member not in made.members}
            made = self._organizations[name] = attrs.evolve(made, members={**members}, **changes)
            self._save()
            self.groups.welcome(name, new)
            return made

    def add_service_account(self, organization: str, fullname: str, description: str | None) -> User:
        """Create a service account, an account of an organization for programs, which gets a name of its own."""
        with self._lock:
            user = self._get_or_create_user(new_service_name(fullname))
            made = attrs.evolve(user, fullname=fullname, organization=organization, description=description)
            self._users[made.name] = made
            self._save()
            return made

    def service_accounts_of(self, organization: str) -> Sequence[User]:
        """List the service accounts of an organization in order of creation."""
        return [one for one in list(self._users.values()) if one.organization == organization]

    def delete_service_account(self, user: User) -> None:
        """Delete a service account and its tokens."""
        with self._lock:
            self._users.pop(user.name, None)
            self._tokens = {value: one for value, one in self._tokens.items() if one.user.name != user.name}
            self._save()

    def set_member_role(self, organization: str, user: str, role: OrgRole | None) -> None:
        """Give a user a role in an organization; ``None`` ends the membership.

        Raises:
            HubResponseError: 400, no administrator would be left.
            KeyError: There is no such organization or user.
        """
        with self._lock:
            known, name = self._organizations[organization], self._users[user].name
            members = {one: given for one, given in known.members.items() if one != name or role is not None}
            if role is not None:
                members[name] = role
            if known.members.get(name) == "admin" and "admin" not in members.values():
                raise bad_request(f"{name} is the only administrator of {organization}: make another member one first")
            self._organizations[organization] = attrs.evolve(known, members=members)
            self._save()
            if role is None:
                self.groups.leave(organization, name)
            elif name not in known.members:
                self.groups.welcome(organization, {name: role})

    def secure_network(self, organization: Organization, settings: Mapping[str, Any]) -> Organization:
        """Set settings of the network of an organization; those that are not given stay."""
        with self._lock:
            known = self._organizations[organization.name]
            changed = attrs.evolve(known, network={**known.network, **settings})
            self._organizations[organization.name] = changed
            self._save()
            return changed

    def follow(self, name: str, followed: str) -> None:
        """Make a user follow a user or an organization.

        Raises:
            HFValidationError: One of the accounts does not exist, or both are the same.
        """
        with self._lock:
            if name not in self._users or name == followed or not (self.user(followed) or self.organization(followed)):
                raise HFValidationError(
                    f"{name!r} cannot follow {followed!r}: a user follows another account, and both must exist."
                )
            self._follows.setdefault(name, []).append(followed)
            self._follows[name] = list(dict.fromkeys(self._follows[name]))
            self._save()

    def followed_by(self, name: str) -> Sequence[str]:
        """Return the names of the accounts that a user follows."""
        return tuple(self._follows.get(name, ()))

    def followers_of(self, name: str) -> Sequence[str]:
        """Return the names of the followers of an account."""
        return [user for user, followed in list(self._follows.items()) if name in followed]

    def log_in(self, name: str, password: str) -> str:
        """Log in with a password and return a new token, valid until the logout.

        Raises:
            HubResponseError: 401, wrong name or password.
        """
        user = self._users.get(name)
        if user is None or user.is_disabled or not is_password(password, user.password):
            raise unauthorized()
        with self._lock:
            return self._create_token(user, "write", "password login", session=True).token

    def user(self, name: str) -> User | None:
        """Return the user with this name, or ``None``."""
        return self._users.get(name)

    def organization(self, name: str) -> Organization | None:
        """Return the organization with this name, or ``None``."""
        return self._organizations.get(name)

    def spelling(self, name: str) -> str:
        """Return the name of the account that is spelled so in another letter case; else the name itself."""
        if name in self._users or name in self._organizations:
            return name
        names = [*self._users, *self._organizations]
        return next((known for known in names if known.lower() == name.lower()), name)

    def users(self) -> Sequence[User]:
        """List all users in order of creation."""
        return list(self._users.values())

    def organizations(self) -> Sequence[Organization]:
        """List all organizations in order of creation."""
        return list(self._organizations.values())

    def organizations_of(self, name: str) -> Sequence[Organization]:
        """List the organizations of a user."""
        return [one for one in list(self._organizations.values()) if name in one.members]

    def role_of(self, user: str, namespace: str, group: ResourceGroup | None = None) -> OrgRole | None:
        """Return the role of a user in an account, or in a resource group of it: admin in their own; ``None`` without.

        Administrators of an organization have this role in all its resource groups.
        """
        if user == namespace:
            return "admin"
        known, organization = self._users.get(user), self._organizations.get(namespace)
        if known is not None and known.organization == namespace:  # whose tokens limit what it may do
            return "admin"
        role = organization.members.get(user) if organization else None
        if group is not None and role not in (None, "admin"):
            role = group.role_of(user)
        return None if role == "no_access" else role

    def role_in(self, namespace: str, identity: Identity, group: ResourceGroup | None = None) -> OrgRole | None:
        """Return the role of the sender of a request in an account, or in a resource group of it, like `role_of`."""
        if identity.role == "admin":
            return "admin"
        if namespace in identity.revoked_by:
            return None
        return self.role_of(identity.user.name, namespace, group)

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return the sender of a request; ``None`` if anonymous. Git and git-lfs send the token as a password.

        Raises:
            HubResponseError: 401, the token is unknown or has expired, or its user is disabled.
        """
        given = headers.get("authorization", "")
        if not given:
            return None
        identity = self.find_token(token=token_in_header(given))
        if identity is None:
            raise unauthorized("Invalid credentials in Authorization header")
        return identity

    def _get_or_create_user(self, name: str) -> User:
        if name in self._organizations:
            raise HFValidationError(f"Invalid user name {name!r}: an organization has this name.")
        self._check_letter_case(name)
        new = User(id=secrets.token_hex(12), name=checked_account_name(name), created_at=self._now().isoformat())
        return self._users.setdefault(name, new)

    def _check_letter_case(self, name: str) -> None:
        if (known := self.spelling(name)) != name:
            raise HFValidationError(f"Invalid account name {name!r}: {known!r} differs from it in letter case only.")

    def _create_token(self, user: User, role: Role, name: str, **attributes: Any) -> Identity:
        made = Identity(
            user=user,
            token=new_token(),
            role=role,
            id=secrets.token_hex(12),
            name=name,
            created_at=self._now(),
            **attributes,
        )
        self._tokens[made.token] = made
        self._save()
        return made

    def _save(self) -> None:
        stored = StoredAccounts(
            users=self._users, organizations=self._organizations, follows=self._follows, tokens=self._tokens
        )
        write_accounts(self._file, stored)
