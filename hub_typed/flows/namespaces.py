"""The namespace of a request that names none."""

from __future__ import annotations

from hub_typed.http.io import Io
from hub_typed.http.send import execute
from hub_typed_api.operations import users

__all__: list[str] = []


async def own_namespace(io: Io) -> str:
    """Return the name of the account of the token."""
    return (await execute(io, users.whoami())).name
