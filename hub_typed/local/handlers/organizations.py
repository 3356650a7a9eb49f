"""Handlers of organizations: overview, followers, members, storage, tokens, audit log, network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_network
from itertools import islice
from typing import Any, Final

import attrs

from hub_typed.local.accounts.identity import Identity, Organization, OrgRole
from hub_typed.local.accounts.resource_groups import ResourceGroup
from hub_typed.local.errors import bad_request, forbidden, not_found
from hub_typed.local.request.administration import administrated, checked_role
from hub_typed.local.request.call import Call
from hub_typed.local.request.creation import requested_group
from hub_typed.local.views.profiles import count_repos, describe_organization, describe_users, known_organization
from hub_typed.local.views.storage_usage import usage_of
from hub_typed_api import models
from hub_typed_api.codec.organizations import structure_network_security, unstructure_network_security
from hub_typed_api.server.organizations import OrganizationsHandlers

__all__ = ["Organizations"]


_MAX_EVENTS = 100_000
_OPEN_NETWORK: Final[Mapping[str, Any]] = {
    "enforceAuth": False,
    "enforceIpRestriction": False,
    "highRateLimits": False,
    "ipRanges": [],
    "blockedContents": [],
    "allowedContents": [],
    "keepReposMetadataVisible": False,
}


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
        sees_all = call.identity is not None and call.accounts.role_in(found.name, call.identity) == "admin"
        words = (search or "").lower().split()
        users = [user for user in map(call.accounts.user, found.members) if user is not None]
        names = [
            user.name
            for user in users
            if all(word in user.name.lower() or word in user.fullname.lower() for word in words)
            # Only administrators see e-mail addresses, and resource groups.
            and (email is None or (sees_all and user.email == email))
        ]
        return [
            attrs.evolve(
                user,
                role=found.members[user.username],
                is_external_collaborator=False,
                resource_groups=_groups_of(call, user.username, found.name) if sees_all else None,
            )
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
        new_role, by = checked_role(role), call.writer().user.name
        placed: list[tuple[ResourceGroup, OrgRole]] = [
            (group, checked_role(one.role))
            for one in resource_groups or ()
            if (group := requested_group(call, found.name, one.id)) is not None
        ]
        if username not in found.members:
            raise not_found("This organization has no such member")
        call.accounts.set_member_role(found.name, username, new_role)
        call.audit(found.name, "org.change_role", f"Changed role of {username} to {role}", user=username, role=role)
        for group, role_in_group in placed:
            members: dict[str, OrgRole] = {username: role_in_group}
            call.accounts.groups.put_members(group, members, by)

    def export_audit_log(self, call: Call, *, organization: str, q: str | None = None) -> list[models.AuditEvent]:
        found = administrated(call, organization, "org.read")
        words = (q or "").lower().split()
        return [
            event
            for event in islice(call.accounts.audit_log.of(found), _MAX_EVENTS)
            if all(word in _searched(event) for word in words)
        ]

    def get_network_security(self, call: Call, *, organization: str) -> models.NetworkSecurity:
        return _network(administrated(call, organization, "org.read"))

    def update_network_security(
        self,
        call: Call,
        *,
        organization: str,
        enforce_auth: bool | None = None,
        enforce_ip_restriction: bool | None = None,
        high_rate_limits: bool | None = None,
        ip_ranges: Sequence[str] | None = None,
        blocked_contents: Sequence[models.NetworkContent] | None = None,
        allowed_contents: Sequence[models.NetworkContent] | None = None,
        keep_repos_metadata_visible: bool | None = None,
    ) -> models.NetworkSecurity:
        found = administrated(call, organization, "org.write")
        for text in ip_ranges or ():
            try:
                ip_network(text, strict=False)
            except ValueError:
                raise bad_request(f"Invalid network {text!r}: expected one like 10.0.0.0/8") from None
        change = models.NetworkSecurity(
            enforce_auth=enforce_auth,
            enforce_ip_restriction=enforce_ip_restriction,
            high_rate_limits=high_rate_limits,
            ip_ranges=None if ip_ranges is None else list(ip_ranges),
            blocked_contents=None if blocked_contents is None else list(blocked_contents),
            allowed_contents=None if allowed_contents is None else list(allowed_contents),
            keep_repos_metadata_visible=keep_repos_metadata_visible,
        )
        given = {name: value for name, value in unstructure_network_security(change).items() if value is not None}
        call.audit(found.name, "org.settings.network", "Changed the security of the network", **given)
        return _network(call.accounts.secure_network(found, given))

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


def _searched(event: models.AuditEvent) -> str:
    author = event.author.user if event.author else ""
    return f"{event.type} {event.message} {author}".lower()


def _network(organization: Organization) -> models.NetworkSecurity:
    """Describe the security of the network; nothing is restricted by default."""
    return structure_network_security({**_OPEN_NETWORK, **organization.network})


def _groups_of(call: Call, user: str, organization: str) -> list[models.ResourceGroup]:
    return [
        models.ResourceGroup(id=group.id, name=group.name, role=role)
        for group, role in call.accounts.groups.groups_of(user, organization)
    ]


def _revoke(call: Call, name: str, token: Identity | None) -> None:
    """Revoke the access of a member's token to an organization that the caller administrates.

    Raises:
        HubResponseError: Errors of `administrated`; 404, there is no such token.
    """
    organization = administrated(call, name, "org.write")
    if token is None or token.user.name not in organization.members:
        raise not_found("No member of this organization has this token")
    call.accounts.revoke_token(token.token, organization.name)
    call.audit(
        organization.name,
        "org.token_approval.authorization_request.revoked",
        f"Revoked a token of {token.user.name}",
        user=token.user.name,
        token=token.id,
    )
