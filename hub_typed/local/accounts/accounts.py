"""Users, organizations and tokens, with their roles and permissions."""

from __future__ import annotations

import hashlib
import secrets
import string
import threading
from base64 import b64decode
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

import attrs

from hub_typed.local.errors import unauthorized
from hub_typed.local.json_files import read_json, write_json
from hub_typed_api.path import HFValidationError, checked_repo_id

__all__ = ["Accounts", "Identity", "OrgRole", "Organization", "Role", "Scope", "User", "has_permission"]

Role: TypeAlias = Literal["read", "write", "admin"]
"""Role of a token: ``read``; ``write``, all that its user may do; ``admin``, everything with every account."""
OrgRole: TypeAlias = Literal["read", "contributor", "write", "admin"]
"""Role of a member in an organization; a ``contributor`` may create repositories, and change only those."""
_LETTERS = string.ascii_letters


@attrs.frozen(kw_only=True)
class User:
    """A user with a namespace.

    Attributes:
        password: Salt and salted hash of the password, for the login of old clients; ``None`` without a password.
    """

    id: str
    name: str
    password: str | None = attrs.field(default=None, repr=False)

    @property
    def avatar(self) -> str:
        """Path of the avatar."""
        return f"/avatars/{self.id}.svg"


@attrs.frozen(kw_only=True)
class Organization:
    """A namespace shared by several users.

    Attributes:
        members: Role of each member, by user name.
    """

    id: str
    name: str
    members: Mapping[str, OrgRole]

    @property
    def avatar(self) -> str:
        """Path of the avatar."""
        return f"/avatars/{self.id}.svg"


@attrs.frozen(kw_only=True)
class Scope:
    """Permissions of a fine-grained token on one account or repository.

    Attributes:
        entity: Name of a user, an organization or a repository.
        permissions: Names of the Hub's permissions: ``repo.content.read``, ``repo.write``, ``discussion.write``, ...
    """

    entity: str
    permissions: tuple[str, ...] = attrs.field(converter=tuple)


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
        scopes: Scopes of a fine-grained token; ``None`` for a token with a role.
        session: Whether the token was created by a password login; logging out revokes it.
    """

    user: User
    token: str
    role: Role
    created_at: datetime
    scopes: tuple[Scope, ...] | None = None
    session: bool = False

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

    def add(self, name: str, role: Role = "write", password: str | None = None) -> str:
        """Return a token with this role for a user, who is created if needed; later calls return the same token.

        Args:
            password: Password for the login of old clients.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        with self._lock:
            user = self._get_or_create_user(name)
            if password is not None:
                user = self._users[name] = attrs.evolve(user, password=_hash_password(password, secrets.token_hex(16)))
                self._save()
            for identity in self._tokens.values():
                plain = identity.scopes is None and not identity.session
                if plain and identity.user.name == name and identity.role == role:
                    return identity.token
            return self._create_token(user, role, None)

    def add_fine_grained(self, name: str, scopes: Collection[Scope]) -> str:
        """Create a token with these permissions only, for a user who is created if needed.

        Raises:
            HFValidationError: The name is not valid, or an organization has it.
        """
        with self._lock:
            return self._create_token(self._get_or_create_user(name), "write", tuple(scopes))

    def add_organization(self, name: str, members: Mapping[str, OrgRole]) -> Organization:
        """Create an organization with members, who are created if needed; an existing one gets the members.

        Raises:
            HFValidationError: The name is not valid, or a user has it.
        """
        with self._lock:
            if name in self._users:
                raise HFValidationError(f"Invalid organization name {name!r}: a user has this name.")
            for member in members:
                self._get_or_create_user(member)
            known = self._organizations.get(name)
            made = Organization(
                id=known.id if known else secrets.token_hex(12), name=_checked_name(name), members={**members}
            )
            self._organizations[name] = made
            self._save()
            return made

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
        if not secrets.compare_digest(_hash_password(password, salt), user.password):
            raise unauthorized()
        with self._lock:
            return self._create_token(user, "write", None, session=True)

    def log_out(self, identity: Identity) -> None:
        """Revoke the token of a password login."""
        with self._lock:
            self._tokens.pop(identity.token, None)
            self._save()

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

    def organizations_of(self, name: str) -> Sequence[Organization]:
        """List the organizations of a user."""
        return [one for one in list(self._organizations.values()) if name in one.members]

    def role_in(self, namespace: str, identity: Identity) -> OrgRole | None:
        """Return the role of a user in an account: admin in their own, the member's role, or ``None``."""
        if identity.role == "admin" or identity.user.name == namespace:
            return "admin"
        organization = self._organizations.get(namespace)
        return organization.members.get(identity.user.name) if organization else None

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return the sender of a request; ``None`` if anonymous. Git and git-lfs send the token as a password.

        Raises:
            HubResponseError: 401, the token is unknown.
        """
        given = headers.get("authorization", "")
        if not given:
            return None
        identity = self._tokens.get(_token_in_header(given))
        if identity is None:
            raise unauthorized("Invalid credentials in Authorization header")
        return identity

    def _get_or_create_user(self, name: str) -> User:
        if name in self._organizations:
            raise HFValidationError(f"Invalid user name {name!r}: an organization has this name.")
        return self._users.setdefault(_checked_name(name), User(id=secrets.token_hex(12), name=name))

    def _create_token(self, user: User, role: Role, scopes: tuple[Scope, ...] | None, *, session: bool = False) -> str:
        token = "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(34))
        self._tokens[token] = Identity(
            user=user, token=token, role=role, created_at=self._now(), scopes=scopes, session=session
        )
        self._save()
        return token

    def _read_token(self, stored: Mapping[str, Any]) -> Identity:
        scopes = stored.get("scopes")
        return Identity(
            user=self._users[stored["user"]],
            token=stored["token"],
            role=stored["role"],
            created_at=datetime.fromisoformat(stored["created_at"]),
            scopes=None if scopes is None else tuple(Scope(**scope) for scope in scopes),
            session=stored.get("session", False),
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
                        "created_at": identity.created_at.isoformat(),
                        "scopes": None if identity.scopes is None else [attrs.asdict(one) for one in identity.scopes],
                        "session": identity.session,
                    }
                    for identity in self._tokens.values()
                ],
            },
        )


def _hash_password(password: str, salt: str) -> str:
    """Hash a password with its salt."""
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=1 << 12, r=8, p=1)
    return f"{salt}:{made.hex()}"


def _checked_name(name: str) -> str:
    if "/" in name:
        raise HFValidationError(f"Invalid account name {name!r}: it contains a '/'.")
    return checked_repo_id(name)


def _token_in_header(authorization: str) -> str:
    """Return the token in an ``Authorization`` header; empty if it has none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return b64decode(value, validate=True).decode().partition(":")[2]
    return ""
