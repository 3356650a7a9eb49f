"""The operations of the area agentic_provisioning as the requests they become."""

from __future__ import annotations

from datetime import UTC, datetime

from hub_typed_api import models as m
from hub_typed_api.operations import agentic_provisioning
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

JSON = "content-type: application/json"
API = "/api/agentic/provisioning"

EVERY = [
    becomes(agentic_provisioning.get_provisioning_health, f"GET {API}/health"),
    becomes(agentic_provisioning.list_provisioning_services, f"GET {API}/services"),
    becomes(
        agentic_provisioning.request_provisioning_account,
        f"POST {API}/account_requests",
        JSON,
        '{"id": "r1", "object": "account_request", "name": "Ann", "email": "ann@hub.test", "scopes": ["read"],'
        ' "phone": "1", "country": "FR", "kyc": {"verified_fields": ["email"]}, "client_capabilities": ["browser"],'
        ' "configuration": {"a": 1}, "confirmation_secret": "s", "expires_at": "2026-01-02T03:04:05.000Z",'
        ' "orchestrator": {"type": "stripe", "stripe": {"account": "acct"}}}',
        request_id="r1",
        object="account_request",
        name="Ann",
        email="ann@hub.test",
        scopes=["read"],
        phone="1",
        country="FR",
        kyc=m.ProvisioningVerification(verified_fields=["email"]),
        client_capabilities=["browser"],
        configuration={"a": 1},
        confirmation_secret="s",
        expires_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        orchestrator=m.ProvisioningOrchestrator(type="stripe", stripe=m.StripeAccount(account="acct")),
    ),
    becomes(
        agentic_provisioning.provision_resource,
        f"POST {API}/resources",
        JSON,
        '{"service_id": "bucket", "configuration": {"name": "data", "visibility": "private"},'
        ' "payment_credentials": {"type": "stripe_payment_token", "stripe_payment_token": "t"}}',
        service_id="bucket",
        configuration=m.ServiceConfiguration(name="data", visibility="private"),
        payment_credentials=m.PaymentCredentials(type="stripe_payment_token", stripe_payment_token="t"),
    ),
    becomes(agentic_provisioning.get_provisioned_resource, f"GET {API}/resources/r1", resource_id="r1"),
    becomes(
        agentic_provisioning.update_provisioned_service,
        f"POST {API}/resources/r1/update_service",
        JSON,
        '{"service_id": "pro", "configuration": {"rechargeAmountUsd": null},'
        ' "payment_credentials": {"type": "stripe_payment_token"}}',
        resource_id="r1",
        service_id="pro",
        configuration={"rechargeAmountUsd": None},
        payment_credentials=m.PaymentCredentials(type="stripe_payment_token"),
    ),
    becomes(agentic_provisioning.remove_provisioned_resource, f"POST {API}/resources/r1/remove", resource_id="r1"),
    becomes(
        agentic_provisioning.rotate_provisioned_credentials,
        f"POST {API}/resources/r1/rotate_credentials",
        resource_id="r1",
    ),
    becomes(
        agentic_provisioning.create_provisioning_link,
        f"POST {API}/deep_links",
        JSON,
        '{"purpose": "dashboard"}',
        purpose="dashboard",
    ),
]
LEAST: dict[str, list[str]] = {
    "agentic_provisioning.request_provisioning_account": [
        f"POST {API}/account_requests",
        JSON,
        (
            '{"id": "r1", "object": "account_request", "email": "ann@hub.test", "scopes": ["read"],'
            ' "client_capabilities": ["browser"], "confirmation_secret": "s", "expires_at": "2026-01-02T03:04:05.000Z",'
            ' "orchestrator": {"type": "stripe", "stripe": {"account": "acct"}}}'
        ),
    ],
    "agentic_provisioning.provision_resource": [f"POST {API}/resources", JSON, '{"service_id": "bucket"}'],
    "agentic_provisioning.update_provisioned_service": [f"POST {API}/resources/r1/update_service", JSON, "{}"],
}
ONCE = {
    "agentic_provisioning.request_provisioning_account",
    "agentic_provisioning.provision_resource",
    "agentic_provisioning.update_provisioned_service",
    "agentic_provisioning.remove_provisioned_resource",
    "agentic_provisioning.rotate_provisioned_credentials",
    "agentic_provisioning.create_provisioning_link",
}
PLACES = ("resource_id",)
