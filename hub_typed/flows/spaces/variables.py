"""Secrets and variables of Spaces."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import attrs

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.arguments import by_position
from hub_typed_api.coerce import date
from hub_typed_api.fields import Fields
from hub_typed_api.models import SpaceVariableInfo
from hub_typed_api.operations import space_settings as operations

__all__ = [
    "SpaceSecret",
    "SpaceVariable",
    "add_space_variable",
    "delete_space_variable",
    "get_space_secrets",
    "get_space_variables",
]


@attrs.frozen(kw_only=True)
class SpaceSecret(Fields):
    """A secret of a Space, without its value.

    Attributes:
        key: Name of the secret.
        description: Purpose of the secret.
        updated_at: Time of the last change of the value.
    """

    key: str
    description: str | None = None
    updated_at: datetime | None = None


@attrs.frozen(kw_only=True)
class SpaceVariable(Fields):
    """A public variable of a Space.

    Attributes:
        key: Name of the secret.
        description: Purpose of the secret.
        updated_at: Time of the last change of the value.
    """

    key: str
    value: str
    description: str | None = None
    updated_at: datetime | None = None

    @staticmethod
    def _from_reference(*args: object, **members: Any) -> dict[str, Any]:
        given: dict[str, Any] = by_position("key values", args, members)
        values: dict[str, Any] = given.pop("values", {})
        updated_at = values.get("updatedAt")
        given |= {name: values[name] for name in ("value", "description") if name in values}
        return given if updated_at is None else {**given, "updated_at": date(updated_at)}


async def get_space_secrets(io: Io, repo_id: str) -> dict[str, SpaceSecret]:
    """Return the secrets of a Space by name, without their values, which cannot be read.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the Space (403).
    """
    secrets = await execute(io, operations.get_space_secrets(repo_id))
    return {
        key: SpaceSecret(key=key, description=secret.description, updated_at=secret.updated_at)
        for key, secret in secrets.items()
    }


async def get_space_variables(io: Io, repo_id: str) -> dict[str, SpaceVariable]:
    """Return the public variables of a Space by name.

    Args:
        repo_id: Name, ``owner/name``.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token has no write access to the Space (403).
    """
    return _by_key(await execute(io, operations.get_space_variables(repo_id)))


async def add_space_variable(
    io: Io, repo_id: str, key: str, value: str, *, description: str | None = None
) -> dict[str, SpaceVariable]:
    """Add or replace a variable of a Space and return all its variables.

    A running Space restarts, because it reads its variables only at the start.

    Args:
        repo_id: Name, ``owner/name``.
        key: Name of the variable: a letter, then letters, digits and ``_``.
        value: Value of the variable, which is public.
        description: Purpose of the variable.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
        BadRequestError: The name is not allowed.
    """
    return _by_key(await execute(io, operations.add_space_variable(repo_id, key, value, description=description)))


async def delete_space_variable(io: Io, repo_id: str, key: str) -> dict[str, SpaceVariable]:
    """Delete a variable of a Space, if it exists, and return the remaining ones.

    Args:
        repo_id: Name, ``owner/name``.
        key: Name of the variable.

    Raises:
        RepositoryNotFoundError: The Space does not exist, or the token has no access to it.
        HfHubHTTPError: The token may not change it (403).
    """
    return _by_key(await execute(io, operations.delete_space_variable(repo_id, key)))


def _by_key(variables: dict[str, SpaceVariableInfo]) -> dict[str, SpaceVariable]:
    return {
        key: SpaceVariable(
            key=key, value=variable.value, description=variable.description, updated_at=variable.updated_at
        )
        for key, variable in variables.items()
    }
