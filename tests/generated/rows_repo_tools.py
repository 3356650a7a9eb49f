"""The operations of the area repo tools as the requests they become."""

from __future__ import annotations

from datetime import UTC, datetime

from hub_typed_api.operations import repo_tools
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "PLACES"]

EVERY = [
    becomes(
        repo_tools.get_tree_size,
        "GET /api/models/ann/set/treesize/refs%2Fpr%2F1/a%20b%2Fc.ipynb",
        repo_id="ann/set",
        repo_type="model",
        revision="refs/pr/1",
        path_in_repo="a b/c.ipynb",
    ),
    becomes(
        repo_tools.compare_revisions,
        "GET /api/models/ann/set/compare/main..dev",
        "raw=true",
        repo_id="ann/set",
        compare="main..dev",
        repo_type="model",
        raw=True,
    ),
    becomes(
        repo_tools.get_notebook_url,
        "GET /api/models/ann/set/notebook/refs%2Fpr%2F1/a%20b%2Fc.ipynb",
        repo_id="ann/set",
        path_in_repo="a b/c.ipynb",
        repo_type="model",
        revision="refs/pr/1",
    ),
    becomes(repo_tools.get_repo_scan, "GET /api/models/ann/set/scan", repo_id="ann/set", repo_type="model"),
    becomes(
        repo_tools.get_repo_jwt,
        "GET /api/models/ann/set/jwt",
        "write=true",
        "expiration=2026-01-02T00:00:00.000Z",
        "expires_in=2",
        "encrypted=true",
        "inference_api=true",
        "include_pro_status=true",
        "billing_details=true",
        repo_id="ann/set",
        repo_type="model",
        write=True,
        expiration=datetime(2026, 1, 2, tzinfo=UTC),
        expires_in=2,
        encrypted=True,
        inference_api=True,
        include_pro_status=True,
        billing_details=True,
    ),
    becomes(
        repo_tools.get_repo_resource_group,
        "GET /api/models/ann/set/resource-group",
        repo_id="ann/set",
        repo_type="model",
    ),
    becomes(
        repo_tools.set_repo_resource_group,
        "POST /api/models/ann/set/resource-group",
        "content-type: application/json",
        '{"resourceGroupId": "resource group id"}',
        repo_id="ann/set",
        repo_type="model",
        resource_group_id="resource group id",
    ),
]
LEAST: dict[str, list[str]] = {
    "repo_tools.get_tree_size": ["GET /api/models/ann/set/treesize/main"],
    "repo_tools.compare_revisions": ["GET /api/models/ann/set/compare/main..dev"],
    "repo_tools.get_notebook_url": ["GET /api/models/ann/set/notebook/main/a%20b%2Fc.ipynb"],
    "repo_tools.get_repo_jwt": ["GET /api/models/ann/set/jwt"],
}
ONCE = {"repo_tools.set_repo_resource_group"}
PLACES = ("compare",)
