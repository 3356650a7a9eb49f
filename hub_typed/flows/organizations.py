"""Members of organizations."""

from __future__ import annotations

from collections.abc import AsyncIterator

from hub_typed.http.io import Io
from hub_typed.http.pages import items
from hub_typed_api.models import User
from hub_typed_api.operations import organizations as operations

__all__ = ["list_organization_members"]


async def list_organization_members(io: Io, organization: str) -> AsyncIterator[User]:
    """List the members of an organization.

    Args:
        organization: Name of the organization, as in ``owner/name``.

    Raises:
        HfHubHTTPError: The organization does not exist (404), or its members are not public (403).
    """
    async for member in items(io, operations.list_organization_members(organization)):
        yield member
