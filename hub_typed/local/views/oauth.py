"""Models that describe the users of tokens of OAuth apps."""

from __future__ import annotations

from hub_typed.local.accounts.identity import Identity, Organization
from hub_typed.local.request.call import Call
from hub_typed_api import models

__all__ = ["describe_token_user"]


def describe_token_user(call: Call, identity: Identity) -> models.OAuthUserInfo:
    """Describe the user of a token, as far as its scopes say; other tokens than those of apps say everything."""
    user, origin = identity.user, call.request.origin
    granted = (identity.granted or "").split()
    shows_email = identity.scopes is None or "email" in granted
    shows_profile = identity.granted is None or "profile" in granted
    info = models.OAuthUserInfo(sub=user.id)
    if shows_email:
        info.email = user.email
        info.email_verified = None if user.email is None else True
    if shows_profile:
        info.name = user.fullname
        info.preferred_username = user.name
        info.profile = f"{origin}/{user.name}"
        info.picture = origin + user.avatar
        info.is_pro = False
        info.can_pay = False
        info.orgs = [_describe(call, one, identity) for one in call.accounts.organizations_of(user.name)]
    return info


def _describe(call: Call, organization: Organization, identity: Identity) -> models.OAuthOrganization:
    name = identity.user.name
    return models.OAuthOrganization(
        sub=organization.id,
        name=organization.fullname,
        preferred_username=organization.name,
        picture=call.request.origin + organization.avatar,
        can_pay=False,
        role_in_org=organization.members[name],
        security_restrictions=["token-revoked"] if organization.name in identity.revoked_by else None,
        resource_groups=[
            models.OAuthResourceGroup(sub=group.id, name=group.name, role=role)
            for group, role in call.accounts.groups.groups_of(name, organization.name)
        ]
        or None,
    )
