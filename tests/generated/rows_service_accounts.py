"""The operations of the area service accounts as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import service_accounts
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        service_accounts.list_service_accounts, "GET /api/organizations/acme/service-accounts", organization="acme"
    ),
    becomes(
        service_accounts.create_service_account,
        "POST /api/organizations/acme/service-accounts",
        "content-type: application/json",
        '{"name": "name", "description": "description"}',
        organization="acme",
        name="name",
        description="description",
    ),
    becomes(
        service_accounts.get_service_account,
        "GET /api/organizations/acme/service-accounts/service%20account%20id",
        organization="acme",
        service_account_id="service account id",
    ),
    becomes(
        service_accounts.delete_service_account,
        "DELETE /api/organizations/acme/service-accounts/service%20account%20id",
        organization="acme",
        service_account_id="service account id",
    ),
    becomes(
        service_accounts.create_service_account_token,
        "POST /api/organizations/acme/service-accounts/service%20account%20id/tokens",
        "content-type: application/json",
        '{"displayName": "display name", "permissions": ["repo.content.read"], "repoIds": ["ann/set"],'
        ' "repoPermissions": ["repo.content.read"], "endpointPatterns": ["endpoint pattern"],'
        ' "skipNetworkSecurity": true}',
        organization="acme",
        service_account_id="service account id",
        display_name="display name",
        permissions=["repo.content.read"],
        repo_ids=["ann/set"],
        repo_permissions=["repo.content.read"],
        endpoint_patterns=["endpoint pattern"],
        skip_network_security=True,
    ),
    becomes(
        service_accounts.update_service_account_token,
        "PATCH /api/organizations/acme/service-accounts/service%20account%20id/tokens/token%20id",
        "content-type: application/json",
        '{"displayName": "display name", "permissions": ["repo.content.read"], "repoIds": ["ann/set"],'
        ' "repoPermissions": ["repo.content.read"], "endpointPatterns": ["endpoint pattern"],'
        ' "skipNetworkSecurity": true}',
        organization="acme",
        service_account_id="service account id",
        token_id="token id",
        display_name="display name",
        permissions=["repo.content.read"],
        repo_ids=["ann/set"],
        repo_permissions=["repo.content.read"],
        endpoint_patterns=["endpoint pattern"],
        skip_network_security=True,
    ),
    becomes(
        service_accounts.delete_service_account_token,
        "DELETE /api/organizations/acme/service-accounts/service%20account%20id/tokens/token%20id",
        organization="acme",
        service_account_id="service account id",
        token_id="token id",
    ),
    becomes(
        service_accounts.rotate_service_account_token,
        "POST /api/organizations/acme/service-accounts/service%20account%20id/tokens/token%20id/rotate",
        organization="acme",
        service_account_id="service account id",
        token_id="token id",
    ),
]
LEAST: dict[str, list[str]] = {
    "service_accounts.create_service_account": [
        "POST /api/organizations/acme/service-accounts",
        "content-type: application/json",
        '{"name": "name"}',
    ],
    "service_accounts.create_service_account_token": [
        "POST /api/organizations/acme/service-accounts/service%20account%20id/tokens",
        "content-type: application/json",
        "{}",
    ],
    "service_accounts.update_service_account_token": [
        "PATCH /api/organizations/acme/service-accounts/service%20account%20id/tokens/token%20id",
        "content-type: application/json",
        "{}",
    ],
}
ONCE = {
    "service_accounts.create_service_account",
    "service_accounts.create_service_account_token",
    "service_accounts.rotate_service_account_token",
    "service_accounts.update_service_account_token",
}
PLACES = ("organization", "service_account_id", "token_id")
