"""Users, organizations and tokens, and their permissions."""

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

__all__ = ["Accounts", "Identity", "OrgRole", "Organization", "Role", "Scope", "User", "permitted"]

Role: TypeAlias = Literal["read", "write", "admin"]
"""What a token may do: read, whatever its user may, or everything with every account."""
OrgRole: TypeAlias = Literal["read", "contributor", "write", "admin"]
"""What a member of an organization may do with its repositories; a contributor may make some, and change those."""
_LETTERS = string.ascii_letters


@attrs.frozen(kw_only=True)
class User:
    """A user with a namespace.

    Attributes:
        password: A salt and what it makes of the password, for the login of old clients; ``None``: there is none.
    """

    id: str
    name: str
    password: str | None = attrs.field(default=None, repr=False)

    @property
    def avatar(self) -> str:
        """Path of the picture."""
        return f"/avatars/{self.id}.svg"


@attrs.frozen(kw_only=True)
class Organization:
    """A namespace that several users share.

    Attributes:
        members: The role of each member, by the user's name.
    """

    id: str
    name: str
    members: Mapping[str, OrgRole]

    @property
    def avatar(self) -> str:
        """Path of the picture."""
        return f"/avatars/{self.id}.svg"


@attrs.frozen(kw_only=True)
class Scope:
    """Permissions of a fine-grained token on one account or repository.

    Attributes:
        entity: Name of a user, an organization or a repository.
        permissions: As the Hub names them: ``repo.content.read``, ``repo.write``, ``discussion.write``, ...
    """

    entity: str
    permissions: tuple[str, ...] = attrs.field(converter=tuple)


def permitted(scopes: Collection[Scope], permission: str, *entities: str) -> bool:
    """Whether scopes permit something on one of these accounts or repositories; write implies read."""
    enough = {permission}
    if permission.endswith(".read"):
        enough.add("repo.write" if permission == "repo.content.read" else permission.removesuffix("read") + "write")
    return any(scope.entity in entities and not enough.isdisjoint(scope.permissions) for scope in scopes)


@attrs.frozen(kw_only=True)
class Identity:
    """Sender of a request: a user, with one of the user's tokens.

    Attributes:
        scopes: What a fine-grained token is good for; ``None`` for one that has a role instead.
        session: Whether the token was given for a password, and is gone with the logout.
    """

    user: User
    token: str
    role: Role
    created_at: datetime
    scopes: tuple[Scope, ...] | None = None
    session: bool = False

    def may_write(self) -> bool:
        """Whether the token may write at all."""
        if self.scopes is None:
            return self.role != "read"
        return any(permission.endswith(".write") for scope in self.scopes for permission in scope.permissions)

    def permits(self, permission: str, *entities: str) -> bool:
        """Whether the token permits something on one of these accounts or repositories, apart from the user's role."""
        if self.scopes is None:
            return self.role != "read" or permission.endswith(".read")
        return permitted(self.scopes, permission, *entities)


