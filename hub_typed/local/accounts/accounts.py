"""Users, organizations and tokens, stored in a file."""

from __future__ import annotations

import hashlib
import secrets
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, get_args

import attrs

from hub_typed.local.accounts.credentials import hash_password, new_token, token_in_header
from hub_typed.local.accounts.identity import Identity, Organization, OrgRole, Role, Scope, User, Visibility
from hub_typed.local.errors import unauthorized
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api.path import HFValidationError, checked_repo_id

__all__ = ["Accounts"]

_RESERVED = {"api", "datasets", "spaces", "models", "buckets", "kernels", "collections", "papers", "login", "settings"}
"""First parts of paths of the Hub, which no account may have as name."""


class Accounts:
    """Users, organizations and tokens, stored in one file.

    Tokens are stored in plain text, not hashed: a Hub restarted on its folder must be able to show them.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        stored = read_json(file, {})
        self._users = {user["name"]: User(**user) for user in stored.get("users", [])}
        self._organizations = {one["name"]: Organization(**one) for one in stored.get("organizations", [])}
        self._follows: dict[str, list[str]] = stored.get("follows", {})
        self._tokens = {token["token"]: self._read_token(token) for token in stored.get("tokens", [])}

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
        self, name: str, *, password: str | None = None, fullname: str | None = None, email: str | None = None
    ) -> User:
        """Create a user without a token, or change an existing one.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        with self._lock:
            known = self._users.get(name)
            user = self._get_or_create_user(name)
            hashed = None if password is None else hash_password(password, secrets.token_hex(16))
            given = {"password": hashed, "fullname": fullname, "email": email}
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
        _check_choice("role", role, get_args(Role))
        with self._lock:
            user, token_name = self._get_or_create_user(name), token_name or _default_name(role)
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
        """Return the token with this value or id; ``None`` if there is none."""
        if token is not None:
            return self._tokens.get(token)
        return next((one for one in list(self._tokens.values()) if one.id == token_id), None)

    def refresh_token(self, token: str) -> str:
        """Replace the value of a token and return the new one; the old value is no longer accepted.

        Raises:
            KeyError: There is no such token.
        """
        with self._lock:
            made = attrs.evolve(self._known(token), token=new_token())
            found = [made if one.token == token else one for one in self._tokens.values()]
            self._tokens = {one.token: one for one in found}
            self._save()
            return made.token

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
        with self._lock:
            identity = self._known(token)
            revoked_by = tuple(dict.fromkeys([*identity.revoked_by, organization]))
            self._tokens[token] = attrs.evolve(identity, revoked_by=revoked_by)
            self._save()

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
            _check_choice("default_visibility", default_visibility, (*get_args(Visibility), None))
            for member, role in members.items():
                _check_choice(f"role of {member!r}", role, get_args(OrgRole))
                self._get_or_create_user(member)
            made = self._organizations.get(name) or Organization(
                id=secrets.token_hex(12), name=_checked_name(name), members={}
            )
            given = {"fullname": fullname, "default_visibility": default_visibility}
            changes: dict[str, Any] = {member: value for member, value in given.items() if value is not None}
            made = self._organizations[name] = attrs.evolve(made, members={**members}, **changes)
            self._save()
            return made

    def set_member_role(self, organization: str, member: str, role: OrgRole) -> None:
        """Set the role of a member of an organization.

        Raises:
            KeyError: There is no such organization, or it has no such member.
        """
        with self._lock:
            known = self._organizations[organization]
            if member not in known.members:
                raise KeyError(member)
            self._organizations[organization] = attrs.evolve(known, members={**known.members, member: role})
            self._save()

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
        if user is None or user.password is None:
            raise unauthorized()
        salt = user.password.partition(":")[0]
        if not secrets.compare_digest(hash_password(password, salt), user.password):
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

    def role_in(self, namespace: str, identity: Identity) -> OrgRole | None:
        """Return the role of a user in an account: admin in their own; ``None`` without access."""
        if identity.role == "admin" or identity.user.name == namespace:
            return "admin"
        if namespace in identity.revoked_by:
            return None
        organization = self._organizations.get(namespace)
        role = organization.members.get(identity.user.name) if organization else None
        return None if role == "no_access" else role

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return the sender of a request; ``None`` if anonymous. Git and git-lfs send the token as a password.

        Raises:
            HubResponseError: 401, the token is unknown.
        """
        given = headers.get("authorization", "")
        if not given:
            return None
        identity = self._tokens.get(token_in_header(given))
        if identity is None:
            raise unauthorized("Invalid credentials in Authorization header")
        return identity

    def _get_or_create_user(self, name: str) -> User:
        if name in self._organizations:
            raise HFValidationError(f"Invalid user name {name!r}: an organization has this name.")
        self._check_letter_case(name)
        new = User(id=secrets.token_hex(12), name=_checked_name(name), created_at=self._now().isoformat())
        return self._users.setdefault(name, new)

    def _check_letter_case(self, name: str) -> None:
        known = self.spelling(name)
        if known != name:
            raise HFValidationError(f"Invalid account name {name!r}: {known!r} differs from it in letter case only.")

    def _create_token(
        self, user: User, role: Role, name: str, *, scopes: tuple[Scope, ...] | None = None, session: bool = False
    ) -> Identity:
        made = Identity(
            user=user,
            token=new_token(),
            role=role,
            id=secrets.token_hex(12),
            name=name,
            created_at=self._now(),
            scopes=scopes,
            session=session,
        )
        self._tokens[made.token] = made
        self._save()
        return made

    def _known(self, token: str) -> Identity:
        if token not in self._tokens:
            raise KeyError("There is no such token")
        return self._tokens[token]

    def _read_token(self, stored: Mapping[str, Any]) -> Identity:
        scopes = stored.get("scopes")
        return Identity(
            user=self._users[stored["user"]],
            token=stored["token"],
            role=stored["role"],
            # Files of older versions contain neither.
            id=stored.get("id") or hashlib.sha256(stored["token"].encode()).hexdigest()[:24],
            name=stored.get("name") or (_default_name(stored["role"]) if scopes is None else "local-fine-grained"),
            created_at=datetime.fromisoformat(stored["created_at"]),
            scopes=None if scopes is None else tuple(Scope(**scope) for scope in scopes),
            session=stored.get("session", False),
            revoked_by=tuple(stored.get("revoked_by", ())),
        )

    def _save(self) -> None:
        write_json(
            self._file,
            {
                "users": [attrs.asdict(user) for user in self._users.values()],
                "organizations": [attrs.asdict(one) for one in self._organizations.values()],
                "follows": self._follows,
                "tokens": [
                    {
                        "token": identity.token,
                        "user": identity.user.name,
                        "role": identity.role,
                        "id": identity.id,
                        "name": identity.name,
                        "created_at": identity.created_at.isoformat(),
                        "scopes": None if identity.scopes is None else [attrs.asdict(one) for one in identity.scopes],
                        "session": identity.session,
                        "revoked_by": identity.revoked_by,
                    }
                    for identity in self._tokens.values()
                ],
            },
        )


def _default_name(role: Role) -> str:
    return f"local-{role}"


def _check_choice(what: str, value: object, choices: Collection[object]) -> None:
    if value not in choices:
        raise HFValidationError(f"Invalid {what}: {value!r}; allowed are {', '.join(map(repr, choices))}.")


def _checked_name(name: str) -> str:
    if "/" in name:
        raise HFValidationError(f"Invalid account name {name!r}: it contains a '/'.")
    if name.lower() in _RESERVED:
        raise HFValidationError(f"Invalid account name {name!r}: paths of the Hub start with it.")
    return checked_repo_id(name)
