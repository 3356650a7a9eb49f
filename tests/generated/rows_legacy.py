"""Rows of the operations that only old clients send."""

from __future__ import annotations

from hub_typed_api.operations import legacy
from tests.generated.rows import becomes

__all__ = ["EVERY", "LEAST", "ONCE", "WITHOUT_TOKEN"]

EVERY = [
    becomes(legacy.list_repos_objs, "GET /api/repos/ls", "organization=team", organization="team"),
    becomes(
        legacy.login_password,
        "POST /api/login",
        "content-type: application/json",
        '{"username": "ann", "password": "secret"}',
        username="ann",
        password="secret",
    ),
    becomes(legacy.logout, "POST /api/logout"),
    becomes(legacy.whoami_v1, "GET /api/whoami"),
    becomes(
        legacy.upload_file_v1,
        "POST /api/datasets/ann/set/upload/dev%2F1/data/a%20b.csv",
        "bytes",
        repo_id="ann/set",
        path_in_repo="data/a b.csv",
        repo_type="dataset",
        revision="dev/1",
        body=b"bytes",
    ),
    becomes(
        legacy.delete_file_v1,
        "DELETE /api/spaces/ann/app/delete/main/data/a.csv",
        repo_id="ann/app",
        path_in_repo="data/a.csv",
        repo_type="space",
        revision="main",
    ),
    becomes(
        legacy.update_repo_visibility_v1,
        "PUT /api/repos/models/ann/m/settings",
        "content-type: application/json",
        '{"private": false}',
        repo_id="ann/m",
        repo_type="model",
        private=False,
    ),
    becomes(legacy.list_metrics, "GET /api/metrics"),
]
LEAST = {
    "legacy.upload_file_v1": ["POST /api/models/ann/set/upload/main/data/a%20b.csv", "bytes"],
    "legacy.delete_file_v1": ["DELETE /api/models/ann/app/delete/main/data/a.csv"],
}
ONCE = ["legacy.login_password", "legacy.logout", "legacy.upload_file_v1"]
WITHOUT_TOKEN = ["legacy.login_password"]