class Accounts:
    """Users, organizations and tokens in one file.

    Tokens are kept as they are, not hashed: a Hub that is started again on its folder must be able to show them.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        kept = read_json(file, {})
        self._users = {user["name"]: User(**user) for user in kept.get("users", [])}
        self._organizations = {one["name"]: Organization(**one) for one in kept.get("organizations", [])}
        self._follows: dict[str, list[str]] = kept.get("follows", {})
        self._tokens = {token["token"]: self._read_token(token) for token in kept.get("tokens", [])}

    def add(self, name: str, role: Role = "write", password: str | None = None) -> str:
        """Return a token with this role for a user, who is created if needed; later calls return the same token.

        Args:
            password: What old clients may log in with.

        Raises:
            HFValidationError: The name cannot be that of a user.
        """
        with self._lock:
            user = self._made(name)
            if password is not None:
                user = self._users[name] = attrs.evolve(user, password=_salted(password, secrets.token_hex(16)))
                self._save()
            for identity in self._tokens.values():
                plain = identity.scopes is None and not identity.session
                if plain and identity.user.name == name and identity.role == role:
                    return identity.token
            return self._issue(user, role, None)

    def add_fine_grained(self, name: str, scopes: Collection[Scope]) -> str:
        """Create a token with these permissions only, for a user who is created if needed.

        Raises:
            HFValidationError: The name cannot be that of a user.
        """
        with self._lock:
            return self._issue(self._made(name), "write", tuple(scopes))

    def add_organization(self, name: str, members: Mapping[str, OrgRole]) -> Organization:
        """Create an organization with members, who are created if needed; an existing one gets the members.

        Raises:
            HFValidationError: The name cannot be that of an organization.
        """
        with self._lock:
            if name in self._users:
                raise HFValidationError(f"Invalid name of an organization {name!r}: there is a user of this name.")
            for member in members:
                self._made(member)
            known = self._organizations.get(name)
            made = Organization(
                id=known.id if known else secrets.token_hex(12), name=_checked(name), members={**members}
            )
            self._organizations[name] = made
            self._save()
            return made

    def follow(self, name: str, followed: str) -> None:
        """Make a user follow a user or an organization.

        Raises:
            HFValidationError: One of them is not there, or they are the same.
        """
        with self._lock:
            if name not in self._users or name == followed or not (self.user(followed) or self.organization(followed)):
                raise HFValidationError(
                    f"{name!r} cannot follow {followed!r}: users follow other accounts that are there."
                )
            self._follows.setdefault(name, []).append(followed)
            self._follows[name] = list(dict.fromkeys(self._follows[name]))
            self._save()

    def followed_by(self, name: str) -> Sequence[str]:
        """Names of the accounts that a user follows."""
        return tuple(self._follows.get(name, ()))

    def followers_of(self, name: str) -> Sequence[str]:
        """Names of the followers of an account."""
        return [user for user, followed in list(self._follows.items()) if name in followed]

    def log_in(self, name: str, password: str) -> str:
        """Create a token for a password, valid until the logout.

        Raises:
            HubFault: 401, nobody has this name and password.
        """
        user = self._users.get(name)
        if user is None or user.password is None:
            raise unauthorized()
        salt = user.password.partition(":")[0]
        if not secrets.compare_digest(_salted(password, salt), user.password):
            raise unauthorized()
        with self._lock:
            return self._issue(user, "write", None, session=True)

    def log_out(self, identity: Identity) -> None:
        """Revoke a token that was created for a password."""
        with self._lock:
            self._tokens.pop(identity.token, None)
            self._save()

    def user(self, name: str) -> User | None:
        """Return the user with this name."""
        return self._users.get(name)

    def organization(self, name: str) -> Organization | None:
        """Return the organization with this name."""
        return self._organizations.get(name)

    def users(self) -> Sequence[User]:
        """List all users in order of creation."""
        return list(self._users.values())

    def organizations_of(self, name: str) -> Sequence[Organization]:
        """List the organizations of a user."""
        return [one for one in list(self._organizations.values()) if name in one.members]

    def role_in(self, namespace: str, identity: Identity) -> OrgRole | None:
        """Return the role of a user in an account: admin of their own, a member's role, or ``None``."""
        if identity.role == "admin" or identity.user.name == namespace:
            return "admin"
        organization = self._organizations.get(namespace)
        return organization.members.get(identity.user.name) if organization else None

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Return the sender of a request; ``None`` if anonymous. Git and git-lfs send tokens as passwords.

        Raises:
            HubFault: 401, it does say, and nobody has this token.
        """
        given = headers.get("authorization", "")
        if not given:
            return None
        identity = self._tokens.get(_token(given))
        if identity is None:
            raise unauthorized("Invalid credentials in Authorization header")
        return identity

    def _made(self, name: str) -> User:
        if name in self._organizations:
            raise HFValidationError(f"Invalid user name {name!r}: there is an organization of this name.")
        return self._users.setdefault(_checked(name), User(id=secrets.token_hex(12), name=name))

    def _issue(self, user: User, role: Role, scopes: tuple[Scope, ...] | None, *, session: bool = False) -> str:
        token = "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(34))
        self._tokens[token] = Identity(
            user=user, token=token, role=role, created_at=self._now(), scopes=scopes, session=session
        )
        self._save()
        return token

    def _read_token(self, kept: Mapping[str, Any]) -> Identity:
        scopes = kept.get("scopes")
        return Identity(
            user=self._users[kept["user"]],
            token=kept["token"],
            role=kept["role"],
            created_at=datetime.fromisoformat(kept["created_at"]),
            scopes=None if scopes is None else tuple(Scope(**scope) for scope in scopes),
            session=kept.get("session", False),
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


def _salted(password: str, salt: str) -> str:
    """Hash a password with its salt."""
    made = hashlib.scrypt(password.encode(), salt=salt.encode(), n=1 << 12, r=8, p=1)
    return f"{salt}:{made.hex()}"


def _checked(name: str) -> str:
    if "/" in name:
        raise HFValidationError(f"Invalid name of an account {name!r}: it has a '/'.")
    return checked_repo_id(name)


def _token(authorization: str) -> str:
    """Return the token of an ``Authorization`` header; empty if there is none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return b64decode(value, validate=True).decode().partition(":")[2]
    return ""
