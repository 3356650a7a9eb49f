"""The operations of the area registry as the requests they become."""

from __future__ import annotations

from hub_typed_api.operations import registry
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST"]

EVERY = [
    becomes(
        registry.get_registry_token,
        "GET /api/registry/token",
        "service=service",
        "scope=scope",
        service="service",
        scope=["scope"],
    ),
]
LEAST: dict[str, list[str]] = {
    "registry.get_registry_token": ["GET /api/registry/token", "service=service"],
}
