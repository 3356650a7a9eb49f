"""The operations of the area organizations as the requests they become."""

from __future__ import annotations

from hub_typed_api import models as m
from hub_typed_api.operations import organizations
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(organizations.get_organization_socials, "GET /api/organizations/acme/socials", organization="acme"),
    becomes(
        organizations.get_organization_avatar,
        "GET /api/organizations/acme/avatar",
        "redirect=true",
        organization="acme",
        redirect=True,
    ),
    becomes(
        organizations.set_member_role,
        "PUT /api/organizations/acme/members/bob/role",
        "content-type: application/json",
        '{"role": "admin", "resourceGroups": [{"id": "id", "role": "admin"}]}',
        organization="acme",
        username="bob",
        role="admin",
        resource_groups=[m.MemberResourceGroup(id="id", role="admin")],
    ),
    becomes(
        organizations.export_audit_log,
        "GET /api/organizations/acme/audit-log/export",
        "q=q",
        organization="acme",
        q="q",
    ),
    becomes(
        organizations.get_network_security, "GET /api/organizations/acme/settings/network-security", organization="acme"
    ),
    becomes(
        organizations.update_network_security,
        "PATCH /api/organizations/acme/settings/network-security",
        "content-type: application/json",
        '{"enforceAuth": true, "enforceIpRestriction": true, "highRateLimits": true,'
        ' "ipRanges": ["ip range"], "blockedContents": [{"resource": "model", "scope": "scope"}],'
        ' "allowedContents": [{"resource": "model", "scope": "scope"}], "keepReposMetadataVisible": true}',
        organization="acme",
        enforce_auth=True,
        enforce_ip_restriction=True,
        high_rate_limits=True,
        ip_ranges=["ip range"],
        blocked_contents=[m.NetworkContent(resource="model", scope="scope")],
        allowed_contents=[m.NetworkContent(resource="model", scope="scope")],
        keep_repos_metadata_visible=True,
    ),
]
LEAST: dict[str, list[str]] = {
    "organizations.get_organization_avatar": ["GET /api/organizations/acme/avatar"],
    "organizations.set_member_role": [
        "PUT /api/organizations/acme/members/bob/role",
        "content-type: application/json",
        '{"role": "admin"}',
    ],
    "organizations.export_audit_log": ["GET /api/organizations/acme/audit-log/export"],
    "organizations.update_network_security": [
        "PATCH /api/organizations/acme/settings/network-security",
        "content-type: application/json",
        "{}",
    ],
}
ONCE = {"organizations.update_network_security"}
PLACES = ("organization", "username")
