"""Who may do what: the users of the embedded Hub and their tokens."""

from __future__ import annotations

import secrets
import string
import threading
from base64 import b64decode
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeAlias

import attrs

from hub_typed.local.faults import unauthorized
from hub_typed.local.files import read_json, write_json
from hub_typed_api.path import HFValidationError, checked_repo_id

__all__ = ["Accounts", "Identity", "Role", "User"]

Role: TypeAlias = Literal["read", "write", "admin"]
_LETTERS = string.ascii_letters


@attrs.frozen(kw_only=True)
class User:
    """Somebody with a namespace of their own."""

    id: str
    name: str


@attrs.frozen(kw_only=True)
class Identity:
    """Who sends a request: a user, by one of the user's tokens."""

    user: User
    token: str
    role: Role
    created_at: datetime

    def may_write(self) -> bool:
        return self.role != "read"

    def owns(self, namespace: str) -> bool:
        """Whether repositories below this name are theirs to change."""
        return self.role == "admin" or self.user.name == namespace


class Accounts:
    """Users and tokens, kept in one file.

    Tokens are kept as they are, not hashed: a Hub that is started again on its folder must be able to show them.
    """

    def __init__(self, file: Path, now: Callable[[], datetime]) -> None:
        self._file = file
        self._now = now
        self._lock = threading.Lock()
        kept = read_json(file, {"users": [], "tokens": []})
        self._users = {user["name"]: User(**user) for user in kept["users"]}
        self._tokens = {
            token["token"]: Identity(
                user=self._users[token["user"]],
                token=token["token"],
                role=token["role"],
                created_at=datetime.fromisoformat(token["created_at"]),
            )
            for token in kept["tokens"]
        }

    def add(self, name: str, role: Role) -> str:
        """A token of this role for a user, who is made if need be; asked again, the same one.

        Raises:
            HFValidationError: The name cannot be that of a user.
        """
        if "/" in name:
            raise HFValidationError(f"Invalid user name {name!r}: it has a '/'.")
        checked_repo_id(name)
        with self._lock:
            for identity in self._tokens.values():
                if identity.user.name == name and identity.role == role:
                    return identity.token
            user = self._users.setdefault(name, User(id=secrets.token_hex(12), name=name))
            token = "hf_" + "".join(secrets.choice(_LETTERS) for _ in range(34))
            self._tokens[token] = Identity(user=user, token=token, role=role, created_at=self._now())
            self._save()
            return token

    def user(self, name: str) -> User | None:
        """The user of this name."""
        return self._users.get(name)

    def identify(self, headers: Mapping[str, str]) -> Identity | None:
        """Who sends a request; ``None``, where it does not say. To git and git-lfs a token is a password.

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

    def _save(self) -> None:
        write_json(
            self._file,
            {
                "users": [attrs.asdict(user) for user in self._users.values()],
                "tokens": [
                    {
                        "token": identity.token,
                        "user": identity.user.name,
                        "role": identity.role,
                        "created_at": identity.created_at.isoformat(),
                    }
                    for identity in self._tokens.values()
                ],
            },
        )


def _token(authorization: str) -> str:
    """The token that a header ``Authorization`` carries; empty, where it carries none."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        with suppress(ValueError):
            return b64decode(value, validate=True).decode().partition(":")[2]
    return ""
