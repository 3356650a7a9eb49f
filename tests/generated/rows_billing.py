"""The operations of the area billing as the requests they become."""

from __future__ import annotations

from datetime import UTC, datetime

from hub_typed_api.operations import billing
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "PLACES", "STREAMS"]

EVERY = [
    becomes(billing.get_my_usage, "GET /api/settings/billing/usage", "periodId=period id", period_id="period id"),
    becomes(
        billing.get_my_usage_v2,
        "GET /api/settings/billing/usage-v2",
        "startDate=2",
        "endDate=2",
        start_date=2,
        end_date=2,
    ),
    becomes(
        billing.get_my_usage_by_inference_session,
        "GET /api/settings/billing/usage-by-inference-session",
        "startDate=2026-01-02T00:00:00.000Z",
        "endDate=2026-01-02T00:00:00.000Z",
        start_date=datetime(2026, 1, 2, tzinfo=UTC),
        end_date=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    becomes(billing.get_my_jobs_usage, "GET /api/settings/billing/usage/jobs"),
    becomes(billing.stream_my_usage, "GET /api/settings/billing/usage/live", "accept: text/event-stream"),
    becomes(billing.stream_my_metrics, "GET /api/settings/metrics/live", "accept: text/event-stream"),
    becomes(
        billing.stream_named_user_usage,
        "GET /api/users/bob/billing/usage/live",
        "accept: text/event-stream",
        username="bob",
    ),
    becomes(
        billing.get_organization_usage,
        "GET /api/organizations/acme/billing/usage",
        "periodId=period id",
        organization="acme",
        period_id="period id",
    ),
    becomes(
        billing.get_organization_usage_v2,
        "GET /api/organizations/acme/billing/usage-v2",
        "startDate=2",
        "endDate=2",
        organization="acme",
        start_date=2,
        end_date=2,
    ),
    becomes(
        billing.get_organization_usage_by_resource_group,
        "GET /api/organizations/acme/billing/usage-by-resource-group",
        "startDate=2026-01-02T00:00:00.000Z",
        "endDate=2026-01-02T00:00:00.000Z",
        organization="acme",
        start_date=datetime(2026, 1, 2, tzinfo=UTC),
        end_date=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    becomes(
        billing.get_organization_usage_by_inference_session,
        "GET /api/organizations/acme/billing/usage-by-inference-session",
        "startDate=2026-01-02T00:00:00.000Z",
        "endDate=2026-01-02T00:00:00.000Z",
        organization="acme",
        start_date=datetime(2026, 1, 2, tzinfo=UTC),
        end_date=datetime(2026, 1, 2, tzinfo=UTC),
    ),
    becomes(
        billing.stream_organization_usage,
        "GET /api/organizations/acme/billing/usage/live",
        "accept: text/event-stream",
        organization="acme",
    ),
]
LEAST: dict[str, list[str]] = {
    "billing.get_my_usage": ["GET /api/settings/billing/usage"],
    "billing.get_my_usage_v2": ["GET /api/settings/billing/usage-v2", "startDate=2", "endDate=2"],
    "billing.get_my_usage_by_inference_session": ["GET /api/settings/billing/usage-by-inference-session"],
    "billing.get_organization_usage": ["GET /api/organizations/acme/billing/usage"],
    "billing.get_organization_usage_v2": ["GET /api/organizations/acme/billing/usage-v2", "startDate=2", "endDate=2"],
    "billing.get_organization_usage_by_resource_group": ["GET /api/organizations/acme/billing/usage-by-resource-group"],
    "billing.get_organization_usage_by_inference_session": [
        "GET /api/organizations/acme/billing/usage-by-inference-session"
    ],
}
STREAMS = {
    "billing.stream_my_metrics",
    "billing.stream_my_usage",
    "billing.stream_named_user_usage",
    "billing.stream_organization_usage",
}
PLACES = ("username", "organization")
