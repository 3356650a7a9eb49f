"""Handlers of organizations: overview, followers, members, storage, tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

import attrs

from hub_typed.local.accounts.identity import Identity, OrgRole
from hub_typed.local.errors import forbidden, invalid_option, no_resource_groups, not_found
from hub_typed.local.request.administration import administrated
from hub_typed.local.request.call import Call
from hub_typed.local.views.profiles import count_repos, describe_organization, describe_users, known_organization
from hub_typed.local.views.storage_usage import usage_of
from hub_typed_api import models
from hub_typed_api.server.organizations import OrganizationsHandlers

__all__ = ["Organizations"]


class Organizations(OrganizationsHandlers[Call]):
    """Handlers of the operations in the area ``organizations``."""

    def get_organization_overview(self, call: Call, *, organization: str) -> models.Organization:
        found = known_organization(call, organization)
        return attrs.evolve(
            describe_organization(call, found),
            is_verified=False,
            num_users=len(found.members),
            num_models=count_repos(call, "model", found.name),
            num_datasets=count_repos(call, "dataset", found.name),
            num_spaces=count_repos(call, "space", found.name),
            num_papers=0,
            num_followers=len(call.accounts.followers_of(found.name)),
        )

    def list_organization_followers(self, call: Call, *, organization: str) -> Sequence[models.User]:
        return describe_users(call, call.accounts.followers_of(known_organization(call, organization).name))

    def list_organization_members(
        self,
        call: Call,
        *,
        organization: str,
        search: str | None = None,
        email: str | None = None,
        cursor: str | None = None,
        limit: int | None = None,
    ) -> Sequence[models.User]:
        found = known_organization(call, organization)
        is_admin = call.identity is not None and call.accounts.role_in(found.name, call.identity) == "admin"
        words = (search or "").lower().split()
        users = [user for user in map(call.accounts.user, found.members) if user is not None]
        names = [
            user.name
            for user in users
            if all(word in user.name.lower() or word in user.fullname.lower() for word in words)
            # Only administrators see e-mail addresses.
            and (email is None or (is_admin and user.email == email))
        ]
        return [
            attrs.evolve(user, role=found.members[user.username], is_external_collaborator=False)
            for user in describe_users(call, names)
        ]

    def revoke_org_token_value(self, call: Call, *, organization: str, token_value: str) -> None:
        _revoke(call, organization, call.accounts.find_token(token=token_value))

    def revoke_org_token_by_id(self, call: Call, *, organization: str, token_id: str) -> None:
        _revoke(call, organization, call.accounts.find_token(token_id=token_id))

    def get_organization_socials(self, call: Call, *, organization: str) -> models.OrganizationSocials:
        found = known_organization(call, organization)
        return models.OrganizationSocials(internal_id=found.id, org=found.name, social_handles=models.SocialHandles())

    def get_organization_avatar(self, call: Call, *, organization: str, redirect: bool | None = None) -> models.Avatar:
        return models.Avatar(avatar_url=call.request.origin + known_organization(call, organization).avatar)

    def set_member_role(
        self,
        call: Call,
        *,
        organization: str,
        username: str,
        role: str,
        resource_groups: Sequence[models.MemberResourceGroup] | None = None,
    ) -> None:
        found = administrated(call, organization, "org.write")
        roles = get_args(OrgRole)
        if role not in roles:
            raise invalid_option("role", roles)
        if resource_groups:
            raise no_resource_groups()
        if username not in found.members:
            raise not_found("This organization has no such member")
        call.accounts.set_member_role(found.name, username, cast(OrgRole, role))

    def list_organization_repositories(
        self,
        call: Call,
        *,
        organization: str,
        search: str | None = None,
        repo_type: str | None = None,
        limit: int | None = None,
        sort: str | None = None,
        direction: str | None = None,
    ) -> Sequence[models.RepoStorageInfo]:
        found = known_organization(call, organization)
        if call.accounts.role_in(found.name, call.user()) is None:
            raise forbidden("You are not a member of this organization")
        return usage_of(call, found.name, search=search, repo_type=repo_type, sort=sort, direction=direction)


def _revoke(call: Call, name: str, token: Identity | None) -> None:
    """Revoke the access of a member's token to an organization that the caller administrates.

    Raises:
        HubResponseError: Errors of `administrated`; 404, there is no such token.
    """
    organization = administrated(call, name, "org.write")
    if token is None or token.user.name not in organization.members:
        raise not_found("No member of this organization has this token")
    call.accounts.revoke_token(token.token, organization.name)
