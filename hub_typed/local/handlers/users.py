"""Who the caller is."""

from __future__ import annotations

from hub_typed.local.call import Call
from hub_typed_api import models
from hub_typed_api.server.users import UsersHandlers

__all__ = ["Users"]


class Users(UsersHandlers[Call]):
    """Answers the operations of the area users."""

    def whoami(self, call: Call) -> models.WhoAmI:
        identity = call.user()
        token = models.AccessToken(
            display_name="local",
            role="read" if identity.role == "read" else "write",
            created_at=identity.created_at,
        )
        return models.WhoAmI(
            type="user",
            id=identity.user.id,
            name=identity.user.name,
            fullname=identity.user.name,
            email_verified=True,
            can_pay=False,
            is_pro=False,
            avatar_url=f"/avatars/{identity.user.id}.svg",
            orgs=[],
            auth=models.WhoAmIAuth(type="access_token", access_token=token),
        )
