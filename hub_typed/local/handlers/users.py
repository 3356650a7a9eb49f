"""Who the caller is."""

from __future__ import annotations

from hub_typed.local.accounts import Identity, Organization, User
from hub_typed.local.call import Call
from hub_typed_api import models
from hub_typed_api.server.users import UsersHandlers

__all__ = ["Users"]


class Users(UsersHandlers[Call]):
    """Answers the operations of the area users."""

    def whoami(self, call: Call) -> models.WhoAmI:
        identity = call.user()
        user = identity.user
        return models.WhoAmI(
            type="user",
            id=user.id,
            name=user.name,
            fullname=user.name,
            email_verified=True,
            can_pay=False,
            is_pro=False,
            avatar_url=f"/avatars/{user.id}.svg",
            orgs=[_membership(one, user) for one in call.accounts.organizations_of(user.name)],
            auth=models.WhoAmIAuth(type="access_token", access_token=_access_token(identity)),
        )


def _membership(organization: Organization, user: User) -> models.WhoAmIOrg:
    return models.WhoAmIOrg(
        type="org",
        id=organization.id,
        name=organization.name,
        fullname=organization.name,
        can_pay=False,
        avatar_url=f"/avatars/{organization.id}.svg",
        role_in_org=organization.members[user.name],
    )


def _access_token(identity: Identity) -> models.AccessToken:
    if identity.scopes is None:
        role = "read" if identity.role == "read" else "write"
        return models.AccessToken(display_name=f"local-{role}", role=role, created_at=identity.created_at)
    scoped = [
        models.FineGrainedScope(
            entity=models.FineGrainedEntity(type="model" if "/" in scope.entity else "user", name=scope.entity),
            permissions=list(scope.permissions),
        )
        for scope in identity.scopes
    ]
    return models.AccessToken(
        display_name="local-fine-grained",
        role="fineGrained",
        created_at=identity.created_at,
        fine_grained=models.FineGrainedRights(scoped=scoped, global_=[]),
    )
